import { Client } from 'undici'
import type { Problem } from '../server/http/contract'

/** Far longer than anybody waits: what comes later is a failure, and what comes sooner is a time. */
export const PATIENCE_MS = 30_000

/** What an honest person was answered instead of what they asked for, or that they weren't. */
export class Kept extends Error {
  constructor(
    step: string,
    /** 0: no answer */
    readonly status: number,
    readonly code: string,
    readonly retryAfterS: number | undefined,
  ) {
    super(`${step}: ${status || ''} ${code}`)
  }
}

export interface Asking {
  token?: string
  body?: unknown
  key?: string
}

/** One honest person's browser: an address, a device and a connection of its own, as on the street. */
export interface Telephone {
  localAddress: string
  /** @throws Kept for any answer but a good one */
  ask<T>(step: string, method: 'GET' | 'POST', path: string, asking?: Asking): Promise<T>
  /** ms spent in `ask` so far */
  waitedMs(): number
  close(): Promise<void>
}

/** `network`: 1 … 99, so that no two of different networks share an address; loopback has sixteen million of them. */
export function telephone(url: string, network: number, nth: number): Telephone {
  const localAddress = `127.${100 + network}.${(nth >> 8) % 256}.${1 + (nth % 254)}`
  const connect = { timeout: PATIENCE_MS }
  const client = new Client(url, { localAddress, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS, connect })
  let waitedMs = 0
  return {
    localAddress,
    waitedMs: () => waitedMs,
    close: () => client.destroy().catch(() => {}),
    async ask<T>(step: string, method: 'GET' | 'POST', path: string, { token, body, key }: Asking = {}) {
      const from = performance.now()
      try {
        const reply = await client.request({
          method,
          path,
          headers: {
            'x-fapai-device': `honest-device-${network}-${nth}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...(token && { authorization: `Bearer ${token}` }),
            ...(key && { 'idempotency-key': key }),
          },
          body: body === undefined ? null : JSON.stringify(body),
        })
        const answer = await reply.body.json()
        if (reply.statusCode < 400) return answer as T
        const after = reply.headers['retry-after']
        throw new Kept(step, reply.statusCode, (answer as Problem).code, after ? Number(after) : undefined)
      } catch (error) {
        if (error instanceof Kept) throw error
        throw new Kept(step, 0, (error as { code?: string }).code ?? String(error), undefined)
      } finally {
        waitedMs += performance.now() - from
      }
    },
  }
}
