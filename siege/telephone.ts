import { Client } from 'undici'
import type { Problem } from '../server/http/contract'
import { pause } from './attack'

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

type Ask = <T>(step: string, method: 'GET' | 'POST', path: string, asking?: Asking) => Promise<T>

/** One honest person's browser: an address, a device and a connection of its own, as on the street. */
export interface Telephone {
  localAddress: string
  /** @throws Kept for any answer but a good one */
  ask: Ask
  /** The same, and comes again when told to, as our pages do. @throws Kept for any other refusal, and when it takes too long */
  askAgain: Ask
  /** ms spent in both so far, waiting to come again included */
  waitedMs(): number
  /** how often it was told to come again */
  toldToWait(): number
  close(): Promise<void>
}

/** `network`: 1 … 99, so that no two of different networks share an address; loopback has sixteen million of them. */
export function telephone(url: string, network: number, nth: number): Telephone {
  const localAddress = `127.${100 + network}.${(nth >> 8) % 256}.${1 + (nth % 254)}`
  const connect = { timeout: PATIENCE_MS }
  const client = new Client(url, { localAddress, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS, connect })
  let waitedMs = 0
  let toldToWait = 0
  async function ask<T>(step: string, method: 'GET' | 'POST', path: string, { token, body, key }: Asking = {}) {
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
  }
  return {
    localAddress,
    ask,
    async askAgain<T>(step: string, method: 'GET' | 'POST', path: string, asking: Asking = {}) {
      for (const from = waitedMs; ; ) {
        try {
          return await ask<T>(step, method, path, asking)
        } catch (error) {
          const { retryAfterS } = error as Kept
          if (retryAfterS === undefined || waitedMs - from > PATIENCE_MS) throw error
          toldToWait++
          waitedMs += retryAfterS * 1_000
          await pause(retryAfterS * 1_000)
        }
      }
    },
    waitedMs: () => waitedMs,
    toldToWait: () => toldToWait,
    close: () => client.destroy().catch(() => {}),
  }
}
