import { z } from 'zod'
import { isSafeUrl } from '../domain/address'
import { MESSAGE_WORDS, type MessageFields } from '../wechat/words'

/** What log-in by WeChat needs to be told: of the mini-program, and of the 公众号 for pages in WeChat's browser; each both or neither. */
export const WECHAT_PAIRS = [
  ['WECHAT_APPID', 'WECHAT_SECRET'],
  ['WECHAT_PAGE_APPID', 'WECHAT_PAGE_SECRET'],
  ['WECHAT_MESSAGE_TEMPLATE', 'WECHAT_MESSAGE_FIELDS'],
] as const

const address = z.string().refine(isSafeUrl, 'must be https, or http on this machine')
const appId = z.string().regex(/^wx[0-9a-f]{16}$/, 'must be wx and 16 hex digits')
const secret = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits')

const FIELDS = new RegExp(`^${MESSAGE_WORDS.map((word) => `${word}=[a-z_]{1,20}\\d{1,3}`).join(',')}$`)

export const wechatEnvironment = {
  /** the mini-program's own */
  WECHAT_APPID: appId.optional(),
  WECHAT_SECRET: secret.optional(),
  /** the 公众号's */
  WECHAT_PAGE_APPID: appId.optional(),
  WECHAT_PAGE_SECRET: secret.optional(),
  /** the template of the message that merchants' users may agree to (订阅消息), and its keys for our words: `shop=thing1,date=date2,…` */
  WECHAT_MESSAGE_TEMPLATE: z
    .string()
    .regex(/^[\w-]{20,64}$/, 'must be 20 to 64 letters, digits, - and _')
    .optional(),
  WECHAT_MESSAGE_FIELDS: z
    .string()
    .regex(FIELDS, 'must be shop=thing1,date=date2,count=number3,amount=amount4, with the template’s own keys')
    .transform((text) => Object.fromEntries(text.split(',').map((one) => one.split('='))) as MessageFields)
    .optional(),
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
    message: templateOf(env),
  }
}

/** Null: nobody is told anything in WeChat. */
function templateOf({ WECHAT_MESSAGE_TEMPLATE: templateId, WECHAT_MESSAGE_FIELDS: fields }: Env) {
  return templateId && fields ? { templateId, fields } : null
}
