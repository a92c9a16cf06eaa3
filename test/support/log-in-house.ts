import { startOneSql, type TestSql } from '../../harness/sql'
import type { OperatorRecord } from '../../server/flow/ports'
import type { ChangeRequestView, JudgedChange, OperatorSession } from '../../server/http/contract'
import type { HttpDeps } from '../../server/http/deps'
import { type Flow, MERCHANT, NOON } from './flow'
import { type Reply, type Sent, startHouse } from './house'

export const PASSWORD = 'right-password'

/** The house with operators who log in. */
export type LogInHouse = Awaited<ReturnType<typeof openHouse>>

/** `changed` replaces parts of what the app is given. */
export async function openHouse(changed?: (flow: Flow) => Partial<HttpDeps>) {
  const sql: TestSql = await startOneSql()
  const street = { merchants: [MERCHANT], campaigns: [] }
  const house = await startHouse(await sql.fresh(), { street, staff: null, ...(changed && { changed }) })
  const passwordHash = await house.deps.passwords.hash(PASSWORD)
  const ask = <T = undefined>(method: string, path: string, { token, ...sent }: Sent & { token?: string } = {}) =>
    house.call<T>(method, path, token, sent)
  return {
    ...house,
    sql,
    ask,
    /** an operator with the password `right-password`, whose hash is as cheap as can be */
    async add(username: string, more?: Partial<OperatorRecord>): Promise<void> {
      const deed = { at: NOON, username: 'system', action: 'operator.add', subject: `operator/${username}` }
      await house.operators.add({ ...recordOf(username), passwordHash, ...more }, deed)
    },
    /** Another administrator approves what was asked for, as they see it. */
    async approve(changeId: string, { token }: { token: string }): Promise<JudgedChange> {
      const path = `/admin/changes/${changeId}`
      const seen = await ask<ChangeRequestView>('GET', path, { token })
      return (await ask<JudgedChange>('POST', `${path}/approve`, { token, ifMatch: seen.body.revision })).body
    },
    logIn: (username: string, password = PASSWORD): Promise<Reply<OperatorSession>> =>
      ask('POST', '/admin/session', { body: { username, password } }),
    /** somebody at an address, with a browser that keeps cookies; needs {@link byAddress} */
    visitor: (address: string, cookies: Record<string, string> = {}) => ({
      cookies,
      async logIn(username: string, password = PASSWORD): Promise<Reply<OperatorSession>> {
        const cookie = Object.entries(cookies).map((one) => one.join('='))
        const headers = { 'X-Address': address, Cookie: cookie.join('; ') }
        const reply = await ask<OperatorSession>('POST', '/admin/session', { body: { username, password }, headers })
        for (const line of reply.headers.getSetCookie()) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
          cookies[name!] = value!
        }
        return reply
      },
    }),
    async stop() {
      await house.stop()
      await sql.stop()
    },
  }
}

/** Who calls is at the address that a header says. */
export const byAddress: Partial<HttpDeps> = {
  callerOf: ({ headers }) => ({ address: String(headers['x-address'] ?? 'unknown'), device: null }),
}

function recordOf(username: string): OperatorRecord {
  return {
    username,
    name: '王工',
    roles: ['viewer'],
    branchCode: null,
    passwordHash: null,
    mustChangePassword: false,
    oidcSubject: null,
    disabledAt: null,
    lockedUntil: null,
    secondFactorSince: null,
    createdAt: NOON,
    lastLoginAt: null,
  }
}
