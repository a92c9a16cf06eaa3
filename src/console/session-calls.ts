import type { LoginWays, OperatorSession } from '@contract'
import { get, post } from './client'
import { sessions } from './session'

/** Logging in and out. */
export const loginWays = () => get<LoginWays>('/admin/session/ways')

export async function logIn(username: string, password: string): Promise<void> {
  sessions.set(await post<OperatorSession>('/admin/session', { username, password }))
}

/** Redeems what single sign-on brought back in the address. */
export async function redeem(ticket: string): Promise<void> {
  sessions.set(await post<OperatorSession>('/admin/session/ticket', { ticket }))
}

/** The session ends here even when the server can't be told; there it ends by itself soon. */
export async function logOut(): Promise<void> {
  await post('/admin/session/end').catch(() => {})
  sessions.end('left')
}

/** A new password is a new session: the old ones end. */
export async function changePassword(current: string, next: string): Promise<void> {
  sessions.set(await post<OperatorSession>('/admin/password', { current, next }))
}
