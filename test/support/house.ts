import { startTestPglite, type TestSql } from '../../harness/sql'
import { keysFor, masterKeys } from '../../server/domain/key-ring'
import type { OperatorRecord, Operators } from '../../server/flow/ports'
import type { OperatorSession } from '../../server/http/contract'
import type { HttpDeps } from '../../server/http/deps'
import { deedLog } from '../../server/store/sql/deed/log'
import { sqlOperators } from '../../server/store/sql/operator/operators'
import { seedFoodStreet } from '../../server/store/sql/seed'
import { type Flow, httpDepsOf, MERCHANT, NOON, serveApp, startFlow } from './flow'

/** The operators' house on a real database and a clock that tests set: everything else is of memory. */
export interface House {
  flow: Flow
  deps: HttpDeps
  operators: Operators
  sql: TestSql
  url(): string
  /** an operator with the password `right-password`, whose hash is as cheap as can be */
  add(username: string, more?: Partial<OperatorRecord>): Promise<void>
  logIn(username: string, password?: string): Promise<Reply<OperatorSession>>
  ask<T = Record<string, unknown>>(method: string, path: string, options?: Asked): Promise<Reply<T>>
  stop(): Promise<void>
}

export interface Reply<T> {
  status: number
  headers: Headers
  body: T
}

interface Asked {
  token?: string
  body?: unknown
  headers?: Record<string, string>
}

export const PASSWORD = 'right-password'

/** `changed` replaces parts of what the app is given. */
export async function openHouse(
  changed: (flow: Flow, operators: Operators) => Partial<HttpDeps> = () => ({}),
): Promise<House> {
  const sql = await startTestPglite()
  const db = await sql.fresh()
  await seedFoodStreet(db, { merchants: [MERCHANT], campaigns: [] })
  const operators = sqlOperators(db, deedLog(keysFor('deed log', masterKeys(Buffer.alloc(32, 3)))))
  const flow = startFlow()
  const deps = httpDepsOf(flow, { operators, ...changed(flow, operators) })
  const served = await serveApp(deps)
  const passwordHash = await deps.passwords.hash(PASSWORD)

  async function ask<T>(method: string, path: string, { token, body, headers }: Asked = {}): Promise<Reply<T>> {
    const reply = await fetch(served.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await reply.text()
    const json = /json/.test(reply.headers.get('content-type') ?? '')
    return { status: reply.status, headers: reply.headers, body: (json ? JSON.parse(text) : text) as T }
  }

  return {
    flow,
    deps,
    operators,
    sql,
    ask,
    url: () => served.url,
    async add(username, more) {
      const deed = { at: NOON, username: 'system', action: 'operator.add', subject: `operator/${username}` }
      await operators.add({ ...person(username), passwordHash, ...more }, deed)
    },
    logIn: (username, password = PASSWORD) => ask('POST', '/admin/session', { body: { username, password } }),
    async stop() {
      await served.stop()
      await sql.stop()
    },
  }
}

function person(username: string): OperatorRecord {
  return {
    username,
    name: '王工',
    roles: ['viewer'],
    branchCode: null,
    passwordHash: null,
    mustChangePassword: false,
    oidcSubject: null,
    disabledAt: null,
    failedLogins: 0,
    lockedUntil: null,
    createdAt: NOON,
    lastLoginAt: null,
  }
}
