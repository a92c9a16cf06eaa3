import { branchCode, fillHistory, HISTORY, merchantCode, SHORT } from '../../../../harness/history'
import { heard, planned } from '../../../../harness/plan'
import { postgresMissing, startTestPostgres, type TestSql } from '../../../../harness/sql'
import { CHANNELS } from '../../../../server/domain/channel'
import type { Operator } from '../../../../server/domain/operator'
import { search as searchFor } from '../../../../server/flow/payment/search'
import { campaignReport } from '../../../../server/flow/report/report'
import { scoreDay } from '../../../../server/flow/suspicion/score'
import { sqlArchived } from '../../../../server/store/sql/archive/archived'
import { sqlCampaigns } from '../../../../server/store/sql/campaign/book'
import { sqlDesk } from '../../../../server/store/sql/desk/desk'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlDeliveries } from '../../../../server/store/sql/payment/deliveries'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { endless } from '../../../../server/store/sql/reconcile/endless'
import { ownPage } from '../../../../server/store/sql/reconcile/match'
import { sqlSuspicions } from '../../../../server/store/sql/suspicion/suspicions'

const TODAY = '2026-11-20'
const NOON = Date.parse(`${TODAY}T12:00:00+08:00`)
const DAY = '2026-11-18'
const ORDERS_A_DAY = 500

const ALL = {
  scope: null,
  branchCode: null,
  q: undefined,
  bound: undefined,
  disabled: undefined,
  date: TODAY,
  after: undefined,
  limit: 51,
}

/** What an operator may look at, one way each, and what is looked at for them by night. */
function looksOf(sql: Sql): Record<string, () => Promise<unknown>> {
  const desk = sqlDesk(sql, undefined as never)
  const day = { from: DAY, to: DAY }
  const report = (by: 'day' | 'branch' | 'merchant' | 'account', branch: string | null = null) =>
    campaignReport(
      { desk, clock: { now: () => NOON }, limits: { leaseTtlMs: 120_000 } },
      { campaignId: HISTORY, branchCode: branch, by, ...day },
    )
  const orders = (filter: object) => desk.orders.orders({ branchCode: null, limit: 21, ...filter })
  const refunds = (filter: object) => desk.orders.refunds({ branchCode: null, limit: 21, ...filter })
  const branch = branchCode(7)
  const search = searchOn(sql)
  return {
    'the report of a day by day': () => report('day'),
    'the report of a day by branch': () => report('branch'),
    'the report of a day by merchant': () => report('merchant'),
    'the report of a day by account': () => report('account'),
    'the report of a day for a branch': () => report('day', branch),
    'orders, the newest': () => orders({}),
    'orders of a day': () => orders({ date: DAY }),
    'orders of a branch': () => orders({ branchCode: branch }),
    'orders of a branch, a day': () => orders({ branchCode: branch, date: DAY }),
    'orders of a merchant': () => orders({ merchantCode: merchantCode(3) }),
    'orders of a campaign': () => orders({ campaignId: HISTORY }),
    'orders of a campaign long over': () => orders({ campaignId: SHORT }),
    'orders of a branch that has none': () => orders({ branchCode: 'HB99' }),
    'orders of nobody knows how they ended': () => orders({ state: 'paying' }),
    'orders that were paid on a day': () => orders({ state: 'paid', endedOn: DAY }),
    'a search of a branch': () => search('12.34 近5天', branch),
    'a search for a channel’s number': () => search('4200002345202611213456789012'),
    'refunds, the newest': () => refunds({}),
    'refunds of a branch': () => refunds({ branchCode: branch }),
    'refunds that failed': () => refunds({ state: 'failed' }),
    'merchants by code': () => desk.merchantBook.list({ ...ALL, sort: 'code', descending: false }),
    'merchants by what they sold today': () => desk.merchantBook.list({ ...ALL, sort: 'orders', descending: true }),
    'what all merchants come to': () => desk.merchantBook.totals(ALL),
    'a merchant’s last days': () => desk.merchantBook.days(merchantCode(3), { from: '2026-11-16', to: TODAY }, null),
    'the scoring of a day': () =>
      scoreDay({ suspicions: sqlSuspicions(sql), clock: { now: () => NOON } }, DAY, { anew: true }),
    ...jobsOf(sql),
  }
}

/** What is asked all the time, by jobs and for the metrics. */
function jobsOf(sql: Sql): Record<string, () => Promise<unknown>> {
  const ledger = sqlLedger(sql)
  const bookings = { kind: 'clearing' as const, ownDate: DAY, after: undefined, limit: 500, shortBefore: NOON }
  return {
    'a claim of what is due': () => ledger.claimDue(CHANNELS, NOON, 100, 1_000),
    'a claim of slots to give back': () => ledger.claimReturns(NOON, 100),
    'how much is unknown': () => ledger.backlog(),
    'what has no end': () => endless(sql, NOON, 50),
    'what WeChat is to be told of': () =>
      sqlDeliveries(sql).plan({ paidFrom: NOON - 600_000, payerRefPrefix: 'ref', look: 1_000 }),
    'what WeChat is to be told of, when a process starts': () =>
      sqlDeliveries(sql).plan({ paidFrom: NOON - 72 * 3_600_000, payerRefPrefix: 'ref', look: 100 }),
    'our bookings of a day': () => ownPage(sql, { day: { channel: 'bank', date: DAY }, ...bookings }),
  }
}

const searchOn =
  (sql: Sql) =>
  (q: string, branchCode: string | null = null) =>
    searchFor(
      { desk: sqlDesk(sql, undefined as never), archived: sqlArchived(sql), clock: { now: () => NOON } },
      { branchCode } as Operator,
      q,
    )

/** What is looked for, and what its stretches hold: orders at all merchants, of whom a quarter come at noon; or a merchant's days, a few pages each. */
const SEARCHES: Record<string, number> = {
  '12.34': 2 * ORDERS_A_DAY,
  '12.34 中午': (2 * ORDERS_A_DAY) / 4,
  [`${merchantCode(3)} 近31天`]: 31 * 2 * 10,
}

const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe
/** Pages of the database, which are counted and not timed. */
described('what an operator looks at touches as much of the database', () => {
  let engine: TestSql
  const touched: Record<number, Record<string, number>> = {}
  const searched: Record<string, number> = {}
  let campaigns = 0
  beforeAll(async () => {
    engine = await startTestPostgres()
    for (const days of [5, 60]) {
      const sql = await engine.fresh()
      await fillHistory(engine.connection(), { today: TODAY, days, from: 0, to: days * ORDERS_A_DAY })
      touched[days] = {}
      for (const [name, look] of Object.entries(looksOf(sql)))
        touched[days][name] = (await planned(sql.pool, await heard(look))).buffers
      for (const q of Object.keys(SEARCHES))
        searched[q] = (await planned(sql.pool, await heard(() => searchOn(sql)(q)))).buffers
      const list = () => sqlCampaigns(sql, undefined as never).list({ branchCode: null, today: TODAY, limit: 50 })
      campaigns = (await planned(sql.pool, await heard(list))).buffers
    }
  })
  afterAll(() => engine?.stop())

  it.each(Object.keys(looksOf({} as Sql)))('with 60 days behind it as with 5: %s', (name) => {
    expect(touched[60]![name]).toBeLessThan(1.25 * touched[5]![name]! + 100)
  })

  it.each(Object.entries(SEARCHES))('as what lies in the days that are searched, and not as all: %s', (q, most) => {
    expect(searched[q]).toBeLessThan(most + 450)
  })

  it('campaigns, each with 250 deeds behind it, by looking at each deed a few times, and not at all others beside it', () => {
    expect(campaigns).toBeLessThan(51 * 250 * 5)
  })
})
