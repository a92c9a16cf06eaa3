import { postgresMissing, startOwnPostgres, type TestSql } from '../../../../harness/sql'
import type { Order } from '../../../../server/domain/order'
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

/** Packed at a time, beside so many others of days before and as many of days to come. */
const OWN = 30
const OTHERS = 3_000
/** Rows and index entries that packing an order looks at, of two events, three postings, an order and a line: each a few times. */
const OF_AN_ORDER = 40

const TABLES = `('order_events', 'postings', 'channel_requests', 'statement_lines', 'orders_first', 'orders_other')`

described('what packs reads its own orders’ rows and hardly another', () => {
  let engine: TestSql
  let sql: Sql
  /** its plans were made when there was nothing, and are kept: the seventh call of a session goes by them */
  let early: Sql
  let after = { books: '', lines: '' }
  const session = () => openSql({ ...engine.connection(), max: 1 })

  beforeAll(async () => {
    engine = await startOwnPostgres(['autovacuum=off'])
    sql = await engine.fresh()
    early = session()
    for (let n = 0; n < 7; n++) {
      await packBooks(early)
      await packLines(early)
    }
    const first = await paidOrders()
    await beside(first[0]!.orderNo)
    await chained(sql, AFTER)
    await packPapers(sql, '2100-01-01')
    const start = first.map(({ orderNo }) => orderNo).sort()[0]!
    after = { books: before(start), lines: before(start) }
  })
  afterAll(async () => {
    await early?.close()
    await engine?.stop()
  })

  async function paidOrders(): Promise<Order[]> {
    const desk = startDesk(sql)
    await desk.live()
    const orders = []
    for (let n = 0; n < 3 * OWN; n++) {
      const order = await opened(sqlLedger(sql), { businessDate: D, createdAt: Date.parse(`${D}T12:00:00+08:00`) })
      await sqlLedger(sql).endOrder(order, paid(order, order.createdAt + 800), SUCCEEDED)
      orders.push({ ...order, channelTradeNo: `B${n}`, endedAt: order.createdAt + 800 })
    }
    const lines = orders.map((order) => lineOf(order))
    done(await desk.reconcile(D, lines))
    for (const date of [NEXT, AFTER]) done(await desk.reconcile(date, []))
    return orders
  }

  /** Others like it, whose numbers are lower and higher, among the same pages. */
  async function beside(orderNo: string) {
    const other = `case when n % 2 = 0 then 'F20261101' else 'F20261231' end || 'x' || n`
    const like = (table: string, own: string) => `
      insert into ${table} select (jsonb_populate_record(null::${table}, to_jsonb(t) || jsonb_build_object('order_no', ${other}, ${own}))).*
      from ${table} t cross join generate_series(1, ${2 * OTHERS}) n where t.order_no = $1`
    const several = { order_events: 'event_id', postings: 'posting_id' }
    for (const [table, id] of Object.entries(several))
      await sql.pool.query(
        like(table, `'${id}', 1000000 + t.${id} * 10000 + n`).replace('select', 'overriding system value select'),
        [orderNo],
      )
    await sql.pool.query(like('statement_lines', `'line_no', 1000 + n, 'statement_date', '2026-01-01'`), [orderNo])
    await sql.pool.query(like('orders', `'quote_nonce', 'q' || n`), [orderNo])
    await sql.pool.query(
      `insert into channel_requests (order_no, request, sent_at) select ${other}, '{}', n from generate_series(1, ${2 * OTHERS}) n`,
    )
  }

  const read = async (on: Sql) => {
    await on.pool.query('select pg_stat_force_next_flush()')
    const { rows } = await on.pool.query<{ rows: number; entries: number }>(`
      select
        (select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_user_tables where relname in ${TABLES})::int as rows,
        (select sum(idx_tup_read) from pg_stat_user_indexes where relname in ${TABLES})::int as entries`)
    return rows[0]!
  }

  it.each([
    ['by plans of when there was nothing', () => early],
    ['by plans of now, of tables that nobody has looked at', session],
    [
      'by plans of now, of tables that are known',
      async () => {
        await sql.pool.query('analyze')
        return session()
      },
    ],
  ])('%s', async (_, who) => {
    const on = await who()
    const was = await read(on)
    const books = await packBooks(on, after.books, OWN)
    const lines = await packLines(on, after.lines, OWN)
    after = { books: books.next!, lines: lines.next! }
    const is = await read(on)
    if (on !== early) await on.close()
    expect([books.orders, lines.lines]).toEqual([OWN, OWN])
    expect(is.rows - was.rows).toBeGreaterThanOrEqual(OWN)
    expect(is.rows - was.rows).toBeLessThanOrEqual(OWN * OF_AN_ORDER)
    expect(is.entries - was.entries).toBeLessThanOrEqual(OWN * OF_AN_ORDER)
  })
})

/** What sorts right before a number. */
const before = (orderNo: string) => orderNo.slice(0, -1)
