import type {
  AgreementList,
  LoginWay,
  MerchantSession,
  MerchantView,
  OrderBody,
  OrderList,
  OrderProofBody,
  OrderView,
  PayCodeView,
  Problem,
  QuoteBody,
  QuoteView,
  RulesView,
  Session,
  SignBody,
  SignProofBody,
  SignView,
  SmallBody,
  SmallTermsView,
} from '@contract'
import Taro from '@tarojs/taro'
import { holds } from './held'
import { DEVICE_HEADER, deviceId } from './platform/device'
import { host } from './platform/host'
import type { EarlyAnswer } from './platform/opening'
import { memory, storage } from './platform/storage'
import type { Role } from './platform/types'
import { noteServerTime, serverNow } from './server-time'

export { serverNow }

/** Who asks. A merchant's session is of one merchant; `code` is only known up front in the sandbox. */
export type Reader = { role: 'payer' } | { role: 'merchant'; merchantCode?: string }

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
}

/** 503s that a pay answers only before anything went to the bank. */
const NOTHING_STORED = new Set(['channel-busy', 'channel-unavailable', 'ledger-unavailable', 'overloaded'])

/** A read that takes longer is better asked again; a payment waits for the bank, whose own time limit is shorter. */
const READ_TIMEOUT_MS = 8_000
export const PAY_TIMEOUT_MS = 20_000
/** A token this close to its end is renewed first, so that it doesn't end on the way. */
const TOKEN_MARGIN_MS = 60_000

const PAYER: Reader = { role: 'payer' }

export const api = {
  /** Anybody's to read: nobody waits for a log-in. */
  merchant: (code: string) =>
    request<MerchantView>({ method: 'GET', path: `/api/merchants/${encodeURIComponent(code)}` }),
  /** What a code for one payment at the merchant says, while it can be paid. */
  payCode: (code: string, payCode: string) =>
    request<PayCodeView>({ method: 'GET', path: `/api/merchants/${encodeURIComponent(code)}/pay-codes/${payCode}` }),
  rules: (code: string) =>
    request<RulesView>({ method: 'GET', path: `/api/merchants/${encodeURIComponent(code)}/rules` }),
  /** Once it is known who pays; a browser may be sent to its platform's page and back before. */
  loggedIn: () => sessionOf(PAYER),
  agreements: () => get<AgreementList>(PAYER, '/api/agreements'),
  /** What the payer typed goes to the bank; neither this device nor the BFF keeps it. */
  sign: (body: SignBody) => toBank<SignView>('/api/agreements', body),
  signing: (signNo: string) => get<SignView>(PAYER, `/api/agreements/signings/${encodeURIComponent(signNo)}`),
  /** The same proof again has the same answer, so that a lost answer may be asked for again. */
  confirmSigning: (signNo: string, body: SignProofBody) => toBank<SignView>(`/api/agreements/${signNo}/confirm`, body),
  resendSigning: (signNo: string) => toBank<SignView>(`/api/agreements/${signNo}/resend`),
  makeDefault: (agreementId: string) => change('PUT', `/api/agreements/${encodeURIComponent(agreementId)}/default`),
  endAgreement: (agreementId: string) => change('DELETE', `/api/agreements/${encodeURIComponent(agreementId)}`),
  smallTerms: () => request<SmallTermsView>({ method: 'GET', path: '/api/small-amount-terms' }),
  allowSmall: (agreementId: string, body: SmallBody) =>
    toBank<SignView>(`/api/agreements/${encodeURIComponent(agreementId)}/small-amount`, body),
  endSmall: (agreementId: string) =>
    change('DELETE', `/api/agreements/${encodeURIComponent(agreementId)}/small-amount`),
  quote: (body: QuoteBody) => call<QuoteView>(PAYER, { method: 'POST', path: '/api/quotes', body }),
  /** The same key for every attempt of one intent to pay: however often it's sent, it pays once. */
  pay: (body: OrderBody, key: string) =>
    call<OrderView>(PAYER, {
      method: 'POST',
      path: '/api/orders',
      body,
      header: { 'Idempotency-Key': key },
      timeoutMs: PAY_TIMEOUT_MS,
    }),
  /** The payer's orders at the merchant that are to be seen before paying again, the newest first. */
  recentOrders: (merchantCode: string) =>
    get<OrderList>(PAYER, `/api/orders?merchantCode=${merchantCode}&state=recent`),
  order: (orderNo: string) => get<OrderView>(PAYER, `/api/orders/${encodeURIComponent(orderNo)}`),
  /** All of the payer's own, the newest first. */
  ownOrders: (cursor?: string) =>
    get<OrderList>(PAYER, `/api/orders${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`),
  /** As {@link api.confirmSigning}, of a payment. */
  confirmOrder: (orderNo: string, body: OrderProofBody) => toBank<OrderView>(`/api/orders/${orderNo}/confirm`, body),
  resendOrder: (orderNo: string) => toBank<OrderView>(`/api/orders/${orderNo}/resend`),
  closeOrder: (orderNo: string) => toBank<OrderView>(`/api/orders/${orderNo}/close`),
  /** How a payer's page is logged in here; asked in nobody's session. */
  loginWay: () => request<LoginWay>({ method: 'GET', path: `/api/login-way?platform=${host.platform}` }),
  /** Makes the reader a user of the merchant that issued the code, and logs in. */
  async bind(reader: Reader, bindingCode: string): Promise<void> {
    const code = await codeFor(reader.role, codeOf(reader), await tell(reader.role))
    const body = { platform: host.platform, code, bindingCode }
    const session = await request<AnySession>({ method: 'POST', path: '/api/merchant/binding', body })
    keep(sessionName(reader), session)
  },
}

interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  body?: object
  header?: Record<string, string>
  timeoutMs?: number
}

export function get<T>(reader: Reader, path: string): Promise<T> {
  return call<T>(reader, { method: 'GET', path })
}

/** A call that the bank answers: it may take as long as a payment. */
function toBank<T>(path: string, body: object = {}): Promise<T> {
  return call<T>(PAYER, { method: 'POST', path, body, timeoutMs: PAY_TIMEOUT_MS })
}

/** A change without an answer but that it was made. */
function change(method: 'PUT' | 'DELETE', path: string): Promise<void> {
  return call<void>(PAYER, { method, path, timeoutMs: PAY_TIMEOUT_MS })
}

/** As {@link request}, in the reader's session; a session the server no longer knows is renewed once. */
export async function call<T>(reader: Reader, what: Call): Promise<T> {
  const withToken = async () =>
    request<T>({ ...what, header: { ...what.header, Authorization: `Bearer ${(await sessionOf(reader)).token}` } })
  try {
    return await withToken()
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error
    sessions.remove(sessionName(reader))
    return withToken()
  }
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

type AnySession = Session & Partial<MerchantSession>

/** In the bank's app somebody else may log in while the pages' storage stays: there a session lasts no longer than the page. */
const sessions = host.platform === 'bank-h5' ? memory : storage

/** Logins under way, so that several requests of a page share one. */
const logins = new Map<string, Promise<AnySession>>()

function sessionName(reader: Reader): string {
  return `session.${reader.role}.${host.person(reader.role, codeOf(reader))}`
}

/** The reader's session: the kept one while it lasts, else a new login. */
export async function sessionOf(reader: Reader): Promise<AnySession> {
  const name = sessionName(reader)
  const kept = sessions.get<AnySession>(name)
  if (kept && Date.parse(kept.expiresAt) - TOKEN_MARGIN_MS > serverNow()) return kept
  const login = logins.get(name) ?? logIn(reader.role, codeOf(reader), name)
  logins.set(name, login)
  try {
    return await login
  } finally {
    logins.delete(name)
  }
}

async function logIn(role: Role, merchantCode: string | undefined, name: string): Promise<AnySession> {
  const told = await tell(role)
  const session = told && 'token' in told ? told : await byCode(role, merchantCode, told)
  keep(name, session)
  return session
}

function keep(name: string, session: AnySession): void {
  sessions.set(name, session)
  if (session.merchant) storage.set('shop', session.merchant)
}

/** The merchant that somebody on this device was a user of when they last logged in; for showing the way, not for letting in. */
export function knownShop(): MerchantSession['merchant'] | undefined {
  return storage.get('shop')
}

type Told = Exclude<ReturnType<NonNullable<typeof host.pageLogin>['handed']>, { refused: string } | null>

/** A merchant's user may log in by it once more, to bind themselves. */
let toldMerchant: Told | null = null

/** What the platform has told of the reader; null where a login code is the page's own. */
async function tell(role: Role): Promise<Told | null> {
  if (role === 'payer') return ask()
  if (!(Date.parse(toldMerchant?.expiresAt ?? '') > serverNow())) toldMerchant = await ask()
  return toldMerchant
}

/** Refusals are no 401: another try by itself would only go there and back. */
async function ask(): Promise<Told | null> {
  if (!host.pageLogin) return null
  const handed = host.pageLogin.handed()
  if (handed && 'refused' in handed) throw new ApiError('problem', handed.refused, 403)
  if (handed) return handed
  const { way, page } = await api.loginWay()
  if (way === 'name') return null
  const ticket = way === 'code' && (await host.ticket?.())
  if (ticket) return { code: ticket, expiresAt: '' }
  if (way === 'page' && page) await host.pageLogin.visit(page)
  throw new ApiError('problem', way === 'page' ? 'login-refused' : 'login-elsewhere', 403)
}

async function byCode(role: Role, merchantCode: string | undefined, told: Told | null): Promise<AnySession> {
  const body = { platform: host.platform, code: await codeFor(role, merchantCode, told) }
  const path = role === 'payer' ? '/api/session' : '/api/merchant/session'
  try {
    return await request<AnySession>({ method: 'POST', path, body })
  } catch (error) {
    if (role === 'merchant' && error instanceof ApiError && error.code === 'login-refused') storage.remove('shop')
    throw error
  }
}

async function codeFor(role: Role, merchantCode: string | undefined, told: Told | null): Promise<string> {
  return told && 'code' in told ? told.code : host.loginCode(role, merchantCode)
}

function codeOf(reader: Reader): string | undefined {
  return reader.role === 'merchant' ? reader.merchantCode : undefined
}
