import Taro from '@tarojs/taro'
import { playSound } from './play'
import { sandboxPerson } from './sandbox'
import type { Host } from './types'

let shown = true
Taro.onAppHide(() => {
  shown = false
})
Taro.onAppShow(() => {
  shown = true
})

/** The WeChat mini-program. */
export const host: Host = {
  platform: 'weapp',
  leavesToLogIn: false,
  apiOrigin: FAPAI_API_ORIGIN,

  person(role, merchantCode) {
    return FAPAI_SANDBOX ? sandboxPerson(role, merchantCode) : 'wechat'
  },

  async loginCode(role, merchantCode) {
    return FAPAI_SANDBOX ? sandboxPerson(role, merchantCode) : (await Taro.login()).code
  },

  openSocket(path, protocols, events) {
    let task: Taro.SocketTask | undefined
    let over = false
    const end = (code?: number) => {
      if (!over) events.onClose(code)
      over = true
    }
    Promise.resolve(Taro.connectSocket({ url: FAPAI_API_ORIGIN.replace(/^http/, 'ws') + path, protocols })).then(
      (opened) => {
        task = opened
        if (over) return task.close({})
        task.onOpen(() => !over && events.onOpen())
        task.onMessage((message) => !over && events.onMessage(String(message.data)))
        task.onClose(({ code }) => end(code))
        task.onError(() => end())
      },
      () => end(),
    )
    return () => {
      over = true
      task?.close({})
    }
  },

  visible() {
    return shown
  },

  onReturn(listener) {
    const online = (network: { isConnected: boolean }) => network.isConnected && listener()
    Taro.onAppShow(listener)
    Taro.onNetworkStatusChange(online)
    return () => {
      Taro.offAppShow(listener)
      Taro.offNetworkStatusChange(online)
    }
  },

  onLoss(listener) {
    const lost = (network: { isConnected: boolean }) => !network.isConnected && listener()
    Taro.onNetworkStatusChange(lost)
    return () => Taro.offNetworkStatusChange(lost)
  },

  onKey() {
    return () => {}
  },

  onPaste() {
    return () => {}
  },

  canPay({ needs, jumps }) {
    return needs === 'anywhere' || needs === 'wechat' || jumps
  },

  async payBy({ kind, params }, channel) {
    const { appId, path } = params
    try {
      if (kind === 'jsapi' && channel === 'wechatpay')
        await Taro.requestPayment(params as unknown as Taro.requestPayment.Option)
      else if (kind === 'redirect' && appId) await Taro.navigateToMiniProgram({ appId, path })
      else return 'unavailable'
      return 'asked'
    } catch (error) {
      return /cancel/.test(String((error as { errMsg?: string }).errMsg)) ? 'cancelled' : 'asked'
    }
  },

  async agreeTo(templateId) {
    try {
      const said = await Taro.requestSubscribeMessage({ tmplIds: [templateId], entityIds: [] })
      return (said as unknown as Record<string, string>)[templateId] === 'accept'
    } catch {
      return false
    }
  },

  async scan() {
    try {
      // from the camera alone: a picture that somebody sent isn't the counter in front of the payer
      const { result, path } = (await Taro.scanCode({ onlyFromCamera: true })) as { result?: string; path?: string }
      return { text: result ?? '', page: path ?? '' }
    } catch {
      return null
    }
  },

  dial(phone) {
    Taro.makePhoneCall({ phoneNumber: phone.replace(/[^0-9+]/g, '') }).catch(() => {})
  },

  async file(path, header, name) {
    const answer = await Taro.downloadFile({ url: FAPAI_API_ORIGIN + path, header }).catch(() => null)
    if (answer?.statusCode !== 200) return answer?.statusCode ?? 0
    const { tempFilePath: filePath } = answer
    return {
      verb: '发送到聊天',
      async hand() {
        try {
          await Taro.shareFileMessage({ filePath, fileName: name })
          return true
        } catch {
          return false
        }
      },
    }
  },

  play: playSound,

  keepAwake(keepScreenOn) {
    Taro.setKeepScreenOn({ keepScreenOn }).catch(() => {})
  },

  buzz() {
    Taro.vibrateShort({ type: 'light' }).catch(() => {})
  },

  leave() {
    Taro.exitMiniProgram()
    return true
  },
}
