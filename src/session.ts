import type { LoginWay, MerchantSession, Session } from '@contract'
import { holder, holderOf } from './holder'
import { host } from './platform/host'
import { memory, storage } from './platform/storage'
import type { Role } from './platform/types'
import { ApiError, type Call, request } from './request'
import { serverNow } from './server-time'

/** Who asks. A merchant's session is of one merchant; `code` is only known up front in the sandbox. */
export type Reader = { role: 'payer' } | { role: 'merchant'; merchantCode?: string }

export const PAYER: Reader = { role: 'payer' }

/** A token this close to its end is renewed first, so that it doesn't end on the way. */
const TOKEN_MARGIN_MS = 60_000

export type AnySession = Session & Partial<MerchantSession>

/** In the bank's app somebody else may log in while the pages' storage stays: there a session lasts no longer than the page. */
const sessions = host.platform === 'bank-h5' ? memory : storage

/** Logins under way, so that several requests of a page share one. */
const logins = new Map<string, Promise<AnySession>>()

function sessionName(reader: Reader): string {
  return `session.${reader.role}.${host.person(reader.role, codeOf(reader))}`
}

function live(name: string): AnySession | undefined {
  const kept = sessions.get<AnySession>(name)
  return kept && Date.parse(kept.expiresAt) - TOKEN_MARGIN_MS > serverNow() ? kept : undefined
}

/** The reader's session: the kept one while it lasts, else a new login. */
export async function sessionOf(reader: Reader): Promise<AnySession> {
  const name = sessionName(reader)
  const known = live(name)
  if (known) return known
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
  if (name === sessionName(PAYER)) holder.note(holderOf(session.token))
  if (session.merchant) storage.set('shop', session.merchant)
}

/**
 * Who the payer is by the kept session, for naming what is kept of theirs on this device; undefined while nobody is logged in. Where a
 * token doesn't say it, whom the device itself tells apart.
 */
export function payerNow(): string | undefined {
  const session = live(sessionName(PAYER))
  return session && (holderOf(session.token) ?? host.person('payer'))
}

/**
 * As {@link request}, in the reader's session; a session the server no longer knows is renewed once. What one payer asked to be done is never
 * sent as another's, who has logged in since: `login-changed`.
 */
export async function call<T>(reader: Reader, what: Call): Promise<T> {
  let session: AnySession | undefined
  const asker = holder.mark()
  const withToken = async () => {
    session = await sessionOf(reader)
    if (reader.role === 'payer' && isAnother(session, asker) && what.method !== 'GET')
      throw new ApiError('problem', 'login-changed', 403)
    return request<T>({ ...what, header: { ...what.header, Authorization: `Bearer ${session.token}` } })
  }
  try {
    return await withToken()
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error
    // not one that another request has renewed meanwhile
    const name = sessionName(reader)
    if (sessions.get<AnySession>(name)?.token === session?.token) sessions.remove(name)
    return withToken()
  }
}

/** Whether it is another's than who was here before; from now on it is theirs, though they logged in in another tab. */
function isAnother({ token }: AnySession, before: string): boolean {
  const person = holderOf(token)
  holder.note(person)
  return person !== undefined && before !== '' && before !== person
}

/** Makes the reader a user of the merchant that issued the code, and logs in. */
export async function bind(reader: Reader, bindingCode: string): Promise<void> {
  const code = await codeFor(reader.role, codeOf(reader), await tell(reader.role))
  const body = { platform: host.platform, code, bindingCode }
  const session = await request<AnySession>({ method: 'POST', path: '/api/merchant/binding', body })
  keep(sessionName(reader), session)
}

/** How a payer's page is logged in here; asked in nobody's session. */
export const loginWay = () => request<LoginWay>({ method: 'GET', path: `/api/login-way?platform=${host.platform}` })

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
  const { way, page } = await loginWay()
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
    const refusal = error instanceof ApiError ? error.code : ''
    // a code is good once and for minutes: whoever tries again needs another
    if (role === 'merchant' && refusal === 'login-code-refused') toldMerchant = null
    if (role === 'merchant' && refusal === 'login-refused') storage.remove('shop')
    throw error
  }
}

async function codeFor(role: Role, merchantCode: string | undefined, told: Told | null): Promise<string> {
  return told && 'code' in told ? told.code : host.loginCode(role, merchantCode)
}

function codeOf(reader: Reader): string | undefined {
  return reader.role === 'merchant' ? reader.merchantCode : undefined
}
