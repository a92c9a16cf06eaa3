import { postgresMissing, startOwnPostgres, type TestSql } from '../../../../harness/sql'
import { CHANNELS } from '../../../../server/domain/channel'
import { grantTo } from '../../../../server/store/sql/grants'
import { migrations } from '../../../../server/store/sql/migrations'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { opensHere } from '../upgraded'
import { until } from './feed-contract'
import { closed, endEverything, NOON, opened, paid, SUCCEEDED, UNKNOWN, unique } from './ledger-orders'

/** The list of what is open, by which sweepers find work: it is what the orders say, whoever writes them, and nothing is handed out by its word alone. */

const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

const ROLE = 'fapai_older'
/** How a version from before the list claims. */
const OLDER_CLAIM = `
  with due as materialized (
    select order_no from orders where state = 'paying' and next_query_at <= $1::bigint order by next_query_at limit 10 for update skip locked
  )
  update orders o set attempts = o.attempts + 1, next_query_at = $1::bigint + 10000 from due where o.order_no = due.order_no
  returning o.order_no`

described('the list of open orders', () => {
  let engine: TestSql
  let sql: Sql
  let others: Sql[]
  beforeAll(async () => {
    engine = await startOwnPostgres(['autovacuum=off'])
    sql = await engine.fresh()
    await sql.pool.query(`create role ${ROLE} login`)
    others = [1, 2, 3].map(() => openSql({ ...engine.connection(), statementTimeoutMs: 60_000 }))
  })
  afterEach(() => endEverything(sqlLedger(sql)))
  afterAll(async () => {
    for (const other of others ?? []) await other.close()
    await engine?.stop()
  })

  const listed = async () =>
    (await sql.pool.query('select order_no, channel, next_query_at, slot_return_at from open_orders order by 1')).rows
  const open = async () =>
    (
      await sql.pool.query(
        `select order_no, channel, next_query_at, slot_return_at from orders where state = 'paying' or slot_return_at is not null order by 1`,
      )
    ).rows
  const card = () => ({ card: { campaignId: unique('campaign'), slot: 1 }, merchantCode: unique('M') })

  it('is found in by its index, though a connection’s plans were made when it was empty and it is full of what is gone', async () => {
    const own = openSql({ ...engine.connection(), max: 1 })
    const ledger = sqlLedger(own)
    const scans = async () => {
      await own.pool.query('select pg_stat_force_next_flush()')
      const { rows } = await own.pool.query(
        `select seq_scan::int as n from pg_stat_user_tables where relname in ('idempotency_keys', 'open_orders', 'taken_cards', 'paid_quotes') order by relname`,
      )
      return rows.map((row) => row.n)
    }
    await own.pool.query('vacuum (analyze) idempotency_keys, open_orders, taken_cards, paid_quotes')
    const before = await scans()
    for (let n = 0; n < 12; n++) {
      const order = await opened(ledger, card())
      await ledger.endOrder(order, n % 2 ? paid(order) : closed(), n % 2 ? SUCCEEDED : UNKNOWN)
    }
    expect(await scans()).toEqual(before)
    await own.close()
  })

  it('is what is open, at each step of an order’s life', async () => {
    const ledger = sqlLedger(sql)
    const [one, two] = [await opened(ledger, card()), await opened(ledger, card())]
    const steps = [
      () => ledger.claimDue(CHANNELS, NOON + 3_000, 10, 10_000),
      () => ledger.noteReply(one.orderNo, UNKNOWN, null, NOON + 3_100),
      () => ledger.endOrder(one, paid(one), SUCCEEDED),
      () => ledger.endOrder(two, closed(), UNKNOWN),
      () => ledger.slotReturned(two.orderNo, false),
      () => ledger.claimReturns(NOON + 1e6, 10),
      () => ledger.slotReturned(two.orderNo, true),
    ]
    const counts = []
    for (const step of steps) {
      await step()
      expect(await listed()).toEqual(await open())
      counts.push((await listed()).length)
    }
    expect(counts).toEqual([2, 2, 1, 1, 1, 1, 0])
  })

  it('hands each order to one of many sweepers, though all of them find it in the list', async () => {
    const ledger = sqlLedger(sql)
    const orders = await Promise.all(Array.from({ length: 120 }, () => opened(ledger, card())))
    const claimed: string[] = []
    const sweep = async (on: Sql) => {
      for (let none = 0; none < 3; ) {
        const got = await sqlLedger(on).claimDue(CHANNELS, NOON + 3_000, 3, 60_000)
        claimed.push(...got.map(({ order }) => order.orderNo))
        none = got.length === 0 ? none + 1 : 0
      }
    }
    await Promise.all([sql, ...others].flatMap((on) => [sweep(on), sweep(on)]))
    expect(claimed.sort()).toEqual(orders.map(({ orderNo }) => orderNo).sort())
  })

  it('hands out nothing that only it says is due: one that was claimed or ended, or is none', async () => {
    const ledger = sqlLedger(sql)
    const [claimed, ended, due] = [await opened(ledger), await opened(ledger), await opened(ledger)]
    await ledger.endOrder(ended, paid(ended), SUCCEEDED)
    await sql.pool.query('update orders set next_query_at = $2 where order_no = $1', [claimed.orderNo, NOON + 60_000])
    await sql.pool.query(`update open_orders set next_query_at = 1 where order_no = $1`, [claimed.orderNo])
    const false_ = `insert into open_orders (order_no, channel, next_query_at) values ($1, 'bank', 1), ('F-none', 'bank', 1)`
    await sql.pool.query(false_, [ended.orderNo])
    const numbers = (await ledger.claimDue(CHANNELS, NOON + 3_000, 10)).map(({ order }) => order.orderNo)
    expect(numbers).toEqual([due.orderNo])
    expect((await ledger.backlog()).unknown).toBe(1)
    await sql.pool.query(`delete from open_orders where order_no in ($1, 'F-none')`, [ended.orderNo])
  })

  it('has an order again that was lost from it, once somebody touches the order', async () => {
    const ledger = sqlLedger(sql)
    const order = await opened(ledger)
    await sql.pool.query('delete from open_orders')
    expect(await ledger.claimDue(CHANNELS, NOON + 3_000, 10)).toEqual([])
    await sql.pool.query('update orders set next_query_at = next_query_at where order_no = $1', [order.orderNo])
    expect(await ledger.claimDue(CHANNELS, NOON + 3_000, 10)).toMatchObject([{ order: { orderNo: order.orderNo } }])
  })

  it('forgets an order that is deleted, and stays as it was when a transaction is undone', async () => {
    const order = await opened(sqlLedger(sql))
    const before = await listed()
    const client = await sql.pool.connect()
    await client.query('begin')
    await client.query('update orders set next_query_at = 1 where order_no = $1', [order.orderNo])
    await client.query('rollback')
    client.release()
    expect(await listed()).toEqual(before)
    await sql.pool.query('alter table order_events disable trigger all')
    for (const table of ['order_events', 'channel_requests', 'orders'])
      await sql.pool.query(`delete from ${table} where order_no = $1`, [order.orderNo])
    await sql.pool.query('alter table order_events enable trigger all')
    expect(await listed()).toEqual([])
  })

  const ofBefore = Object.entries(migrations).filter(([name]) => name < '0104')
  describe.each([
    ['whose upgrade has ended', ofBefore],
    ['whose upgrade hasn’t', ofBefore.filter(([, { contracts }]) => !contracts)],
  ])('made beside a version that doesn’t know it, %s', (_, steps) => {
    let older: Sql
    beforeAll(async () => {
      await sql.pool.query('drop schema public cascade; create schema public')
      const before = Object.fromEntries(steps)
      await sql.migrate({ steps: before })
      await opensHere(sql)
      await grantTo(sql.db, ROLE)
      older = openSql({ ...engine.connection(), user: ROLE, max: 1, statementTimeoutMs: 60_000 })
    })
    afterAll(() => older?.close())

    it('has what was open, and of what ends while it is made nothing', async () => {
      const ledger = sqlLedger(older)
      const [open1, ending, returns] = [await opened(ledger), await opened(ledger), await opened(ledger, card())]
      await ledger.endOrder(returns, closed(), UNKNOWN)
      const client = await older.pool.connect()
      const end = `update orders set state = 'closed', ended_at = 1, next_query_at = null, close_reason = 'x' where order_no = $1`
      await client.query('begin')
      await client.query(end, [ending.orderNo])
      const migrated = sql.migrate()
      const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%create or replace trigger%'`
      await until(async () => (await others[0]!.pool.query(waits)).rowCount === 1)
      await client.query('commit')
      client.release()
      await migrated
      expect((await listed()).map((row) => row.order_no)).toEqual([open1.orderNo, returns.orderNo].sort())
      expect(await listed()).toEqual(await open())
    })

    it('is kept by its openings, claims and endings, for which its role needs no right to the list', async () => {
      const ledger = sqlLedger(older)
      const [one, two] = [await opened(ledger), await opened(ledger, card())]
      const { rows } = await older.pool.query(OLDER_CLAIM, [NOON + 3_000])
      expect(rows.map((row) => row.order_no)).toEqual(expect.arrayContaining([one.orderNo, two.orderNo]))
      expect(await sqlLedger(sql).claimDue(CHANNELS, NOON + 3_000, 10)).toEqual([])
      expect(await listed()).toEqual(await open())
      await ledger.endOrder(one, paid(one), SUCCEEDED)
      await ledger.endOrder(two, closed(), UNKNOWN)
      expect(await listed()).toEqual(await open())
      await expect(older.pool.query('select from open_orders')).rejects.toMatchObject({ code: '42501' })
    })

    it('is BFFs’ to read alone: an intruder in one takes no order out of it', async () => {
      await grantTo(sql.db, ROLE)
      const first = await opened(sqlLedger(older))
      expect((await older.pool.query('select order_no from open_orders')).rows).toEqual([{ order_no: first.orderNo }])
      for (const text of [
        'delete from open_orders',
        'update open_orders set channel = channel',
        'truncate open_orders',
      ])
        await expect(older.pool.query(text)).rejects.toMatchObject({ code: '42501' })
      // Nor does it lead what the trigger writes to a list of its own.
      await older.pool.query('create temp table open_orders (like public.open_orders including all)')
      const second = await opened(sqlLedger(older))
      expect((await listed()).map((row) => row.order_no).sort()).toEqual([first.orderNo, second.orderNo].sort())
    })

    it('goes on when the upgrade ends', async () => {
      await endEverything(sqlLedger(sql))
      const first = await opened(sqlLedger(sql), card())
      await sql.migrate({ contract: true })
      const second = await opened(sqlLedger(sql), card())
      expect((await listed()).map((row) => row.order_no)).toEqual([first.orderNo, second.orderNo].sort())
      await sqlLedger(sql).endOrder(first, paid(first), SUCCEEDED)
      expect((await listed()).map((row) => row.order_no)).toEqual([second.orderNo])
      const { rows } = await sql.pool.query(
        `select distinct reloptions from pg_partition_tree('orders') join pg_class c on c.oid = relid where isleaf`,
      )
      expect(rows).toEqual([{ reloptions: expect.arrayContaining(['fillfactor=95']) }])
    })
  })
})
