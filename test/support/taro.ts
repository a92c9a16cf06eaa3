import { useEffect } from 'react'

/** What pages use of Taro, in jsdom: an HTTP client a test answers, storage, a router that only remembers. */
export interface FakeRequest {
  method: string
  path: string
  body: unknown
  header: Record<string, string>
}

/** `status` below 100 stands for a fault of the network; `data` is the JSON of the answer. */
export type FakeAnswer = { status?: number; data: unknown; header?: Record<string, string> } | 'offline' | 'timeout'
type Answerer = (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>

export const fake = {
  requests: [] as FakeRequest[],
  visits: [] as string[],
  params: {} as Record<string, string | undefined>,
  storage: new Map<string, unknown>(),
  reachBottom: [] as (() => void)[],
  didShow: [] as (() => void)[],
  didHide: [] as (() => void)[],
  appShow: [] as (() => void)[],
  /** what WeChat says of itself and its settings */
  appBaseInfo: {} as object,
  /** what WeChat would be given to hand on */
  share: [] as (() => object)[],
  /** how many pages lie open, this one included */
  pages: 1,
  title: '',
  answer: (() => 'offline') as Answerer,
  reset() {
    fake.requests.length = 0
    fake.visits.length = 0
    fake.reachBottom.length = 0
    fake.didShow.length = 0
    fake.didHide.length = 0
    fake.appShow.length = 0
    fake.appBaseInfo = {}
    fake.share.length = 0
    fake.pages = 1
    fake.title = ''
    fake.params = {}
    fake.storage.clear()
    globalThis.sessionStorage?.clear()
    fake.answer = () => 'offline'
  },
  /** Requests of a route, oldest first. */
  sent(method: string, path: string): FakeRequest[] {
    return fake.requests.filter((request) => request.method === method && request.path.startsWith(path))
  },
}

interface Options {
  url: string
  method: string
  data?: unknown
  header?: Record<string, string>
}

async function request({ url, method, data, header = {} }: Options) {
  const asked: FakeRequest = { method, path: url, body: data, header }
  fake.requests.push(asked)
  const answer = await fake.answer(asked)
  if (answer === 'offline') throw { errMsg: 'request:fail' }
  if (answer === 'timeout') throw { errMsg: 'request:fail timeout' }
  return { statusCode: answer.status ?? 200, data: answer.data, header: answer.header ?? {} }
}

const visit =
  (how: string) =>
  async ({ url }: { url: string }) => {
    fake.visits.push(`${how} ${url}`)
  }

export default {
  request,
  getStorageSync: (name: string) => fake.storage.get(name) ?? '',
  setStorageSync: (name: string, value: unknown) => void fake.storage.set(name, value),
  removeStorageSync: (name: string) => void fake.storage.delete(name),
  getAppBaseInfo: () => fake.appBaseInfo,
  onAppShow: (listener: () => void) => void fake.appShow.push(listener),
  redirectTo: visit('redirectTo'),
  navigateTo: visit('navigateTo'),
  reLaunch: visit('reLaunch'),
  navigateBack: async () => void fake.visits.push('navigateBack'),
  getCurrentPages: () => Array.from({ length: fake.pages }),
  setNavigationBarTitle: async ({ title }: { title: string }) => {
    fake.title = title
  },
}

export function useRouter() {
  return { params: fake.params }
}

export const useReachBottom = (listener: () => void) => useListener(fake.reachBottom, listener)
/** A page's first showing is its mount; a test calls these for the later ones. */
export const useDidShow = (listener: () => void) => useListener(fake.didShow, listener)

export const useShareAppMessage = (card: () => object) => useListener(fake.share, card)

export const useDidHide = (listener: () => void) => useListener(fake.didHide, listener)

function useListener<Listener>(listeners: Listener[], listener: Listener) {
  useEffect(() => {
    listeners.push(listener)
    return () => {
      listeners.splice(listeners.indexOf(listener), 1)
    }
  })
}
