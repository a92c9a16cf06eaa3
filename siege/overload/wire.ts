import { Pool } from 'undici'
import type { Problem } from '../../server/http/contract'
import { PATIENCE_MS } from '../telephone'
import { count, type Kind, type Reply, type Tally } from './tally'

export interface Asking {
  token?: string
  body?: unknown
  key?: string
  /** the address of who asks */
  from: string
}

export type Ask = (method: 'GET' | 'POST', path: string, asking: Asking) => Promise<Reply>
/** The same, and counts what came of it from when it was due. */
export type Counts = (kind: Kind, dueAt: number, ...asked: Parameters<Ask>) => Promise<Reply>

/** Everybody's way to the house: a proxy of its own, as nginx is. */
export interface Wire {
  ask: Ask
  counts: Counts
  /** From now on what is due counts here. */
  countIn(tally: Tally): void
  /** what counts now */
  tally(): Tally | undefined
  close(): Promise<void>
}

/** nginx takes as many connections as it has to; beyond these somebody waits for one, and it counts. */
const CONNECTIONS = 1_500

/** @param url what trusts its proxy at 127.0.0.1 */
export function openWire(url: string): Wire {
  const pool = new Pool(url, {
    connections: CONNECTIONS,
    headersTimeout: PATIENCE_MS,
    bodyTimeout: PATIENCE_MS,
    connect: { timeout: PATIENCE_MS },
  })
  let counted: { tally: Tally; from: number } | undefined

  const ask: Ask = async (method, path, { token, body, key, from }) => {
    try {
      const reply = await pool.request({
        method,
        path,
        headers: {
          'x-forwarded-for': from,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token && { authorization: `Bearer ${token}` }),
          ...(key && { 'idempotency-key': key }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      })
      const said = await reply.body.json()
      const after = reply.headers['retry-after']
      const code = reply.statusCode < 400 ? '' : (said as Problem).code
      return { status: reply.statusCode, code, retryAfterS: after ? Number(after) : undefined, body: said }
    } catch (error) {
      const code = (error as { code?: string }).code ?? String(error)
      return { status: 0, code, retryAfterS: undefined, body: undefined }
    }
  }

  return {
    ask,
    async counts(kind, dueAt, ...asked) {
      const into = counted
      const reply = await ask(...asked)
      if (into) count(into.tally, kind, reply, performance.now() - dueAt, dueAt - into.from)
      return reply
    },
    countIn(tally) {
      counted = { tally, from: performance.now() }
    },
    tally: () => counted?.tally,
    close: () => pool.destroy(),
  }
}
