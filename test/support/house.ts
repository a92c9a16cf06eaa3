import { masterKeys } from '../../server/domain/key-ring'
import type { Operator, Role } from '../../server/domain/operator'
import { createApp } from '../../server/http/app'
import type { ChangeRequestView, JudgedChange, MerchantImportView } from '../../server/http/contract'
import type { HttpDeps } from '../../server/http/deps'
import { serveLive } from '../../server/http/live'
import { tokens } from '../../server/http/token'
import { serve } from '../../server/serve'
import { sqlAgreements } from '../../server/store/sql/agreement/agreements'
import { sqlArchived } from '../../server/store/sql/archive/archived'
import { auditKeys } from '../../server/store/sql/audit/audit'
import { sqlBooksChain } from '../../server/store/sql/audit/books-chain'
import { sqlCampaigns } from '../../server/store/sql/campaign/book'
import { sqlBrakes } from '../../server/store/sql/campaign/brakes'
import { sqlChanges } from '../../server/store/sql/change/changes'
import { sqlDecks } from '../../server/store/sql/deck/decks'
import { sqlDesk } from '../../server/store/sql/desk/desk'
import { sqlCatalog } from '../../server/store/sql/merchant/catalog'
import { sqlMessageGrants } from '../../server/store/sql/merchant/message-grants'
import type { Sql } from '../../server/store/sql/open-sql'
import { sqlOperators } from '../../server/store/sql/operator/operators'
import { sqlLedger } from '../../server/store/sql/payment/ledger'
import { sqlReconciliations } from '../../server/store/sql/reconcile/reconciliations'
import { sqlRefunds } from '../../server/store/sql/refund/refund-ledger'
import { type FoodStreet, seedFoodStreet } from '../../server/store/sql/seed'
import { sqlSuspicions } from '../../server/store/sql/suspicion/suspicions'
import { type Flow, httpDepsOf, startFlow } from './flow'

/** The operators' house over HTTP: real routes, flow and SQL; the clock, the slots and the bank are a test's own. */

export const person = (username: string, roles: Role[], branchCode: string | null = null): Operator => ({
  username,
  name: username,
  roles,
  branchCode,
})

export interface Sent {
  body?: unknown
  /** sent as it is */
  raw?: { type: string; text: string | Buffer }
  csv?: string | Buffer | undefined
  ifMatch?: number | undefined
  headers?: Record<string, string>
}

export interface Reply<T> {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it
  body: T extends undefined ? any : T
}

export interface HouseOptions {
  street: FoodStreet
  /** a token names one of them: log-in is another test's; null: they log in */
  staff: readonly Operator[] | null
  /** replaces parts of what the app is given */
  changed?: (flow: Flow) => Partial<HttpDeps>
}

export type House = Awaited<ReturnType<typeof startHouse>>

export async function startHouse(sql: Sql, { street, staff: given, changed = () => ({}) }: HouseOptions) {
  const staff = given && [...given]
  const flow = startFlow()
  const { clock } = flow
  const issued = tokens(Buffer.alloc(32, 9), 3_600_000)
  const keys = auditKeys(masterKeys(Buffer.alloc(32, 3)))
  const { deeds } = keys
  const operators = sqlOperators(sql, deeds)
  const named = async (sessionId: string) => {
    const operator = staff?.find((one) => one.username === sessionId)
    return operator && { operator, mustChangePassword: false, secondFactor: true }
  }
  const deps = httpDepsOf(flow, {
    ledger: sqlLedger(sql),
    decks: sqlDecks(sql),
    agreements: sqlAgreements(sql),
    catalog: sqlCatalog(sql),
    refunds: sqlRefunds(sql),
    desk: sqlDesk(sql, deeds),
    reconciliations: sqlReconciliations(sql, deeds),
    suspicions: sqlSuspicions(sql),
    booksChain: sqlBooksChain(sql, keys),
    archived: sqlArchived(sql),
    campaigns: sqlCampaigns(sql, deeds),
    changes: sqlChanges(sql, deeds),
    brakes: sqlBrakes(sql, deeds),
    grants: sqlMessageGrants(sql),
    operators: staff ? { ...operators, session: named } : operators,
    tokens: issued,
    ...changed(flow),
  })
  await seedFoodStreet(sql, street)
  const { server, port, stop } = await serve(createApp(deps).callback(), 0, '127.0.0.1')
  const liveDeps = { ...deps }
  const live = serveLive(server, liveDeps)
  const url = `http://127.0.0.1:${port}`
  let calls = 0

  async function call<T = undefined>(
    method: string,
    path: string,
    token?: string,
    { body, csv, raw = csv === undefined ? undefined : { type: 'text/csv', text: csv }, ifMatch, headers }: Sent = {},
  ): Promise<Reply<T>> {
    const sent = raw ?? (body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) })
    const reply = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: {
        // what is compressed is a test's own subject
        'Accept-Encoding': 'identity',
        'Idempotency-Key': `key-${++calls}-00000000`,
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(sent && { 'Content-Type': sent.type }),
        ...(ifMatch !== undefined && { 'If-Match': `"${ifMatch}"` }),
        ...headers,
      },
      body: sent?.text as never,
    })
    const text = await reply.text()
    const json = /json/.test(reply.headers.get('content-type') ?? '')
    return { status: reply.status, headers: reply.headers, body: json ? JSON.parse(text) : text }
  }

  /** Decides as who has just looked: with the ETag of what stands a step above the path, or before its query. */
  async function decide<T = undefined>(path: string, token: string, sent: Sent = {}): Promise<Reply<T>> {
    const looked = await call('GET', path.replace(/\/[^/]*$/, ''), token)
    return call<T>('POST', path, token, {
      ...sent,
      headers: { 'If-Match': looked.headers.get('etag') ?? '"1"', ...sent.headers },
    })
  }

  /** A fresh token of an operator. */
  const tokenOf = (username: string) => issued.issue({ kind: 'operator', sessionId: username }, clock.at).token
  return {
    url,
    sql,
    flow,
    clock,
    deps,
    /** of the live feed alone */
    liveDeps,
    operators,
    /** those whose token is taken; a test may add to them */
    staff: staff ?? [],
    call,
    token: tokenOf,
    as: (username: string) => ({
      get: <T = undefined>(path: string, sent?: Sent) => call<T>('GET', path, tokenOf(username), sent),
      post: <T = undefined>(path: string, body?: unknown, sent?: Sent) =>
        call<T>('POST', path, tokenOf(username), { body, ...sent }),
      decide: <T = undefined>(path: string, body?: unknown, sent?: Sent) =>
        decide<T>(path, tokenOf(username), { body, ...sent }),
      patch: <T = undefined>(path: string, body: unknown, ifMatch?: number) =>
        call<T>('PATCH', path, tokenOf(username), { body, ifMatch }),
      csv: <T = undefined>(path: string, csv: string | Buffer, ifMatch?: number) =>
        call<T>('POST', path, tokenOf(username), { csv, ifMatch }),
    }),
    /** The sandbox's owner of a merchant. */
    owner: (merchantCode: string) => issued.issue({ kind: 'merchant', merchantCode }, clock.at).token,
    /** A payer's token, by the sandbox's log-in. */
    async payer(name: string): Promise<string> {
      const body = { platform: 'browser', code: name }
      return (await call<{ token: string }>('POST', '/api/session', undefined, { body })).body.token
    },
    /** A table of merchants that one operator sends, and another approves where it moves money. */
    async imported(csv: string | Buffer, [by, reviewer] = ['maker', 'checker']): Promise<Reply<MerchantImportView>> {
      const sent = await call<MerchantImportView>('POST', '/admin/merchants/import', tokenOf(by!), { csv })
      const { review } = sent.body
      if (review) await this.approve(review.changeId, reviewer)
      return sent
    },
    /** Another operator approves what was asked for, as they see it. */
    async approve<T = JudgedChange>(changeId: string, by = 'checker'): Promise<Reply<T>> {
      const path = `/admin/changes/${changeId}`
      const seen = await call<ChangeRequestView>('GET', path, tokenOf(by))
      return call<T>('POST', `${path}/approve`, tokenOf(by), { ifMatch: seen.body.revision })
    },
    async stop() {
      live.close()
      await stop(0)
    },
  }
}
