export interface WeappRequest {
  method: string
  url: string
  body: unknown
  header: Record<string, string>
}
export type WeappServer = (request: WeappRequest) => Promise<{ status: number; data: unknown }>

type Options = { success?: (value: object) => void; fail?: (value: object) => void; complete?: () => void }
type SocketAsked = { url: string; protocols?: string[] }

export interface WeappSocket extends Required<SocketAsked> {
  /** Plays the server: sends this message. */
  says(message: object): void
}

/** A SocketTask, given back at once as in WeChat; `success` comes later. */
function socketOf({ url, protocols = [], success }: Options & SocketAsked, sockets: WeappSocket[]) {
  const listeners: ((message: { data: string }) => void)[] = []
  sockets.push({ url, protocols, says: (message) => listeners.map((hear) => hear({ data: JSON.stringify(message) })) })
  setTimeout(() => success?.({ errMsg: 'connectSocket:ok' }), 0)
  const quiet = () => {}
  return {
    onMessage: (hear: (message: { data: string }) => void) => void listeners.push(hear),
    onOpen: quiet,
    onClose: quiet,
    onError: quiet,
    close: quiet,
  }
}

/** The part of `wx` the program uses. Its keys are enumerable (Taro reads them); without callbacks it gives promises. */
export function wxOf(server: WeappServer, storage: Map<string, unknown>, sockets: WeappSocket[]) {
  const quiet = () => {}
  const answering = (value: object) => (options?: Options) => {
    if (!options?.success) return Promise.resolve(value)
    options.success(value)
  }
  return {
    request(options: Options & { url: string; method: string; data?: unknown; header?: Record<string, string> }) {
      const { url, method, data, header = {} } = options
      server({ method, url, body: data, header }).then(
        (answer) =>
          options.success?.({ statusCode: answer.status, data: answer.data, header: {}, errMsg: 'request:ok' }),
        () => options.fail?.({ errMsg: 'request:fail' }),
      )
      return { abort: quiet, onHeadersReceived: quiet, offHeadersReceived: quiet }
    },
    login: answering({ code: 'weapp-code', errMsg: 'login:ok' }),
    vibrateShort: answering({ errMsg: 'ok' }),
    exitMiniProgram: answering({ errMsg: 'ok' }),
    getStorageSync: (name: string) => storage.get(name) ?? '',
    setStorageSync: (name: string, value: unknown) => void storage.set(name, value),
    removeStorageSync: (name: string) => void storage.delete(name),
    getSystemInfoSync: () => ({
      platform: 'ios',
      SDKVersion: '3.5.0',
      windowWidth: 390,
      windowHeight: 844,
      pixelRatio: 3,
    }),
    getAppBaseInfo: () => ({ SDKVersion: '3.5.0', theme: 'light' }),
    getWindowInfo: () => ({ windowWidth: 390, windowHeight: 844, pixelRatio: 3 }),
    getDeviceInfo: () => ({ platform: 'ios' }),
    canIUse: () => true,
    nextTick: (callback: () => void) => setTimeout(callback, 0),
    connectSocket: (options: Options & SocketAsked) => socketOf(options, sockets),
    onAppShow: quiet,
    offAppShow: quiet,
    onAppHide: quiet,
    offAppHide: quiet,
    onNetworkStatusChange: quiet,
    offNetworkStatusChange: quiet,
  }
}
