import { addDays, businessDate } from '../../server/domain/business-date'
import { masterKeys } from '../../server/domain/key-ring'
import type { Operator, Role } from '../../server/domain/operator'
import { startAndEnd } from '../../server/flow/campaign/review'
import type {
  CampaignDetail,
  MerchantSummaryView,
  MerchantView,
  OrderView,
  QuoteView,
  RulesView,
} from '../../server/http/contract'
import { tokens } from '../../server/http/token'
import { merchants as STREET } from '../../server/sandbox/food-street'
import { sqlCampaigns } from '../../server/store/sql/campaign/book'
import { sqlDecks } from '../../server/store/sql/deck/decks'
import { deedLog } from '../../server/store/sql/deed/log'
import { sqlCatalog } from '../../server/store/sql/merchant/catalog'
import type { Sql } from '../../server/store/sql/open-sql'
import { sqlOperators } from '../../server/store/sql/operator/operators'
import { sqlLedger } from '../../server/store/sql/payment/ledger'
import { sqlRefunds } from '../../server/store/sql/refund/refund-ledger'
import { seedFoodStreet } from '../../server/store/sql/seed'
import { CAMPAIGN, httpDepsOf, serveApp, startFlow } from './flow'

/** The operators' house over HTTP: real routes, flow and SQL; the clock, the slots and the bank are a test's own. */

const person = (username: string, roles: Role[], branchCode: string | null = null): Operator => ({
  username,
  name: username,
  roles,
  branchCode,
})

/** M0001, M0003, … belong to branch B01, the even ones to B02. */
const STAFF = [
  person('maker', ['maker']),
  person('maker2', ['maker']),
  person('checker', ['checker']),
  person('chief', ['maker', 'checker']),
  person('viewer', ['viewer']),
  person('south', ['maker', 'checker'], 'B01'),
  person('south2', ['checker'], 'B01'),
  person('north', ['maker', 'checker'], 'B02'),
]

export interface Sent {
  body?: unknown
  /** sent as it is */
  raw?: { type: string; text: string }
  headers?: Record<string, string>
}

export interface Reply<T> {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it
  body: T extends undefined ? any : T
}

export type Bureau = Awaited<ReturnType<typeof startBureau>>

export async function startBureau(sql: Sql) {
  const flow = startFlow()
  const key = Buffer.alloc(32, 9)
  const issued = tokens(key, 60_000)
  const deeds = deedLog(masterKeys(Buffer.alloc(32, 5)))
  const operators = {
    ...sqlOperators(sql, deeds),
    // log-in is another test's: a token names the operator
    async session(sessionId: string) {
      const operator = STAFF.find((one) => one.username === sessionId)
      return operator && { operator, mustChangePassword: false }
    },
  }
  const campaigns = sqlCampaigns(sql, deeds)
  const stores = { ledger: sqlLedger(sql), decks: sqlDecks(sql), catalog: sqlCatalog(sql), refunds: sqlRefunds(sql) }
  const deps = httpDepsOf(flow, { ...stores, operators, campaigns, tokens: issued })
  await seedFoodStreet(sql, { merchants: STREET, campaigns: [] })
  const { url, stop } = await serveApp(deps)
  const today = () => businessDate(flow.clock.at)

  async function call<T = undefined>(token: string, method: string, path: string, sent: Sent = {}): Promise<Reply<T>> {
    const raw = sent.raw ?? (sent.body === undefined ? undefined : json(sent.body))
    const headers = { Authorization: `Bearer ${token}`, ...(raw && { 'Content-Type': raw.type }), ...sent.headers }
    const reply = await fetch(url + path, { method, headers, body: raw?.text })
    return { status: reply.status, headers: reply.headers, body: await reply.json() }
  }

  const as = (username: string) => {
    const token = () => issued.issue({ kind: 'operator', sessionId: username }, flow.clock.at).token
    return {
      get: <T = undefined>(path: string) => call<T>(token(), 'GET', path),
      post: <T = undefined>(path: string, body?: unknown, sent?: Sent) =>
        call<T>(token(), 'POST', path, { body, ...sent }),
      patch: <T = undefined>(path: string, body: unknown, revision?: number) =>
        call<T>(token(), 'PATCH', path, {
          body,
          headers: revision === undefined ? {} : { 'If-Match': `"${revision}"` },
        }),
    }
  }

  return {
    flow,
    deps,
    campaigns,
    stop,
    today,
    as,
    pass: (days: number) => flow.pass(days * 86_400_000),
    startAndEnd: () => startAndEnd(deps),
    /** A draft of the case for ten days from tomorrow, at M0001 and M0002. */
    draft: (change: object = {}, by = 'maker') =>
      as(by).post<CampaignDetail>('/admin/campaigns', termsOf(today(), change)),
    /** From a draft to an approved campaign. */
    async approved(change: object = {}): Promise<CampaignDetail> {
      const { campaignId } = (await this.draft(change)).body
      expect((await this.ask('maker', campaignId, 'submit')).status).toBe(200)
      const { status, body } = await this.ask('checker', campaignId, 'approve')
      expect({ status, code: body.code }).toEqual({ status: 200, code: undefined })
      return body
    },
    /** Asks for or reviews a change, with nothing in the body unless given. */
    ask: (by: string, campaignId: string, verb: string, sent: Sent = {}) =>
      as(by).post(`/admin/campaigns/${campaignId}/${verb}`, undefined, sent),
    detail: async (campaignId: string, by = 'maker') =>
      (await as(by).get<CampaignDetail>(`/admin/campaigns/${campaignId}`)).body,
    async quote(name: string, merchantCode = 'M0001', amountFen = 10_000): Promise<QuoteView> {
      const body = { merchantCode, amountFen, channel: 'bank' }
      return (await call<QuoteView>(await payer(name), 'POST', '/api/quotes', { body })).body
    },
    /** What can be given there now, as the payer's two pages and the merchant's own are told. */
    async given(merchantCode = 'M0001') {
      const shop = (await call<MerchantView>('', 'GET', `/api/merchants/${merchantCode}`)).body
      const law = (await call<RulesView>('', 'GET', `/api/merchants/${merchantCode}/rules`)).body
      const token = issued.issue({ kind: 'merchant', merchantCode }, flow.clock.at).token
      const day = (await call<MerchantSummaryView>(token, 'GET', '/api/merchant/summary')).body
      return [shop.offer, law.today, day.today]
    },
    async pay(name: string, { quoteId }: QuoteView): Promise<OrderView> {
      const headers = { 'Idempotency-Key': `${name}-${quoteId.slice(-20)}`.replace(/[^\w-]/g, '-') }
      const { status, body } = await call<OrderView>(await payer(name), 'POST', '/api/orders', {
        headers,
        body: { quoteId },
      })
      expect(status).toBe(200)
      return body
    },
  }

  async function payer(name: string): Promise<string> {
    const body = { platform: 'browser', code: name }
    return (await call<{ token: string }>('', 'POST', '/api/session', { body })).body.token
  }
}

/** What a refusal says: its status, its code, and the field at fault if it names one. */
export async function refused(answer: Promise<{ status: number; body: object }>) {
  const { status, body } = await answer
  const { code, field } = body as { code?: string; field?: string }
  return [status, code, ...(field ? [field] : [])]
}

const json = (body: unknown) => ({ type: 'application/json', text: JSON.stringify(body) })

function termsOf(today: string, change: object) {
  return {
    name: 'street',
    organiser: 'bank',
    startDate: addDays(today, 1),
    endDate: addDays(today, 10),
    rule: CAMPAIGN.rule,
    budgetFen: 1_000_000,
    merchantCodes: ['M0001', 'M0002'],
    ...change,
  }
}
