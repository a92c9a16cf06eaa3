import { postgresMissing, startTestPostgres, type TestSql } from '../../../../harness/sql'
import { CHANNELS } from '../../../../server/domain/channel'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { closed, NOON, opened, paid, SUCCEEDED, UNKNOWN, unique } from './ledger-orders'

/** What a sweeper and an ending change of an order. One index of it, or for some rows by it, and each of these writes every index. */
const CHANGED = [
  ...['state', 'ended_at', 'channel_trade_no', 'close_reason', 'verification', 'wallet_paid'],
  ...['next_query_at', 'action', 'slot_return_at', 'attempts'],
]

const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

described('an ending writes the order and no index of it', () => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await startTestPostgres()
    await engine.fresh()
    // Whoever made the changes counts them.
    sql = openSql({ ...engine.connection(), max: 1 })
  })
  afterAll(async () => {
    await sql?.close()
    await engine?.stop()
  })

  /** Columns, expressions and conditions. */
  const indexesOfWhatChanges = async () => {
    const { rows } = await sql.pool.query<{ name: string }>(
      `select distinct i.relname as name from pg_index x join pg_class i on i.oid = x.indexrelid
       join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.oid and d.refobjid = x.indrelid
       join pg_attribute a on a.attrelid = x.indrelid and a.attnum = d.refobjsubid
       where a.attrelid in (select relid from pg_partition_tree('orders')) and a.attname = any($1) order by 1`,
      [CHANGED],
    )
    return rows.map(({ name }) => name)
  }
  const updates = async (): Promise<{ all: number; hot: number }> => {
    await sql.pool.query('select pg_stat_force_next_flush()')
    const { rows } = await sql.pool.query(
      `select sum(n_tup_upd)::int as all, sum(n_tup_hot_upd)::int as hot
       from pg_stat_user_tables where relid in (select relid from pg_partition_tree('orders'))`,
    )
    return rows[0]
  }

  it('no index holds what changes, of no month', async () => {
    expect(await indexesOfWhatChanges()).toEqual([])
    await sql.pool.query(`create index another on orders (merchant_code) where close_reason is null`)
    expect(await indexesOfWhatChanges()).toContain('another')
    await sql.pool.query('drop index another')
  })

  it('so each change of an order from its first question to its end is HOT', async () => {
    const ledger = sqlLedger(sql)
    const card = () => ({ card: { campaignId: unique('campaign'), slot: 1 }, merchantCode: unique('M') })
    const [one, two, three] = [await opened(ledger, card()), await opened(ledger, card()), await opened(ledger)]
    const before = await updates()
    expect(await ledger.claimDue(CHANNELS, NOON + 3_000, 10, 10_000)).toHaveLength(3)
    for (const { orderNo } of [one, two, three]) await ledger.noteReply(orderNo, UNKNOWN, null, NOON + 3_100)
    await ledger.endOrder(one, paid(one), SUCCEEDED)
    await ledger.endOrder(two, closed(NOON + 4_000), UNKNOWN)
    await ledger.endOrder(three, closed(NOON + 4_000), UNKNOWN)
    expect(await ledger.claimReturns(NOON + 1e6, 10)).toHaveLength(1)
    await ledger.slotReturned(two.orderNo, true)
    const after = await updates()
    expect([after.all - before.all, after.hot - before.hot]).toEqual([11, 11])
  })

  it('and of a page’s orders, opened before any has ended, nearly all endings are', async () => {
    const ledger = sqlLedger(sql)
    const orders = []
    for (let nth = 0; nth < 60; nth++) orders.push(await opened(ledger, { card: { campaignId: 'street', slot: nth } }))
    const before = await updates()
    for (const order of orders) await ledger.endOrder(order, paid(order), SUCCEEDED)
    const after = await updates()
    expect(after.all - before.all).toBe(60)
    // Each page's first ending may find no room yet, and then leaves some behind.
    expect(after.hot - before.hot).toBeGreaterThanOrEqual(54)
  })
})
