import { Pool } from 'undici'
import type { Problem } from '../server/http/contract'
import type { PartName } from './schedule'

export type Answer<T> =
  | { kind: 'ok'; body: T; sentAt: number; at: number }
  /** a problem document, with its code */
  | { kind: 'problem'; status: number; code: string; retryAfterMs: number | undefined; sentAt: number; at: number }
  /** no whole reply came: whether it was done is unknown */
  | { kind: 'lost'; sentAt: number; at: number }

/** What a payer met that isn't an answer of the product: judged when it is known who was away. */
export interface Failure {
  route: string
  bff: PartName
  from: number
  to: number
  /** 0 when no reply came */
  status: number
  code: string
  retryAfter: boolean
}

export interface CallOptions {
  token?: string | undefined
  key?: string
  body?: unknown
  /** of a caller who waits no longer, ms; that no answer came by then is nobody's failure */
  patienceMs?: number | undefined
}

export interface Client {
  bffs: number
  call<T>(bff: number, method: 'GET' | 'POST', path: string, options?: CallOptions): Promise<Answer<T>>
  failures: readonly Failure[]
  close(): Promise<void>
}

const CONNECTIONS = 64

/** HTTP to the BFFs, as payers' phones speak it: no reply is retried here. `longestMs`: when no answer is a failure, of which the BFF is judged. */
export function clientOf(urls: readonly string[], longestMs: number): Client {
  const pools = urls.map((url) => new Pool(url, { connections: CONNECTIONS }))
  const failures: Failure[] = []

  async function call<T>(
    bff: number,
    method: 'GET' | 'POST',
    path: string,
    options: CallOptions = {},
  ): Promise<Answer<T>> {
    const { token, key, body, patienceMs = longestMs } = options
    const sentAt = Date.now()
    const fail = (status: number, code: string, retryAfter: boolean) => {
      const route = `${method} ${path.replace(/\/[FR]\d{8}-[A-Z0-9-]+/, '/:no').split('?')[0]}`
      failures.push({ route, bff: `bff-${bff + 1}`, from: sentAt, to: Date.now(), status, code, retryAfter })
    }
    try {
      const reply = await pools[bff]!.request({
        method,
        path,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(key && { 'idempotency-key': key }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(patienceMs),
      })
      const value = JSON.parse(await reply.body.text()) as T
      const at = Date.now()
      if (reply.statusCode < 400) return { kind: 'ok', body: value, sentAt, at }
      const { code } = value as Problem
      const after = reply.headers['retry-after']
      if (reply.statusCode >= 500) fail(reply.statusCode, code, Number(after) > 0)
      return {
        kind: 'problem',
        status: reply.statusCode,
        code,
        retryAfterMs: after ? Number(after) * 1_000 : undefined,
        sentAt,
        at,
      }
    } catch (error) {
      const { name, code } = error as { name?: string; code?: string | number }
      if (name !== 'TimeoutError' || patienceMs === longestMs)
        fail(0, name === 'TimeoutError' ? 'no answer in time' : String(code ?? name), false)
      return { kind: 'lost', sentAt, at: Date.now() }
    }
  }

  return {
    bffs: urls.length,
    call,
    failures,
    close: async () => void (await Promise.all(pools.map((pool) => pool.destroy()))),
  }
}
