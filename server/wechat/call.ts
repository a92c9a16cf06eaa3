import { z } from 'zod'
import { jsonOf } from '../domain/json'
import type { PlatformToken } from './token'

/** What WeChat said: its errcode, 0 for done; null when it said nothing that can be believed, and nobody knows what it did. */
export type Said = { errcode: number } | null

/** Posts to an interface of WeChat's own (`/wxa/…`, `/cgi-bin/…`). @throws TokenUnavailable before anything is sent */
export type Call = (path: string, body: unknown) => Promise<Said>

export interface CallOptions {
  /** https://api.weixin.qq.com */
  baseUrl: string
  timeoutMs: number
}

const answer = z.object({ errcode: z.int() })

/** It doesn't take the token: nothing was done, and the next one may do. 40014 is the one that was never any. */
const STALE = new Set([40001, 40014, 42001])

/** A token that WeChat refuses is asked for anew, and the call made once more. */
export function wechatCalls({ baseUrl, timeoutMs }: CallOptions, { token, drop }: PlatformToken): Call {
  return async (path, body) => {
    const first = await token()
    const said = await post(first)
    if (!said || !STALE.has(said.errcode)) return said
    drop(first)
    return post(await token())

    async function post(accessToken: string): Promise<Said> {
      const address = new URL(path, baseUrl)
      address.searchParams.set('access_token', accessToken)
      try {
        const reply = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(timeoutMs),
          redirect: 'error',
        })
        // The address holds the token, so no error of it goes further.
        return reply.status === 200 ? (answer.safeParse(jsonOf(await reply.text())).data ?? null) : null
      } catch {
        return null
      }
    }
  }
}
