import { z } from 'zod'
import { isSafeUrl } from '../domain/address'

/** What log-in by WeChat needs to be told: of the mini-program, and of the 公众号 for pages in WeChat's browser; each both or neither. */
export const WECHAT_PAIRS = [
  ['WECHAT_APPID', 'WECHAT_SECRET'],
  ['WECHAT_PAGE_APPID', 'WECHAT_PAGE_SECRET'],
] as const

const address = z.string().refine(isSafeUrl, 'must be https, or http on this machine')
const appId = z.string().regex(/^wx[0-9a-f]{16}$/, 'must be wx and 16 hex digits')
const secret = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits')

export const wechatEnvironment = {
  /** the mini-program's own */
  WECHAT_APPID: appId.optional(),
  WECHAT_SECRET: secret.optional(),
  /** the 公众号's */
  WECHAT_PAGE_APPID: appId.optional(),
  WECHAT_PAGE_SECRET: secret.optional(),
  WECHAT_OPEN_URL: address.default('https://open.weixin.qq.com'),
  WECHAT_API_URL: address.default('https://api.weixin.qq.com'),
}

type Env = z.output<z.ZodObject<typeof wechatEnvironment>>

/** Null: nobody logs in by it here. */
export function wechatOf(env: Env, timeoutMs: number) {
  const app = (appId?: string, secret?: string) =>
    appId && secret ? { baseUrl: env.WECHAT_API_URL, appId, secret, timeoutMs } : null
  return {
    weapp: app(env.WECHAT_APPID, env.WECHAT_SECRET),
    page: app(env.WECHAT_PAGE_APPID, env.WECHAT_PAGE_SECRET),
    openUrl: env.WECHAT_OPEN_URL,
  }
}
