import { z } from 'zod'
import { disclose, enclose } from '../domain/enclose'
import { jsonOf } from '../domain/json'
import type { Clock, Random, Shared } from '../flow/ports'

/**
 * The token by which we call WeChat's own interfaces (`stable_token`), one of all our processes. Source: developers.weixin.qq.com, "获取稳定版接口调用凭据":
 * it is the same for whoever asks, until its last five minutes, when asking gives a new one and the old one is good for five more.
 */

export interface TokenOptions {
  baseUrl: string
  appId: string
  secret: string
  timeoutMs: number
  shared: Shared
  /** what is shared is encrypted under it */
  sealKey: Uint8Array
  clock: Clock
  random: Random
  /** waits while another process asks */
  pause(ms: number): Promise<void>
}

export interface PlatformToken {
  /** Asks WeChat when there is none, or it is in its last five minutes; once for all who wait. @throws TokenUnavailable */
  token(): Promise<string>
  /** WeChat refused this one (40001, 42001): the next is asked for. */
  drop(token: string): void
}

/** WeChat gives none: it is away, or its answer is an error of ours, which the errcode says. No secret or token is in it. */
export class TokenUnavailable extends Error {
  override name = 'TokenUnavailable'
}

const OVERLAP_MS = 5 * 60_000
/** Longer than WeChat takes; a process that died asking holds up the others for no longer. */
const CLAIM_MS = 10_000
const LOOK_AGAIN_MS = 100

interface Kept {
  text: string
  endsAt: number
}

const answer = z.object({ access_token: z.string().min(1).max(1_024), expires_in: z.int().min(1).max(7_200) })

export function stableToken(options: TokenOptions): PlatformToken {
  const { clock, shared, pause } = options
  const name = `wechat-token ${options.appId}`
  let own: Kept | undefined
  let dropped: string | undefined
  let asking: Promise<Kept> | undefined

  const good = (kept: Kept | undefined, forMs: number) =>
    kept && kept.text !== dropped && clock.now() < kept.endsAt - forMs ? kept : undefined

  /** What all processes share; without Redis each asks by itself, and WeChat gives them the same. */
  async function told(): Promise<Kept | undefined> {
    const sealed = await shared.get(name).catch(() => undefined)
    const text = sealed && disclose(options.sealKey, name, sealed)
    return text ? (JSON.parse(text) as Kept) : undefined
  }

  async function renewed(): Promise<Kept> {
    for (let waited = 0; waited < CLAIM_MS; waited += LOOK_AGAIN_MS) {
      const kept = await told()
      const fresh = good(kept, OVERLAP_MS)
      if (fresh) return fresh
      if (await shared.claim(name, CLAIM_MS).catch(() => true)) break
      const old = good(kept, 0)
      if (old) return old
      await pause(LOOK_AGAIN_MS)
    }
    const got = await ask(options)
    const sealed = enclose(options.sealKey, name, JSON.stringify(got), options.random(12))
    await shared.put(name, sealed, Math.max(1, got.endsAt - clock.now())).catch(() => {})
    return got
  }

  return {
    async token() {
      const fresh = good(own, OVERLAP_MS)
      if (fresh) return fresh.text
      asking ??= renewed().finally(() => {
        asking = undefined
      })
      own = await asking
      return own.text
    },
    drop(token) {
      dropped = token
    },
  }
}

async function ask({ baseUrl, appId, secret, timeoutMs, clock }: TokenOptions): Promise<Kept> {
  const began = clock.now()
  const text = await fetch(new URL('/cgi-bin/stable_token', baseUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'client_credential', appid: appId, secret }),
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'error',
  }).then(
    (reply) => (reply.status === 200 ? reply.text() : undefined),
    () => undefined,
  )
  if (text === undefined) throw new TokenUnavailable('WeChat: no answer')
  const value = jsonOf(text)
  const read = answer.safeParse(value)
  if (!read.success) throw new TokenUnavailable(`WeChat: errcode ${Number((value as { errcode?: unknown })?.errcode)}`)
  return { text: read.data.access_token, endsAt: began + read.data.expires_in * 1_000 }
}
