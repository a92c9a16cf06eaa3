import { agentOf } from './agent'
import { bridges, handOn } from './bridges'
import { asked, fetchNext, uncover } from './opening'
import { pageLogin } from './page-login'
import { playSound } from './play'
import { sandboxPerson } from './sandbox'
import { saveFile } from './save'
import { shareText } from './share'
import { appOfTab, payerOfTab } from './tab'
import type { Host } from './types'

const agent = agentOf(navigator.userAgent, FAPAI_BANK_APP)
/** Whose wallet may be asked to pay; whom to ask who the reader is, the browser itself says. */
const payAgent = agentOf(`${navigator.userAgent} ${appOfTab()}`, FAPAI_BANK_APP)

/** The browser, WeChat's and Alipay's included. Pages come from the BFF itself, so there is no other origin. */
export const host: Host = {
  platform: agent.platform,
  leavesToLogIn: /^(wechat|alipay|unionpay)-h5$/.test(agent.platform),
  apiOrigin: '',
  pageLogin,
  asked,
  uncover,
  fetchNext,

  person(role, merchantCode) {
    return (role === 'payer' && payerOfTab()) || sandboxPerson(role, merchantCode)
  },

  async loginCode(role, merchantCode) {
    return host.person(role, merchantCode)
  },

  async ticket() {
    return bridges().BankApp?.loginTicket()
  },

  openSocket(path, protocols, events) {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + path, protocols)
    socket.onopen = () => events.onOpen()
    socket.onmessage = (event) => events.onMessage(String(event.data))
    socket.onclose = ({ code }) => events.onClose(code)
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

  onLoss(listener) {
    window.addEventListener('offline', listener)
    return () => window.removeEventListener('offline', listener)
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

  onPaste(listener) {
    const pasted = ({ target, clipboardData }: ClipboardEvent) => {
      if (!isField(target as HTMLElement)) listener(clipboardData?.getData('text/plain') ?? '')
    }
    document.addEventListener('paste', pasted)
    return () => document.removeEventListener('paste', pasted)
  },

  canPay({ needs }) {
    if (needs === 'anywhere') return true
    if (needs === 'unionpay') return payAgent.unionPayApp !== null
    if (needs === 'wechat') return payAgent.platform === 'wechat-h5' && !payAgent.webView
    return payAgent.platform === 'alipay-h5' || (needs === 'browser' && payAgent.platform === 'browser')
  },

  payBy: handOn,

  share: shareText,

  dial(phone) {
    location.href = `tel:${phone.replace(/[^0-9+]/g, '')}`
  },

  async file(path, header, name) {
    const answer = await fetch(path, { headers: header }).catch(() => null)
    const bytes = answer?.ok ? await answer.blob().catch(() => null) : null
    if (!bytes) return answer && !answer.ok ? answer.status : 0
    return {
      verb: '保存表格',
      async hand() {
        saveFile(bytes, name)
        return true
      },
    }
  },

  play: playSound,

  buzz() {
    navigator.vibrate?.(8)
  },

  leave() {
    const { WeixinJSBridge, AlipayJSBridge } = bridges()
    if (host.platform === 'wechat-h5' && WeixinJSBridge) WeixinJSBridge.call('closeWindow')
    else if (host.platform === 'alipay-h5' && AlipayJSBridge) AlipayJSBridge.call('closeWebview')
    else return false
    return true
  },
}

const isField = ({ tagName }: HTMLElement) => /^(INPUT|TEXTAREA|SELECT)$/.test(tagName)

/** Typing into a field is the field's; Enter or Space on a control reached by Tab presses that control. */
function actsByItself(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  if (isField(target)) return true
  return (event.key === 'Enter' || event.key === ' ') && target.closest('button, label, a') !== null
}
