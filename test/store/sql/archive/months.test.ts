import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { WaitingMonth } from '../../../../server/flow/ports'
import { shrinkMonths } from '../../../../server/store/sql/archive/months'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { closed, newCampaign, newOrder, opened, opening, paid, SUCCEEDED } from '../payment/ledger-orders'

/** After the last date of the first partition, whenever the schema was made. */
const LATER = '2100-01-01'
const ANY = 0

describe.each(sqlEngines())('a month that is archived, on $name', ({ name, start }) => {
  let engine: TestSql
  let sql: Sql
  const closing: (() => Promise<void>)[] = []
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  afterAll(() => engine?.stop())

  const rows = async <Row>(text: string) => (await sql.pool.query(text)).rows as Row[]
  const orders = () => rows('select to_jsonb(o) as o from orders o order by order_no')
  const parts = () =>
    rows<{ name: string; bound: string }>(
      `select c.relname::text as name, pg_get_expr(c.relpartbound, c.oid) as bound, c.reloptions as settings from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where inhparent = 'orders'::regclass order by 1`,
    )
  const made = (what: string) => rows(`select count(*)::int as n from ${what}`)

  it('is as small as what stays of it, and that is as it was', async () => {
    const ledger = sqlLedger(sql)
    const card = { card: { campaignId: newCampaign().campaignId, slot: 0 }, merchantCode: 'M-1' }
    const [out, open] = [await opened(ledger, card), await opened(ledger)]
    await ledger.endOrder(out, paid(out), SUCCEEDED)
    const [before, were] = [await orders(), await parts()]
    // Enough of it went to be worth it.
    await sql.pool.query('create table gone as select * from orders')
    await sql.pool.query(
      `insert into orders_first select (jsonb_populate_record(null::orders, to_jsonb(g) || jsonb_build_object('order_no', 'F1' || n, 'quote_nonce', n::text, 'slot', null, 'campaign_id', null, 'deck_date', null, 'discount_fen', 0))).* from gone g, generate_series(1, 400) n where g.order_no = '${open.orderNo}'`,
    )
    await sql.pool.query(`delete from orders_first where order_no not in (select order_no from gone)`)
    const [month] = await shrinkMonths(sql, LATER, ANY)
    expect(month).toMatchObject({ name: 'orders_first', orders: 2 })
    expect(month!.freedBytes).toBeGreaterThan(100_000)
    expect([await orders(), await parts()]).toEqual([before, were])
    expect(await made(`pg_class where relname like 'orders%rest'`)).toEqual([{ n: 0 }])
    expect(await made(`pg_constraint where conname = 'orders_within'`)).toEqual([{ n: 0 }])
    // It is the ledger's as before: its triggers count, its keys refuse, and new orders find it.
    await ledger.endOrder(open, paid(open), SUCCEEDED)
    expect(await rows(`select sum(orders)::int as n from day_totals`)).toEqual([{ n: 2 }])
    expect(await ledger.openOrder(opening({ ...newOrder(), orderNo: out.orderNo }))).toEqual({ kind: 'order-no-taken' })
    expect(await ledger.openOrder(opening(newOrder(card)))).toMatchObject({ kind: 'slot-taken' })
    await ledger.endOrder(await opened(ledger), closed(), null)
    // once more over the same names
    expect((await shrinkMonths(sql, LATER, ANY)).length).toBe(1)
    expect(await made('orders')).toEqual([{ n: 3 }])
  })

  it('stays as it is while a date of it isn’t archived, and where there is little to win', async () => {
    await opened(sqlLedger(sql))
    const [{ bound }] = (await parts()) as [{ name: string; bound: string }]
    const end = /TO \('F(\d{4})(\d\d)01'\)/.exec(bound)!
    const last = new Date(Date.UTC(Number(end[1]), Number(end[2]) - 1, 0)).toISOString().slice(0, 10)
    expect(await shrinkMonths(sql, last, ANY)).toEqual([])
    expect(await shrinkMonths(sql, LATER)).toEqual([])
    await sql.pool.query(
      `insert into orders_first select (jsonb_populate_record(null::orders, to_jsonb(o) || jsonb_build_object('order_no', 'F1' || n, 'quote_nonce', n::text))).* from orders o, generate_series(1, 400) n`,
    )
    expect(await shrinkMonths(sql, LATER, ANY)).toEqual([])
  })

  if (name === 'PostgreSQL')
    it('waits for whoever is at work in it and keeps nobody from reading or from paying elsewhere', async () => {
      const other = openSql(engine.connection())
      closing.push(other.close)
      const order = await opened(sqlLedger(sql))
      const client = await other.pool.connect()
      closing.push(async () => client.release(true))
      await client.query(`begin; select from orders where order_no = '${order.orderNo}' for update`)
      let done = false
      const shrunk = shrinkMonths(sql, LATER, ANY).then((months) => {
        done = true
        return months
      })
      const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like 'lock table orders_first%'`
      while ((await other.pool.query(waiting)).rowCount === 0) expect(done).toBe(false)
      expect((await sqlLedger(other).order(order.orderNo))?.state).toBe('paying')
      const elsewhere = newOrder()
      const later = { ...elsewhere, orderNo: elsewhere.orderNo.replace(/^F\d{8}/, 'F20990101') }
      expect(await sqlLedger(other).openOrder(opening(later))).toEqual({ kind: 'opened' })
      expect(done).toBe(false)
      await client.query('commit')
      expect(await shrunk).toMatchObject([{ name: 'orders_first', orders: 1 }])
    })

  if (name === 'PostgreSQL')
    it('is left for the next time where somebody stays at work in it: it is said what waits, since when, and for whom', async () => {
      const other = openSql({ ...engine.connection(), application_name: 'a look at the books' })
      closing.push(other.close)
      const order = await opened(sqlLedger(sql))
      const archived = (date: string, at: number) =>
        `insert into archived_days values ('${date}', 'f', repeat('0', 64), 1, 1, ${at})`
      await sql.pool.query(`${archived('2020-01-31', 5)}; ${archived('2099-01-01', 9)}`)
      const client = await other.pool.connect()
      closing.push(async () => client.release(true))
      await client.query(`begin; select from orders where order_no = '${order.orderNo}' for update`)
      const { pid, role, since } = (
        await client.query('select pg_backend_pid() as pid, current_user as role, now() as since')
      ).rows[0]
      // What has begun later holds it as well, and isn't what to look at.
      const reader = await other.pool.connect()
      closing.push(async () => reader.release(true))
      await reader.query('begin; select from orders')
      const before = [await orders(), await parts()]
      const said: WaitingMonth[] = []
      const shrink = () =>
        shrinkMonths(sql, LATER, ANY, { tries: 2, onWaiting: (month) => void said.push(month) }).then((months) =>
          months.map((month) => month.name),
        )
      expect(await shrink()).toEqual([])
      const month = { name: 'orders_first', bytes: expect.any(Number), archivedAt: 5, triedMs: expect.any(Number) }
      const heldBy = `session ${pid} (a look at the books, role ${role}), in a transaction since ${since.toISOString()}`
      expect(said).toEqual([{ ...month, heldBy }])
      expect(said[0]!.triedMs).toBeGreaterThanOrEqual(1_000)
      expect([await orders(), await parts()]).toEqual(before)
      expect(await made(`pg_class where relname like 'orders%rest'`)).toEqual([{ n: 0 }])
      await client.query('commit')
      await reader.query('commit')
      expect([await shrink(), said.length]).toEqual([['orders_first'], 1])
    })
})
