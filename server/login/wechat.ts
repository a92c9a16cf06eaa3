import { z } from 'zod'
import { jsonOf } from '../domain/json'
import { type LoginProvider, LoginUnavailable, type PageLogin } from '../flow/ports'

/**
 * WeChat's word on who a code stands for: `code2Session` for its mini-program, OAuth2 (`snsapi_base`) for a page in its browser.
 * Source: developers.weixin.qq.com, "小程序登录" and "网页授权".
 */

export interface WechatOptions {
  /** https://api.weixin.qq.com */
  baseUrl: string
  appId: string
  secret: string
  timeoutMs: number
  /** Something that only an operator can mend, or that should be counted. No code, secret or openid is in it. */
  onFault(fault: { errcode: number | null; reason: string }): void
}

export function wechatMiniProgram(options: WechatOptions): LoginProvider {
  return provider(options, '/sns/jscode2session', 'js_code')
}

/** The openid of a 公众号: another than the mini-program's for the same person; the unionid is equal. */
export function wechatPage(options: WechatOptions): LoginProvider {
  return provider(options, '/sns/oauth2/access_token', 'code')
}

/**
 * WeChat's web page authorisation, without asking the person (`snsapi_base`). `publicUrl`: our origin as WeChat's browser sees it, whose
 * host is the one registered there.
 */
export function wechatPageLogin(options: { openUrl: string; appId: string; publicUrl: string }): PageLogin {
  const back = `${options.publicUrl}/login/wechat/back`
  return {
    platform: 'wechat-h5',
    codeName: 'code',
    secure: options.publicUrl.startsWith('https:'),
    // The order of the parameters and the end are WeChat's: it refuses others.
    address: (state) =>
      `${options.openUrl}/connect/oauth2/authorize?appid=${options.appId}&redirect_uri=${encodeURIComponent(back)}` +
      `&response_type=code&scope=snsapi_base&state=${state}#wechat_redirect`,
  }
}

/** What both answer, with status 200 also for an error. A session_key is there as well, and never read. */
const answer = z.object({
  errcode: z.int().optional(),
  openid: z.string().min(1).max(128).optional(),
  unionid: z.string().min(1).max(128).optional(),
  /** a page shown to somebody who hasn't entered it: the openid is nobody's */
  is_snapshotuser: z.literal(1).optional(),
})

/** The code is wrong or of another app, or used: the client asks WeChat for another. */
const CODE = new Set([40029, 40163])
/** WeChat blocks them as a risk. */
const PERSON = new Set([40226])
/** More than 100 log-ins of one person in a minute. */
const TOO_OFTEN = 45011
const WAIT_S = 60

function provider(options: WechatOptions, path: string, codeName: string): LoginProvider {
  const { appId, secret } = options
  const unavailable = (errcode: number | null, reason: string, waitS: number | null = null) => {
    options.onFault({ errcode, reason })
    return new LoginUnavailable(`WeChat: ${reason}`, waitS)
  }
  return {
    appId,
    async exchange(code) {
      const address = new URL(path, options.baseUrl)
      const query = { appid: appId, secret, [codeName]: code, grant_type: 'authorization_code' }
      address.search = new URLSearchParams(query).toString()
      const text = await textOf(address, options.timeoutMs)
      if (text === undefined) throw unavailable(null, 'no answer')
      // Its content type is often text/plain.
      const read = answer.safeParse(jsonOf(text))
      if (!read.success) throw unavailable(null, 'an answer that is none')
      const { errcode = 0, openid, unionid, is_snapshotuser } = read.data
      if (CODE.has(errcode)) return { refused: 'code' }
      if (PERSON.has(errcode)) {
        options.onFault({ errcode, reason: 'a person it blocks' })
        return { refused: 'person' }
      }
      if (errcode === TOO_OFTEN) throw unavailable(errcode, 'too many log-ins of one person', WAIT_S)
      if (errcode !== 0 || openid === undefined) throw unavailable(errcode, 'an error of the configuration or its own')
      if (is_snapshotuser) return { refused: 'code' }
      const union = unionid === undefined ? null : ({ provider: 'wechat-union', appId: '', subject: unionid } as const)
      return { provider: 'wechat', appId, subject: openid, union }
    },
  }
}

/** Undefined for whatever kept it from us. The address holds the secret, so no error of it goes further. */
async function textOf(address: URL, timeoutMs: number): Promise<string | undefined> {
  try {
    const reply = await fetch(address, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    return reply.status === 200 ? await reply.text() : undefined
  } catch {
    return undefined
  }
}
