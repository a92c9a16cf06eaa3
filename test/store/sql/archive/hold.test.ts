import { postgresMissing, startTestPostgres, type TestSql } from '../../../../harness/sql'
import { ArchiveHeld } from '../../../../server/flow/ports'
import { holdArchive, sqlArchive } from '../../../../server/store/sql/archive/archive'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { DEEDS } from '../audit/desk-books'
import { DATE } from '../payment/ledger-orders'
import { fewOrders } from './long-over'

const missing = postgresMissing()
if (missing)
  console.warn(missing)

  /** One archives at a time, and only for as long as it holds on. */
;(missing ? describe.skip : describe)('who archives', () => {
  let engine: TestSql
  let sql: Sql
  let other: Sql
  beforeAll(async () => {
    engine = await startTestPostgres()
    sql = await engine.fresh()
    other = openSql(engine.connection())
  })
  afterAll(async () => {
    await other?.close()
    await engine?.stop()
  })

  it('is one: a second is refused, until the first is done', async () => {
    const first = await holdArchive(sql, false)
    await expect(holdArchive(other, false)).rejects.toThrow(new ArchiveHeld('another process is archiving this ledger'))
    await first.check()
    await first.release()
    const second = await holdArchive(other, false)
    await expect(holdArchive(sql, false)).rejects.toBeInstanceOf(ArchiveHeld)
    await second.release()
  })

  it('holds no snapshot and writes nothing meanwhile, for which others would wait', async () => {
    const hold = await holdArchive(sql, false)
    await hold.check()
    const { rows } = await other.pool.query(
      `select backend_xmin, backend_xid, state from pg_stat_activity a join pg_locks l using (pid)
       where l.locktype = 'advisory' and a.datname = current_database()`,
    )
    expect(rows).toEqual([{ backend_xmin: null, backend_xid: null, state: 'idle in transaction' }])
    await hold.release()
  })

  it('does nothing more once its connection is lost', async () => {
    const hold = await holdArchive(sql, false)
    await other.pool.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()`,
    )
    const archive = sqlArchive(sql, DEEDS, hold)
    const day = { date: DATE, file: 'f', sha256: 'a'.repeat(64), bytes: 1, orders: 0 }
    await expect(archive.note(day, 1)).rejects.toBeInstanceOf(ArchiveHeld)
    await expect(archive.same(DATE, [])).rejects.toBeInstanceOf(ArchiveHeld)
    await expect(archive.takeOut(DATE, [])).rejects.toThrow(/is lost: run it again/)
    expect((await sql.pool.query('select from archived_days')).rowCount).toBe(0)
    await hold.release()
    // The lock went with it.
    await (await holdArchive(other, false)).release()
  })

  it('waits for a refund that is just being opened, and leaves its order', async () => {
    const few = await fewOrders(sql)
    const { orderNo } = few.orders[0]!
    const archive = sqlArchive(sql, DEEDS, { check: async () => {} })
    const all: string[] = []
    for await (const batch of archive.lines(DATE)) all.push(...batch)
    const client = await other.pool.connect()
    await client.query('begin')
    await client.query('select from orders where order_no = $1 for no key update', [orderNo])
    await client.query(
      `insert into refunds (refund_no, order_no, merchant_code, business_date, payer_fen, merchant_fen, gl_fen, idempotency_key,
         input_hash, state, created_at, next_query_at)
       values ('R-1', $1, $2, '2026-12-31', 1, 1, 0, 'key', 'hash', 'refunding', 1, 1)`,
      [orderNo, few.merchantCode],
    )
    const taking = archive.takeOut(DATE, all)
    const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
    while ((await other.pool.query(waits)).rowCount === 0);
    await client.query('commit')
    client.release()
    expect(await taking).toEqual({ orders: 2, payerDays: 1 })
    expect(await archive.staying(DATE)).toEqual({ refunded: 1 })
  })
})
