import { sandboxPerson } from './sandbox'
import type { Host } from './types'

/** The browser, WeChat's and Alipay's included. Pages come from the BFF itself, so there is no other origin. */
export const host: Host = {
  platform: platformOf(navigator.userAgent),
  apiOrigin: '',

  person(role, merchantCode) {
    return (role === 'payer' && payerOfTab()) || sandboxPerson(role, merchantCode)
  },

  async loginCode(role, merchantCode) {
    return host.person(role, merchantCode)
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

  buzz() {
    navigator.vibrate?.(8)
  },

  leave() {
    const bridges = window as { WeixinJSBridge?: Bridge; AlipayJSBridge?: Bridge }
    if (host.platform === 'wechat-h5' && bridges.WeixinJSBridge) bridges.WeixinJSBridge.call('closeWindow')
    else if (host.platform === 'alipay-h5' && bridges.AlipayJSBridge) bridges.AlipayJSBridge.call('closeWebview')
    else return false
    return true
  },
}

interface Bridge {
  call(name: string): void
}

export function platformOf(userAgent: string): Host['platform'] {
  if (/MicroMessenger\//.test(userAgent)) return 'wechat-h5'
  if (/AlipayClient\//.test(userAgent)) return 'alipay-h5'
  if (/FapaiBank\//.test(userAgent)) return 'bank-h5'
  return 'browser'
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
