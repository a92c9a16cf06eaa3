import { postgresMissing, startOwnPostgres, type TestSql } from '../../../../harness/sql'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { packBooks } from '../../../../server/store/sql/payment/pack-books'
import { packPapers } from '../../../../server/store/sql/payment/pack-papers'
import { packLines } from '../../../../server/store/sql/reconcile/pack-lines'
import { AFTER, D, done, lineOf, NEXT, startDesk } from '../../../support/reconcile'
import { chained } from '../audit/books'
import { opened, paid, SUCCEEDED } from './ledger-orders'

const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

const TABLES = `relname in ('order_events', 'postings', 'channel_requests', 'statement_lines')
  or relid in (select inhrelid from pg_inherits where inhparent = 'orders'::regclass)`

described('what packs', () => {
  let engine: TestSql
  let sql: Sql
  let own: Sql
  beforeAll(async () => {
    engine = await startOwnPostgres(['autovacuum=off'])
    sql = await engine.fresh()
    own = openSql({ ...engine.connection(), max: 1 })
  })
  afterAll(async () => {
    await own?.close()
    await engine?.stop()
  })

  const readThrough = async () => {
    await own.pool.query('select pg_stat_force_next_flush()')
    const { rows } = await own.pool.query<{ name: string; n: number }>(
      `select relname as name, seq_scan::int as n from pg_stat_user_tables where ${TABLES} order by 1`,
    )
    return rows
  }

  it('reads no table through for it, though a session’s plans were made when nothing was known of any', async () => {
    // The seventh of a session goes by the plan that is kept.
    for (let n = 0; n < 7; n++) {
      await packBooks(own)
      await packLines(own)
    }
    const desk = startDesk(sql)
    await desk.live()
    const orders = []
    for (let n = 0; n < 30; n++) {
      const order = await opened(sqlLedger(sql), { businessDate: D, createdAt: Date.parse(`${D}T12:00:00+08:00`) })
      await sqlLedger(sql).endOrder(order, paid(order, order.createdAt + 800), SUCCEEDED)
      orders.push({ ...order, channelTradeNo: `B${n}`, endedAt: order.createdAt + 800 })
    }
    done(
      await desk.reconcile(
        D,
        orders.map((order) => lineOf(order)),
      ),
    )
    for (const date of [NEXT, AFTER]) done(await desk.reconcile(date, []))
    await chained(sql, AFTER)
    await packPapers(sql, '2100-01-01')

    const before = await readThrough()
    expect(before.map(({ name }) => name)).toEqual(expect.arrayContaining(['order_events', 'orders_other', 'postings']))
    expect((await packBooks(own)).orders).toBeGreaterThanOrEqual(30)
    expect((await packLines(own)).lines).toBeGreaterThanOrEqual(30)
    expect(await readThrough()).toEqual(before)
  })
})
