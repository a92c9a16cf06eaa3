import type { OrderView, PayerActionView } from '@contract'

/** What came of handing something on; none of it says whether the payer paid. */
export type Handed = 'asked' | 'cancelled' | 'unavailable'

/** What apps put into a page's window; WeChat's and Alipay's a moment after it has loaded, with an event. */
export interface Bridges {
  /** of the bank's app (docs/bank-channel.md) */
  BankApp?: { loginTicket(): Promise<string> | string }
  WeixinJSBridge?: {
    call(name: string): void
    invoke(name: string, params: object, answer: (said: { err_msg?: string }) => void): void
  }
  AlipayJSBridge?: { call(name: string, params?: object, answer?: (said: { resultCode?: string }) => void): void }
}

/** A bridge that hasn't come by then won't: the page is in another browser than it thinks. */
const BRIDGE_WITHIN_MS = 3_000

type Invocation = { bridge: 'WeixinJSBridge' | 'AlipayJSBridge'; invoke(params: object): Promise<Handed> }

const INVOCATIONS: Partial<Record<OrderView['channel'], Invocation>> = {
  wechatpay: {
    bridge: 'WeixinJSBridge',
    invoke: (params) =>
      asked((done) => bridges().WeixinJSBridge!.invoke('getBrandWCPayRequest', params, ({ err_msg }) => done(err_msg))),
  },
  alipay: {
    bridge: 'AlipayJSBridge',
    invoke: (params) =>
      asked((done) => bridges().AlipayJSBridge!.call('tradePay', params, ({ resultCode }) => done(resultCode))),
  },
}

/**
 * Hands the payer on: to the wallet of the app that the page is open in, or to an address. A wallet's sandbox tells where its own page
 * is, for browsers that have no wallet: it is told the way back. Elsewhere than on this machine it is followed nowhere.
 */
export async function handOn({ kind, params }: PayerActionView, channel: OrderView['channel']): Promise<Handed> {
  if (kind === 'redirect') return follow(params.url)
  const invocation = kind === 'jsapi' ? INVOCATIONS[channel] : undefined
  if (!invocation) return 'unavailable'
  const { sandboxUrl, ...told } = params
  const page = bridges()[invocation.bridge] ? undefined : localPage(sandboxUrl)
  if (page) return follow(page)
  return (await comes(invocation.bridge)) ? invocation.invoke(told) : 'unavailable'
}

export const bridges = () => window as Bridges

/** Whether it is there, or comes in time. */
function comes(bridge: Invocation['bridge']): Promise<boolean> {
  if (bridges()[bridge]) return Promise.resolve(true)
  return new Promise((resolve) => {
    const event = `${bridge}Ready`
    const end = () => {
      clearTimeout(timer)
      document.removeEventListener(event, end)
      resolve(bridges()[bridge] !== undefined)
    }
    const timer = setTimeout(end, BRIDGE_WITHIN_MS)
    document.addEventListener(event, end)
  })
}

/** WeChat says `…:cancel`, Alipay 6001; anything else, a failure too, is for the server to judge. */
function asked(invoke: (done: (said: string | undefined) => void) => void): Promise<Handed> {
  return new Promise((resolve) => {
    invoke((said) => resolve(/:cancel$|^6001$/.test(String(said)) ? 'cancelled' : 'asked'))
  })
}

/** Only to a page: what is no web address would run here. */
function follow(url: string | undefined): Handed {
  if (!url || !/^https?:\/\//i.test(url)) return 'unavailable'
  location.assign(url)
  return 'asked'
}

/** The sandbox's page with the way back; undefined: it isn't on this machine. */
function localPage(address: string | undefined): string | undefined {
  if (!address || !/^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(address)) return undefined
  const url = new URL(address)
  if (!/^(127\.0\.0\.1|localhost)$/.test(url.hostname)) return undefined
  url.searchParams.set('back', location.href)
  return url.href
}
