import { oneSqlEngine, type TestSql } from '../../../../harness/sql'
import { addDays } from '../../../../server/domain/business-date'
import { type AuditReport, audit } from '../../../../server/flow/audit/audit'
import type { AuditCode } from '../../../../server/flow/audit/fault'
import type { AuditDays } from '../../../../server/flow/ports'
import { sqlAudit } from '../../../../server/store/sql/audit/audit'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { packBooks } from '../../../../server/store/sql/payment/pack-books'
import { packPapers } from '../../../../server/store/sql/payment/pack-papers'
import { packLines } from '../../../../server/store/sql/reconcile/pack-lines'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { takenBack } from '../../../support/taken-back'
import { DATE, opened, paid, SUCCEEDED } from '../payment/ledger-orders'
import { back, REFUNDED, refunding } from '../refund/refund-contract'
import { behind, liftConstraints, run } from './behind'
import { BOOK_TAMPERINGS } from './book-tamperings'
import { type AuditedBooks, healthyBooks, KEY_ID, KEYS, SECRET } from './books'
import { BESIDE, CHAIN_TAMPERINGS } from './chain-tamperings'
import { LAST_DAY } from './last-day'
import { LINE_TAMPERINGS } from './line-tamperings'
import { PACK_TAMPERINGS } from './pack-tamperings'
import { SINGLES } from './singles'
import { TAMPERINGS } from './tamperings'

/** What belongs to campaigns, to people, or to the log of what they did, and to no day. */
const OF_NO_DAY: AuditCode[] = [
  'action-log-broken',
  'approval-wrong',
  'archive-differs',
  'archived-sums-wrong',
  'binding-wrong',
  'campaign-list-wrong',
  'campaign-state-wrong',
  'change-wrong',
  'committed-not-the-decks',
  'log-cut-off',
  'over-budget',
  'party-wrong',
  'reconciliation-wrong',
  'seal-differs',
  'terms-not-approved',
]

/** Nothing of the day leads there any more. Its chain tells of each; the audit of all names it as well. */
const ELSEWHERE: Record<string, AuditCode[]> = {
  'an order is deleted': ['payer-day-wrong'],
  'an order’s papers stand under another number': ['order-missing'],
  'an order’s events stand under another number': ['order-missing'],
}

const EVERY = { from: addDays(DATE, -1), to: LAST_DAY }
const [one] = oneSqlEngine()

/** Of a few days the audit says what it says of all, though it reads only what belongs to them. */
describe(`the audit of days, ${one!.name}`, () => {
  let engine: TestSql
  let sql: Sql
  let books: AuditedBooks

  const look = (days: AuditDays, on = sql) =>
    audit({
      books: sqlAudit(on, KEYS),
      campaignSecret: (_, keyId = null) => (keyId === null || keyId === KEY_ID ? SECRET : undefined),
      sources: { statements: new Map([['bank', books.statements]]) },
      days,
    })
  const codesOf = ({ violations }: AuditReport) => violations.map(({ code }) => code)

  beforeAll(async () => {
    engine = await one!.start()
    sql = await engine.fresh()
    books = await healthyBooks(sql)
    await liftConstraints(sql)
  })
  afterAll(() => engine?.stop())

  it('finds nothing where nothing is wrong, on all of them and on each', async () => {
    const all = await look(EVERY)
    expect(all.violations).toEqual([])
    expect(all.looked).toMatchObject({ decks: 2, orders: 12, refunds: 6, statements: 2, campaigns: 0, actions: 0 })
    expect(all.skipped).toContainEqual(expect.objectContaining({ reason: expect.stringContaining('--date') }))
    for (const date of [EVERY.from, DATE, addDays(DATE, 1), LAST_DAY])
      expect([date, codesOf(await look({ from: date, to: date }))]).toEqual([date, []])
  })

  it('reads what belongs to a day, and no more', async () => {
    const { looked } = await look({ from: LAST_DAY, to: LAST_DAY })
    // Paid or refunded on it, though their own day was the first.
    expect(looked.orders).toBeLessThan(12)
    expect(looked.decks).toBe(0)
    expect((await look({ from: '2000-01-01', to: '2000-01-02' })).looked).toMatchObject({
      orders: 0,
      decks: 0,
      links: 0,
    })
  })

  it('reads what is summed of a campaign’s day with that day, and with no other', () =>
    takenBack(sql, async (inside) => {
      await behind(
        inside,
        `delete from decks where closed_at is null;
         insert into campaign_day_sums (business_date, campaign_id) select distinct business_date, campaign_id from counted_campaign_day_decks;
         insert into campaign_day_orders select o.* from counted_campaign_day_orders o join campaign_day_sums using (campaign_id, business_date);
         insert into campaign_day_decks select * from counted_campaign_day_decks`,
      )
      const wrongOn = async () => {
        const wrong: boolean[] = []
        for (const date of [DATE, LAST_DAY])
          wrong.push(codesOf(await look({ from: date, to: date }, inside)).includes('campaign-day-wrong'))
        return wrong
      }
      expect(await wrongOn()).toEqual([false, false])
      const summedOn = (table: string) => `insert into ${table}
        select (json_populate_record(s, '{"business_date":"${LAST_DAY}"}')).* from ${table} s where business_date = '${DATE}'`
      await behind(inside, `${summedOn('campaign_day_orders')}; ${summedOn('campaign_day_decks')}`)
      expect(await wrongOn()).toEqual([false, true])
    }))

  it('leaves nothing behind', async () => {
    await look(EVERY)
    expect(await run(`select relname from pg_class where relnamespace = pg_my_temp_schema()`, sql)).toEqual([])
  })

  const all = [
    ...TAMPERINGS,
    ...CHAIN_TAMPERINGS,
    ...SINGLES.map((single) => ({ ...single, codes: [single.code] })),
    ...PACK_TAMPERINGS.map((pack) => ({ ...pack, packed: true })),
    ...BOOK_TAMPERINGS.map((book) => ({ ...book, packed: true, books: true })),
    ...LINE_TAMPERINGS.map((line) => ({ ...line, lines: true })),
  ]
  const ofDays = all
    .map((each) => ({
      ...each,
      codes: each.codes.filter((code) => !OF_NO_DAY.includes(code) && !ELSEWHERE[each.what]?.includes(code)),
    }))
    .filter(({ codes }) => codes.length > 0)

  it('has many to try', () => {
    expect(ofDays.length).toBeGreaterThan(90)
  })

  it.each(ofDays)('sees that $what: $codes', async ({ codes, how, ...more }) => {
    await takenBack(sql, async (inside) => {
      if ('packed' in more) await packPapers(inside, LAST_DAY)
      if ('lines' in more) expect((await packLines(inside)).lines).toBe(books.lines.length)
      if ('books' in more) expect((await packBooks(inside)).orders).toBeGreaterThan(5)
      await behind(inside, how(books as never))
      const found = codesOf(await look(EVERY, inside)).filter((code) => codes.includes(code) || !BESIDE.includes(code))
      expect([...new Set([...codes, ...found])].sort()).toEqual([...found].sort())
      expect(found.filter((code) => OF_NO_DAY.includes(code))).toEqual([])
    })
  })
})

/** Then only what an order is of leads to its day. */
describe(`the audit of days of which nothing is chained yet, ${one!.name}`, () => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await one!.start()
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  it('has the whole of an order that was refunded, or stood in a statement, on another day than its own', async () => {
    const [ledger, refunds, next] = [sqlLedger(sql), sqlRefunds(sql), addDays(DATE, 1)]
    const pay = async () => {
      const order = await opened(ledger)
      await ledger.endOrder(order, paid(order), SUCCEEDED)
      return (await ledger.order(order.orderNo))!
    }
    const [returned, stated] = [await pay(), await pay()]
    const refund = await refunding(refunds, returned, 100, { businessDate: next })
    await refunds.endRefund(refund, back(returned, refund), REFUNDED)
    await sql.pool.query(
      `insert into reconciliations (channel, statement_date, sha256, bytes, lines, totals, started_at, held_until, matched_at, result, run)
       values ('bank', $1, 'x', 1, 1, '{}', 0, 0, 1, '{}', '')`,
      [next],
    )
    const { payableFen, discountFen, merchantReceivesFen } = stated.figures
    await sql.pool.query(
      `insert into statement_lines (channel, statement_date, line_no, kind, order_no, channel_trade_no, booked_at, payer_fen, gl_fen, merchant_fen, merchant_account)
       values ('bank', $1, 1, 'clearing', $2, 'x', 1, $3, $4, $5, 'x')`,
      [next, stated.orderNo, -payableFen, -discountFen, merchantReceivesFen],
    )
    const look = (days?: AuditDays) => audit({ books: sqlAudit(sql, KEYS), campaignSecret: () => SECRET, days })
    const [all, day] = [await look(), await look({ from: next, to: next })]
    expect(day.looked).toMatchObject({ orders: 2, refunds: 1, statements: 1 })
    const known = all.violations.map(({ code }) => code)
    expect(day.violations.filter(({ code }) => !known.includes(code))).toEqual([])
  })
})
