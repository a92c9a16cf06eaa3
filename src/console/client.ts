import type { OperatorSession, Problem } from '@contract'
import { ApiError } from '../api'
import { DEVICE_HEADER, deviceId } from '../platform/device'
import { noteServerTime } from '../server-time'
import { sessions } from './session'
import { inTurn, tookOver } from './siblings'

/** As {@link ApiError}, with the field of the input that the server names. */
export class ConsoleError extends ApiError {
  override name = 'ConsoleError'
  constructor(
    kind: ApiError['kind'],
    code: string,
    status = 0,
    detail = '',
    readonly field: string | undefined = undefined,
    /** the whole answer: some refusals carry more, e.g. the faulty lines of a file */
    readonly body: unknown = undefined,
    /** when it is worth trying again, in seconds */
    readonly retryAfterS: number | undefined = undefined,
  ) {
    super(kind, code, status, detail)
  }
}

export type Query = Record<string, string | number | undefined>

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  query?: Query
  /** sent as JSON */
  body?: object
  /** sent as CSV instead */
  csv?: Blob | string
  /** the revision that was looked at */
  ifMatch?: number
  /** the same for every attempt at one and the same thing, which is then done once */
  idempotencyKey?: string
  timeoutMs?: number
  /** aborted when nobody wants the answer any more */
  signal?: AbortSignal | undefined
}

/** Reads are quick; a report over a year of a large campaign may not be. */
const TIMEOUT_MS = 30_000

export const get = <T>(path: string, query?: Query) => call<T>(path, { query })
export const post = <T>(path: string, body: object = {}, more: Call = {}) =>
  call<T>(path, { ...more, method: 'POST', body })
export const patch = <T>(path: string, body: object, ifMatch: number) =>
  call<T>(path, { method: 'PATCH', body, ifMatch })

/** JSON of the operators' endpoints; nothing for a 204. Throws {@link ConsoleError} for everything but a 2xx. */
export async function call<T>(path: string, what: Call = {}): Promise<T> {
  const response = await authorized(path, what)
  const value = await response.json().catch(() => undefined)
  if (response.ok && (value !== undefined || response.status === 204)) return value as T
  const refusal = refusalOf(response, value)
  const operator = sessions.get()?.operator
  // an administrator gave them a new password meanwhile: the shell shows nothing else until it is changed
  if (refusal.code === 'password-change-due' && operator)
    sessions.setOperator({ ...operator, mustChangePassword: true })
  // or theirs was taken away, or the house asks for one now
  if (refusal.code === 'second-factor-due') sessions.setSecondFactorDue()
  throw refusal
}

/** As {@link send}, in the session; a token that has ended is renewed once. Without a session the log-in page takes over. */
export async function authorized(path: string, what: Call): Promise<Response> {
  const token = sessions.get()?.token
  // the page stays open behind the log-in: what it asks of itself meanwhile would be refused
  if (!token && sessions.worker() && !path.startsWith('/admin/session'))
    throw new ConsoleError('problem', 'token-expired', 401)
  const response = await send(path, what, token)
  if (response.status !== 401 || !token) return response
  // another request may have renewed it while this one was under way
  if (sessions.get()?.token === token) await renew()
  const renewed = sessions.get()?.token
  return renewed ? send(path, what, renewed) : response
}

let renewing: Promise<void> | undefined

/** Requests of a page that all find the token ended renew it together: a refresh token works once. */
function renew(): Promise<void> {
  renewing ??= inTurn(askForRenewal).finally(() => {
    renewing = undefined
  })
  return renewing
}

async function askForRenewal(): Promise<void> {
  if (await tookOver()) return
  const refreshToken = sessions.get()?.refreshToken
  const response = await send('/admin/session/refresh', { method: 'POST', body: { refreshToken } }, undefined)
  if (response.ok) sessions.set((await response.json()) as OperatorSession)
  // Only its own word ends it: who asks too often, or is stopped on the way, still has a token that is good.
  else if (response.status === 401) sessions.end('expired')
  else throw refusalOf(response, await response.json().catch(() => undefined))
}

async function send(path: string, what: Call, token: string | undefined): Promise<Response> {
  const { method = 'GET', query, body, csv, ifMatch, idempotencyKey, timeoutMs = TIMEOUT_MS, signal } = what
  const abort = new AbortController()
  signal?.addEventListener('abort', () => abort.abort())
  const timer = setTimeout(() => abort.abort(), timeoutMs)
  const headers: Record<string, string> = { [DEVICE_HEADER]: deviceId() }
  if (token) headers.Authorization = `Bearer ${token}`
  if (body) headers['Content-Type'] = 'application/json'
  if (csv !== undefined) headers['Content-Type'] = 'text/csv'
  if (ifMatch !== undefined) headers['If-Match'] = `"${ifMatch}"`
  if (idempotencyKey) headers['Idempotency-Key'] = idempotencyKey
  try {
    const response = await fetch(path + queryText(query), {
      method,
      headers,
      body: csv ?? (body && JSON.stringify(body)),
      signal: abort.signal,
    })
    // an operator's machine may have any clock; days and ages are the ledger's
    noteServerTime(response.headers.get('Date') ?? '')
    return response
  } catch {
    throw abort.signal.aborted ? new ConsoleError('timeout', 'timeout') : new ConsoleError('offline', 'offline')
  } finally {
    clearTimeout(timer)
  }
}

function queryText(query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value))
  return String(search) && `?${search}`
}

export function refusalOf({ status, headers }: Response, value: unknown): ConsoleError {
  const { code = `http-${status}`, detail, field } = (value ?? {}) as Partial<Problem>
  const retryAfterS = Number(headers.get('retry-after')) || undefined
  return new ConsoleError('problem', code, status, detail, field, value, retryAfterS)
}
