import type { Problem } from '@contract'
import Taro from '@tarojs/taro'
import { holds } from './held'
import { DEVICE_HEADER, deviceId } from './platform/device'
import { host } from './platform/host'
import type { EarlyAnswer } from './platform/opening'
import { noteServerTime } from './server-time'

/**
 * Why there is no answer. `offline` and `timeout`: the server may or may not have acted. `problem`: it answered with a
 * problem document, whose stable `code` is here; an answer that is none (a proxy's page) has the code `http-502`.
 */
export class ApiError extends Error {
  override name = 'ApiError'
  constructor(
    readonly kind: 'offline' | 'timeout' | 'problem',
    readonly code: string,
    readonly status = 0,
    readonly detail = '',
    /** how long the server asks to be left alone before the next try */
    readonly retryAfterMs = 0,
  ) {
    super(`${kind}: ${code}`)
  }

  /** True when the server does nothing now for who asks too often, or for anybody, and says when it will. */
  get waits(): boolean {
    return this.retryAfterMs > 0 && (this.status === 429 || this.status === 503)
  }

  /** True when the server may have acted although it didn't say so. */
  get unsure(): boolean {
    return this.kind !== 'problem' || this.status >= 500
  }

  /** True when the server says for certain that this request did nothing; only its own word counts, no proxy's page. */
  get didNothing(): boolean {
    if (this.kind !== 'problem' || this.code.startsWith('http-')) return false
    return this.status < 500 || NOTHING_STORED.has(this.code)
  }

  /** True when it's the server's own word that what was asked for isn't there, and no proxy's, nor that of an address which is none of ours. */
  get missing(): boolean {
    return this.status === 404 && this.code !== 'not-found' && !this.code.startsWith('http-')
  }

  /** True when nobody knows who asks any more, or not yet: nothing was done, and whoever logs in anew may ask again. */
  get loggedOut(): boolean {
    return this.status === 401 || (this.status === 403 && this.code.startsWith('login-'))
  }
}

/** 503s that a pay answers only before anything went to the bank. */
const NOTHING_STORED = new Set(['channel-busy', 'channel-unavailable', 'ledger-unavailable', 'overloaded'])

/** A read that takes longer is better asked again; a payment waits for the bank, whose own time limit is shorter. */
const READ_TIMEOUT_MS = 8_000
export const PAY_TIMEOUT_MS = 20_000

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  body?: object
  header?: Record<string, string>
  timeoutMs?: number
}

const held = holds<ApiError>()

/** One HTTP request, in nobody's session. Throws {@link ApiError} for everything but a 204 and a 2xx with JSON. */
export async function request<T>({ method, path, body, header, timeoutMs = READ_TIMEOUT_MS }: Call): Promise<T> {
  const wait = held.of(method, path)
  if (wait) {
    const { code, status, detail } = wait.refusal
    throw new ApiError('problem', code, status, detail, wait.waitMs)
  }
  const url = host.apiOrigin + path
  const sent = { url, method, data: body, header: { ...header, [DEVICE_HEADER]: deviceId() }, timeout: timeoutMs }
  const early = method === 'GET' ? host.asked?.(path, timeoutMs) : undefined
  const asked = async (): Promise<EarlyAnswer> => (await early) ?? (await Taro.request(sent))
  const answer = await asked().catch((error: { name?: string; errMsg?: string }) => {
    const late = error.name === 'AbortError' || /timeout|timed out/i.test(error.errMsg ?? '')
    throw late ? new ApiError('timeout', 'timeout') : new ApiError('offline', 'offline')
  })
  noteServerTime(headerOf(answer.header, 'Date'))
  const { statusCode, data } = answer
  held.note(method, path, undefined)
  if (statusCode === 204) return undefined as T
  if (statusCode >= 200 && statusCode < 300 && data !== null && typeof data === 'object') return data as T
  const { code = `http-${statusCode}`, detail } = (data ?? {}) as Partial<Problem>
  const retryAfterMs = 1_000 * Math.min(Number(headerOf(answer.header, 'Retry-After')) || 0, MAX_RETRY_AFTER_S)
  const error = new ApiError('problem', code, statusCode, detail, retryAfterMs)
  held.note(method, path, error)
  throw error
}

/** No limit of ours lets anybody wait for longer; a header that says more is some proxy's. */
const MAX_RETRY_AFTER_S = 60

/** WeChat gives a header's name as it was sent, a browser in lower case. */
function headerOf(header: Record<string, string> | undefined, name: string): string {
  return header?.[name] ?? header?.[name.toLowerCase()] ?? ''
}
