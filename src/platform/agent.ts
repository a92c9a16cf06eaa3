import type { Platform } from '@contract'

/**
 * Where a page is open, by what the browser says of itself; the one table of it. Nobody is known or let in by it: it says whom to ask, and
 * their word counts.
 */
export interface Agent {
  platform: Platform
  /** a mini-program's web-view: WeChat says who somebody is, but opens no payment there */
  webView: boolean
  /** what an app of UnionPay's calls itself, `CloudPay`; null elsewhere */
  unionPayApp: string | null
}

/** `UnionPay/<version> <AppId>`, at the end or before other words. */
const UNIONPAY = /\bUnionPay\/[\d.]+ ([A-Za-z0-9_-]+)/

/** `bankApp`: by which name the bank's own app is known, as `<name>/<version>` or among the apps of UnionPay's. */
export function agentOf(userAgent: string, bankApp: string): Agent {
  const unionPayApp = UNIONPAY.exec(userAgent)?.[1] ?? null
  return { platform: platformOf(userAgent, unionPayApp, bankApp), webView: isWebView(userAgent), unionPayApp }
}

function platformOf(userAgent: string, unionPayApp: string | null, bankApp: string): Platform {
  // First of all: a bank's app says UnionPay as well.
  if (unionPayApp === bankApp || ` ${userAgent}`.includes(` ${bankApp}/`)) return 'bank-h5'
  // WeCom says MicroMessenger, too, but its people are those of a company.
  if (/\bMicroMessenger\//.test(userAgent) && !/\bwxwork\//i.test(userAgent)) return 'wechat-h5'
  if (/\bAlipayClient\//.test(userAgent)) return 'alipay-h5'
  return unionPayApp === null ? 'browser' : 'unionpay-h5'
}

/** Telephones say `miniProgram/<appid>` in a web-view of one, WeChat on a desktop `MiniProgramEnv/<system>`. */
function isWebView(userAgent: string): boolean {
  return /\bMicroMessenger\//.test(userAgent) && /\bminiProgram(Env)?\b/i.test(userAgent)
}
