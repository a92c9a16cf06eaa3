import type { EnrolmentView, LoginWays, OperatorSession, RecoveryCodes } from '@contract'
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

/** The second step: the code of the app, or one to recover with. */
export async function showCode(ticket: string, code: string): Promise<void> {
  sessions.set(await post<OperatorSession>('/admin/session/second-factor', { ticket, code }))
}

/** A secret for the app; `code`: of the second factor that there is. */
export const beginEnrolment = (code: string | undefined) =>
  post<EnrolmentView>('/admin/second-factor', code === undefined ? {} : { code })

/** From now on it is asked for: the codes to recover with. */
export async function confirmEnrolment(ticket: string, code: string): Promise<string[]> {
  return (await post<RecoveryCodes>('/admin/second-factor/confirm', { ticket, code })).recoveryCodes
}

/** The codes were seen: on to what there is to do. */
export function enrolled(): void {
  const session = sessions.get()
  if (session)
    sessions.set({ ...session, secondFactorDue: false, operator: { ...session.operator, secondFactor: true } })
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
