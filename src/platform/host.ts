import { agentOf } from './agent'
import { pageLogin } from './page-login'
import { sandboxPerson } from './sandbox'
import type { Host } from './types'

const agent = agentOf(navigator.userAgent, FAPAI_BANK_APP)

/** The browser, WeChat's and Alipay's included. Pages come from the BFF itself, so there is no other origin. */
export const host: Host = {
  platform: agent.platform,
  apiOrigin: '',
  pageLogin,

  person(role, merchantCode) {
    return (role === 'payer' && payerOfTab()) || sandboxPerson(role, merchantCode)
  },

  async loginCode(role, merchantCode) {
    return host.person(role, merchantCode)
  },

  async ticket() {
    return (window as Bridges).BankApp?.loginTicket()
  },

  openSocket(path, protocols, events) {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + path, protocols)
    socket.onopen = () => events.onOpen()
    socket.onmessage = (event) => events.onMessage(String(event.data))
    socket.onclose = () => events.onClose()
    return () => {
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close()
    }
  },

  visible() {
    return document.visibilityState !== 'hidden'
  },

  onReturn(listener) {
    const seen = () => host.visible() && listener()
    document.addEventListener('visibilitychange', seen)
    window.addEventListener('online', listener)
    return () => {
      document.removeEventListener('visibilitychange', seen)
      window.removeEventListener('online', listener)
    }
  },

  onKey(listener) {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
      if (actsByItself(event)) return
      if (event.key === 'Enter') event.preventDefault()
      listener(event.key)
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  },

  canPay(needs) {
    if (needs === 'anywhere') return true
    if (needs === 'unionpay') return agent.unionPayApp !== null
    if (needs === 'wechat') return agent.platform === 'wechat-h5' && !agent.webView
    return agent.platform === 'alipay-h5'
  },

  async payBy({ kind, params }) {
    if (kind === 'redirect') return follow(params.url)
    const { WeixinJSBridge, AlipayJSBridge } = window as Bridges
    if (kind === 'jsapi' && WeixinJSBridge)
      return asked((done) => WeixinJSBridge.invoke('getBrandWCPayRequest', params, ({ err_msg }) => done(err_msg)))
    if (kind === 'jsapi' && AlipayJSBridge)
      return asked((done) => AlipayJSBridge.call('tradePay', params, ({ resultCode }) => done(resultCode)))
    return 'unavailable'
  },

  buzz() {
    navigator.vibrate?.(8)
  },

  leave() {
    const bridges = window as Bridges
    if (host.platform === 'wechat-h5' && bridges.WeixinJSBridge) bridges.WeixinJSBridge.call('closeWindow')
    else if (host.platform === 'alipay-h5' && bridges.AlipayJSBridge) bridges.AlipayJSBridge.call('closeWebview')
    else return false
    return true
  },
}

interface Bridges {
  /** of the bank's app (docs/bank-channel.md) */
  BankApp?: { loginTicket(): Promise<string> | string }
  WeixinJSBridge?: {
    call(name: string): void
    invoke(name: string, params: object, answer: (said: { err_msg?: string }) => void): void
  }
  AlipayJSBridge?: { call(name: string, params?: object, answer?: (said: { resultCode?: string }) => void): void }
}

/** WeChat says `…:cancel`, Alipay 6001; anything else, a failure too, is for the server to judge. */
function asked(invoke: (done: (said: string | undefined) => void) => void): Promise<'asked' | 'cancelled'> {
  return new Promise((resolve) => {
    invoke((said) => resolve(/:cancel$|^6001$/.test(String(said)) ? 'cancelled' : 'asked'))
  })
}

/** Only to a page: what is no web address would run here. */
function follow(url: string | undefined): 'asked' | 'unavailable' {
  if (!url || !/^https?:\/\//i.test(url)) return 'unavailable'
  location.assign(url)
  return 'asked'
}

/** `?payer=payer-1` in the hash makes this tab that person, so that tests can be several people side by side. */
function payerOfTab(): string | undefined {
  const named = /[?&]payer=([A-Za-z0-9_-]{1,64})/.exec(location.hash)?.[1]
  try {
    if (named) sessionStorage.setItem('fapai.payer', named)
    return named ?? sessionStorage.getItem('fapai.payer') ?? undefined
  } catch {
    return named
  }
}

/** Typing into a field is the field's; Enter or Space on a control reached by Tab presses that control. */
function actsByItself(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true
  return (event.key === 'Enter' || event.key === ' ') && target.closest('button, label, a') !== null
}
