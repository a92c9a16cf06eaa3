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
  /** Plays the server and the network: it opens; this message comes; it never opens, or breaks. */
  opens(): void
  says(message: object): void
  breaks(): void
}

/** What WeChat tells the program of: it goes out of sight and comes back, the network comes and goes. */
export type WeappEvent = 'AppShow' | 'AppHide' | 'NetworkStatusChange'
export type Listeners = Map<WeappEvent, Set<(value?: object) => void>>

/** A SocketTask, given back at once as in WeChat; `success` comes later. */
function socketOf({ url, protocols = [], success }: Options & SocketAsked, sockets: WeappSocket[]) {
  const listeners: { [kind: string]: ((value: object) => void)[] } = { open: [], message: [], close: [], error: [] }
  // The program has its task a moment after it asked, and nothing comes from the network before that.
  const early: (() => void)[] = []
  const tell = (kind: string, value: object) => {
    const now = () => {
      for (const hear of listeners[kind] ?? []) hear(value)
    }
    if (listeners.message?.length) now()
    else early.push(now)
  }
  const on = (kind: string) => (hear: (value: object) => void) => {
    listeners[kind]?.push(hear)
    setTimeout(() => kind === 'message' && early.splice(0).forEach((happen) => void happen()), 0)
  }
  sockets.push({
    url,
    protocols,
    opens: () => tell('open', { header: {} }),
    says: (message) => tell('message', { data: JSON.stringify(message) }),
    breaks() {
      tell('error', { errMsg: 'connectSocket:fail' })
      tell('close', { code: 1006, reason: '' })
    },
  })
  setTimeout(() => success?.({ errMsg: 'connectSocket:ok' }), 0)
  return {
    onMessage: on('message'),
    onOpen: on('open'),
    onClose: on('close'),
    onError: on('error'),
    send: () => {},
    close: () => tell('close', { code: 1000, reason: '' }),
  }
}

/** What the camera reads: the text of a code, or the page of a code of this mini-program. */
export type Scan = { result: string } | { path: string }

/** What the program asked of WeChat to be paid with or to play, and how its person answers: `cancel`, or as a wallet would. */
export interface Handings {
  asked: { how: 'requestPayment' | 'navigateToMiniProgram'; with: object }[]
  cancels: boolean
  /** what was played to its end, in its order */
  heard: string[]
}

/** The part of `wx` the program uses. Its keys are enumerable (Taro reads them); without callbacks it gives promises. */
export function wxOf(
  server: WeappServer,
  storage: Map<string, unknown>,
  sockets: WeappSocket[],
  listeners: Listeners,
  scans: Scan[],
  handings: Handings,
) {
  const quiet = () => {}
  let logins = 0
  const on = (event: WeappEvent) => (listener: () => void) => {
    if (!listeners.has(event)) listeners.set(event, new Set())
    listeners.get(event)?.add(listener)
  }
  const off = (event: WeappEvent) => (listener: () => void) => void listeners.get(event)?.delete(listener)
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
    // a code is good once
    login: (options?: Options) => answering({ code: `weapp-code-${++logins}`, errMsg: 'login:ok' })(options),
    scanCode(options: Options) {
      const scan = scans.shift()
      if (scan) options.success?.({ result: '', ...scan, errMsg: 'scanCode:ok' })
      else options.fail?.({ errMsg: 'scanCode:fail cancel' })
    },
    requestPayment: handed('requestPayment', handings),
    navigateToMiniProgram: handed('navigateToMiniProgram', handings),
    setNavigationBarTitle: answering({ errMsg: 'ok' }),
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
    createInnerAudioContext: () => audioOf(handings),
    setInnerAudioOption: answering({ errMsg: 'ok' }),
    setKeepScreenOn: answering({ errMsg: 'ok' }),
    connectSocket: (options: Options & SocketAsked) => socketOf(options, sockets),
    onAppShow: on('AppShow'),
    offAppShow: off('AppShow'),
    onAppHide: on('AppHide'),
    offAppHide: off('AppHide'),
    onNetworkStatusChange: on('NetworkStatusChange'),
    offNetworkStatusChange: off('NetworkStatusChange'),
  }
}

function audioOf({ heard }: Handings) {
  const ended = new Set<() => void>()
  return {
    src: '',
    onEnded: (listener: () => void) => void ended.add(listener),
    offEnded: (listener: () => void) => void ended.delete(listener),
    onError() {},
    offError() {},
    play() {
      setTimeout(() => {
        heard.push(this.src)
        for (const listener of [...ended]) listener()
      }, 0)
    },
  }
}

function handed(how: Handings['asked'][number]['how'], handings: Handings) {
  return ({ success, fail, complete: _, ...given }: Options) => {
    handings.asked.push({ how, with: given })
    if (handings.cancels) fail?.({ errMsg: `${how}:fail cancel` })
    else success?.({ errMsg: `${how}:ok` })
  }
}
