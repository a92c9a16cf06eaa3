import type { z } from 'zod'
import { type alipayEnvironment, alipayFaults, alipayPayOf } from './alipay'
import { UNIONPAY_QRA_VARIABLES, UNIONPAY_VARIABLES, unionPayEnvironment, unionPayOf } from './unionpay'
import type { wechatEnvironment } from './wechat'
import { SANDBOX_APP_ID, WECHATPAY_VARIABLES, wechatpayEnvironment, wechatpayOf } from './wechatpay'

/** What the wallets need to be told, each a file beside this one. */
export const walletEnvironment = { ...unionPayEnvironment, ...wechatpayEnvironment }

/** Each group whole or not at all. */
export const WALLET_GROUPS = {
  UNIONPAY: UNIONPAY_VARIABLES,
  UNIONPAY_QRA: UNIONPAY_QRA_VARIABLES,
  WECHATPAY: WECHATPAY_VARIABLES,
}

/** WeChat Pay has to find us, and to be told who pays; in the sandbox it is on this machine, and everybody is who they say. */
export function walletFaults(env: Readonly<Record<string, unknown>>): string[] {
  const faults = alipayFaults(env)
  if (env.WECHATPAY_API_V2_KEY && !env.WECHATPAY_MCHID) faults.push('WECHATPAY_MCHID: goes with WECHATPAY_API_V2_KEY')
  if (env.WECHAT_MESSAGE_TEMPLATE && !env.WECHAT_APPID) faults.push('WECHAT_APPID: goes with WECHAT_MESSAGE_TEMPLATE')
  if (!env.WECHATPAY_MCHID || env.SANDBOX === 'on') return faults
  if (!env.PUBLIC_URL) faults.push('PUBLIC_URL: goes with WECHATPAY_MCHID')
  if (!env.WECHAT_APPID && !env.WECHAT_PAGE_APPID) faults.push('WECHAT_APPID: goes with WECHATPAY_MCHID')
  return faults
}

type Env = z.output<z.ZodObject<typeof walletEnvironment & typeof alipayEnvironment & typeof wechatEnvironment>> & {
  SANDBOX: 'on' | 'off'
}
type Common = Parameters<typeof alipayPayOf>[1] & Parameters<typeof unionPayOf>[1]

/** Those that are configured; the others are undefined. */
export function walletsOf(env: Env, common: Common) {
  return {
    alipay: alipayPayOf(env, common),
    unionpay: unionPayOf(env, common),
    wechatpay: wechatpayOf(env, { ...common, appIds: appsOf(env) }),
  }
}

/** The apps by which payers are known to WeChat. */
function appsOf({ WECHAT_APPID: weapp, WECHAT_PAGE_APPID: page, SANDBOX }: Env): string[] {
  const apps = [weapp, page].filter((app) => app !== undefined)
  return SANDBOX === 'on' && apps.length === 0 ? [SANDBOX_APP_ID] : apps
}
