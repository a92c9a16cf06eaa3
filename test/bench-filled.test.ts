import { type Filled, fillDay, layFilled } from '../bench/growth-days'
import { night } from '../bench/growth-night'
import { sizesOf } from '../bench/growth-tables'
import { postgresMissing, startOwnPostgres, type TestSql } from '../harness/sql'
import { deckKeys, masterKeys } from '../server/domain/key-ring'
import { audit } from '../server/flow/audit/audit'
import { auditKeys, sqlAudit } from '../server/store/sql/audit/audit'
import type { Sql } from '../server/store/sql/open-sql'

/** What benches fill a ledger with is a ledger: else they would measure what there never is. */

const MASTERS = masterKeys(Buffer.alloc(32, 7))
const ORDER = {
  ...{ order_no: 'F20261130-V5YJ-7VZM-FWWX', quote_nonce: 'FO-E4639oto14RXm', payer_id: 'p_u8fKesyu5VukLu7aLnyGL4' },
  ...{ payer_ref: 'AGD9E0B4EB34A0AFBF', merchant_code: 'N0001', channel: 'bank', business_date: '2026-11-30' },
  ...{ amount_fen: 10_000, discount_fen: 853, payer_discount_fen: 427, merchant_reward_fen: 426, payable_fen: 9_573 },
  ...{ merchant_receives_fen: 10_426, campaign_id: 'food-street', slot: 0, payer_account: '6217887789279828201' },
  ...{ merchant_account: 'acct-N0001', gl_account: '6421-03', state: 'paid', created_at: 1_000, ended_at: 1_257 },
  ...{ channel_trade_no: 'B202611300000000001', attempts: 0, deck_date: '2026-11-30', branch_code: 'B01' },
  ...{ verification: 'none', address_hash: 'fWZSRRno825s3VWN', deck_commitment: 'v2.1358' },
}
const BODY = {
  ...{ orderNo: ORDER.order_no, state: 'succeeded', amountFen: 9_573, currency: 'CNY', payee: 'acct-N0001' },
  ...{ channelTradeNo: ORDER.channel_trade_no, bookedAt: 1_209, verification: 'none' },
}
const REQUEST = {
  ...{ order_no: ORDER.order_no, sent_at: 1_000, replied_at: 1_257, request: { legs: [], orderNo: ORDER.order_no } },
  reply: { status: 200, body: JSON.stringify(BODY) },
}
const PATTERN = new Map([
  ['orders', JSON.stringify([ORDER])],
  ['channel_requests', JSON.stringify([REQUEST])],
])
const DATES = ['2026-11-01', '2026-11-02', '2026-11-03'] as const

const missing = postgresMissing()
if (missing) console.warn(missing)
const describeSql = missing ? describe.skip : describe

describeSql('a ledger that a bench has filled', () => {
  let engine: TestSql
  let sql: Sql
  let filled: Filled
  beforeAll(async () => {
    engine = await startOwnPostgres(['autovacuum=off'])
    sql = await engine.fresh({ max: 1, idleTimeoutMillis: 0 })
    const terms = { masters: MASTERS, first: DATES[0], last: DATES[2], ordersADay: 120 }
    filled = await layFilled(sql, PATTERN, terms)
    for (const date of DATES.slice(0, 2)) {
      await fillDay(sql, filled, date)
      await night(sql, filled, date)
    }
    await fillDay(sql, filled, DATES[2])
  })
  afterAll(() => engine.stop())

  const count = async (table: string) => (await sql.pool.query(`select count(*)::integer as n from ${table}`)).rows[0].n

  it('is one in which the audit finds nothing wrong, on a day that isn’t over as well', async () => {
    const { violations, looked } = await audit({ books: sqlAudit(sql, auditKeys(MASTERS)), ...deckKeys(MASTERS) })
    expect(violations).toEqual([])
    expect(looked).toMatchObject({ orders: 360, decks: 18, refunds: 3, statements: 2 })
  })

  it('has had its nights: days are sealed, packed, reconciled, closed and summed', async () => {
    expect(await count(`ledger_links where business_date is not null`)).toBe(2)
    expect(await count('packed_papers')).toBe(240)
    expect(await count('channel_requests')).toBe(120)
    expect(await count('reconciliations')).toBe(2)
    expect(await count('decks where closed_at is null')).toBe(6)
    expect(await count('campaign_day_sums')).toBe(2)
    expect(await count('day_totals')).toBe(18)
  })

  it('has replies that say what their own order says', async () => {
    const { rows } = await sql.pool.query(`
      select count(*)::integer as n from channel_requests r join orders o using (order_no)
      cross join lateral (select (r.reply ->> 'body')::json as body) b
      where body ->> 'orderNo' = order_no and body ->> 'payee' = merchant_account and body ->> 'channelTradeNo' = channel_trade_no
        and (body ->> 'amountFen')::integer = payable_fen`)
    expect(rows).toEqual([{ n: 120 }])
  })

  it('tells VACUUM of the rows of a day that are dead, and the sizes of every table', async () => {
    const { vacuum } = await night(sql, filled, DATES[2])
    expect(vacuum.rows).toBeGreaterThanOrEqual(120)
    expect(vacuum.heapPages).toBeGreaterThan(0)
    const sizes = await sizesOf(sql)
    expect(sizes.length).toBe(
      await count(
        `pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace`,
      ),
    )
    expect(sizes[0]!.name).toBe('orders')
  })
})
