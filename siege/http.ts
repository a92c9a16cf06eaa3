import { Pool } from 'undici'
import { type Front, pause } from './attack'

export interface Sending {
  token?: string | undefined
  body?: unknown
  /** sent as it is, instead of `body` as JSON */
  raw?: { type: string; text: string | Buffer }
  headers?: Record<string, string>
  /** from which of the attackers' addresses; the first unless told */
  from?: number
}

export type Send = (method: string, path: string, sending?: Sending) => Promise<number>

/** Who gets no answer at once tries again, but not as fast as a machine can. */
const AFTER_LOSS_MS = 20
const PATIENCE_MS = 20_000

/** HTTP from the attackers' addresses, so many connections from each; every answer is counted. Gives the status, 0 for none. */
export function sender(front: Front, connections: number, { host, port } = front.house): Send {
  const pools = front.addresses.map(
    (localAddress) =>
      new Pool(`http://${host}:${port}`, {
        connections,
        localAddress,
        headersTimeout: PATIENCE_MS,
        connect: { timeout: 5_000 },
      }),
  )
  void front.over.then(() => pools.map((pool) => pool.destroy().catch(() => {})))
  return async (method, path, { token, body, raw, headers, from = 0 } = {}) => {
    const sent = raw ?? (body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) })
    front.sent()
    try {
      const reply = await pools[from % pools.length]!.request({
        method: method as 'GET',
        path,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(sent && { 'content-type': sent.type }),
          ...headers,
        },
        body: sent?.text ?? null,
      })
      const text = reply.statusCode >= 500 ? await reply.body.text() : void (await reply.body.dump({ limit: 1e9 }))
      front.answered(reply.statusCode, reply.headers['retry-after'] !== undefined, () => `${method} ${path}: ${text}`)
      return reply.statusCode
    } catch (error) {
      const { code, name } = error as { code?: string; name: string }
      if (!front.going()) return 0
      front.lost(code ?? name)
      await pause(AFTER_LOSS_MS)
      return 0
    }
  }
}
