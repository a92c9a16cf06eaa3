import { heard, planned } from '../../../../harness/plan'
import { postgresMissing, sqlEngines, startOwnPostgres, type TestSql } from '../../../../harness/sql'
import type { ChannelName } from '../../../../server/domain/channel'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { sqlReconciliations } from '../../../../server/store/sql/reconcile/reconciliations'
import { opened } from '../payment/ledger-orders'

const missing = postgresMissing()
if (missing) console.warn(`what a first day costs: ${missing}`)

const firstDay = (sql: Sql, channel: ChannelName) => sqlReconciliations(sql).firstDay(channel)

describe.each(sqlEngines())('the first day of a channel, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  it('is that of its first order, by the date and not by when it came, and no other channel’s', async () => {
    const open = (channel: ChannelName, businessDate: string) => opened(sqlLedger(sql), { channel, businessDate })
    expect(await firstDay(sql, 'bank')).toBeUndefined()
    await open('bank', '2026-11-21')
    await open('bank', '2026-11-19')
    await open('bank', '2026-11-20')
    await open('unionpay', '2026-11-01')
    expect(await firstDay(sql, 'bank')).toBe('2026-11-19')
    expect(await firstDay(sql, 'unionpay')).toBe('2026-11-01')
    // Before them, between them and after them.
    for (const channel of ['alipay', 'wechatpay'] as const) expect(await firstDay(sql, channel)).toBeUndefined()
    await open('alipay', '2026-11-22')
    expect(await firstDay(sql, 'alipay')).toBe('2026-11-22')
  })
})

;(missing ? describe.skip : describe)('the first day of a channel that nobody paid through', () => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await startOwnPostgres(['autovacuum=off'])
    sql = await engine.fresh()
    const { orderNo } = await opened(sqlLedger(sql))
    await sql.pool.query(
      `insert into orders select (jsonb_populate_record(null::orders, to_jsonb(o) || jsonb_build_object('order_no', o.order_no || n,
         'quote_nonce', 'n' || n, 'business_date', o.business_date + n % 30))).*
       from orders o cross join generate_series(1, 5000) n where o.order_no = $1`,
      [orderNo],
    )
  })
  afterAll(() => engine?.stop())

  it.each([
    ['when nobody has looked at the orders', 'select'],
    ['and when they are known', 'analyze orders'],
  ])('is told by a look into an index, however many paid through others, %s', async (_, first) => {
    await sql.pool.query(first)
    for (const channel of ['alipay', 'unionpay'] as const) {
      const statements = await heard(() => firstDay(sql, channel))
      const { buffers, summary } = await planned(sql.pool, statements)
      expect(summary).toMatch(/Index Only orders_first_channel_business_date_idx: [01](;|$)/)
      expect(buffers).toBeLessThan(30)
    }
  })
})
