import { postgresMissing, sqlEngines, startTestPostgres, type TestSql } from '../../../../harness/sql'
import { masterKeys } from '../../../../server/domain/key-ring'
import type { Order } from '../../../../server/domain/order'
import { auditKeys, sqlAudit } from '../../../../server/store/sql/audit/audit'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { pruneOutbox } from '../../../../server/store/sql/payment/prune-outbox'
import { AFTER, D, type Desk, NEXT, startDesk } from '../../../support/reconcile'

const KEYS = auditKeys(masterKeys(Buffer.alloc(32, 3)))
const midnight = (date: string) => Date.parse(`${date}T00:00:00+08:00`)

/** On the first day three orders; on the second two, and refunds of one of either day. */
describe.each(sqlEngines())('pruning the outbox, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let desk: Desk
  let old: Order[]
  let young: Order[]
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
    desk = startDesk(sql)
    await desk.live()
    old = [await desk.paid(D), await desk.paid(D), await desk.paid(D)]
    young = [await desk.paid(NEXT), await desk.paid(NEXT)]
    await desk.refunded(old[0]!, NEXT)
    await desk.refunded(young[0]!, NEXT)
  })
  afterAll(() => engine?.stop())

  /** How often the feed still tells of each. */
  const told = async () => {
    const rows = await desk.rows('select order_no, count(*) as count from outbox group by order_no')
    const counts = new Map(rows.map((row) => [row.order_no, row.count]))
    return [...old, ...young].map(({ orderNo }) => counts.get(orderNo) ?? 0)
  }
  const wrong = () =>
    sqlAudit(sql, KEYS).look(async (view) => {
      const found: string[] = []
      for await (const rows of view.crossCheck('outbox-not-once')) found.push(...rows.map((row) => row.subject))
      return found
    })
  const everything = async () =>
    JSON.stringify(await desk.rows('select * from outbox order by id')) + (await desk.dump())

  it('takes away what was told of the days before, no more, and the audit knows', async () => {
    expect(await told()).toEqual([2, 1, 1, 2, 1])
    expect(await pruneOutbox(sql, midnight(NEXT))).toEqual({ kind: 'pruned', rows: 3, more: false })
    expect(await told()).toEqual([1, 0, 0, 2, 1])
    expect(await wrong()).toEqual([])
    expect(await pruneOutbox(sql, midnight(NEXT))).toEqual({ kind: 'pruned', rows: 0, more: false })
    expect(await pruneOutbox(sql, midnight(D))).toEqual({ kind: 'pruned', rows: 0, more: false })
    await desk.refunded(old[1]!, NEXT)
    expect(await told()).toEqual([1, 1, 0, 2, 1])
    expect(await wrong()).toEqual([])
    expect(await pruneOutbox(sql, midnight(AFTER))).toEqual({ kind: 'pruned', rows: 5, more: false })
    expect(await told()).toEqual([0, 0, 0, 0, 0])
    expect(await wrong()).toEqual([])
  })

  it('finds an order’s row behind any number of others of its merchant', async () => {
    await desk.rows(
      `insert into outbox (xid, merchant_code, order_no) select '3', 'M0001', $1 from generate_series(1, 18)`,
      [young[1]!.orderNo],
    )
    expect(await pruneOutbox(sql, midnight(NEXT))).toEqual({ kind: 'pruned', rows: 3, more: false })
    expect(await told()).toEqual([1, 0, 0, 2, 19])
  })

  it('comes to the same in small stretches, with the audit clean after each', async () => {
    const rows: number[] = []
    for (let more = true; more; ) {
      const result = await pruneOutbox(sql, midnight(AFTER), 2)
      if (result.kind !== 'pruned') throw new Error(result.kind)
      rows.push(result.rows)
      more = result.more
      expect(await wrong()).toEqual([])
    }
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.reduce((sum, one) => sum + one, 0)).toBe(7)
    expect(await told()).toEqual([0, 0, 0, 0, 0])
  })

  it('hides nothing: a row that goes or comes without it is found', async () => {
    await pruneOutbox(sql, midnight(NEXT))
    await desk.rows('delete from outbox where order_no = $1', [young[1]!.orderNo])
    await desk.rows(`insert into outbox (merchant_code, order_no) values ('M0001', $1)`, [old[1]!.orderNo])
    expect((await wrong()).sort()).toEqual([old[1]!, young[1]!].map(({ orderNo }) => `order ${orderNo}`).sort())
  })

  it('is refused where a row is missing already, and changes nothing', async () => {
    await desk.rows('delete from outbox where order_no = $1', [old[2]!.orderNo])
    const before = await everything()
    expect(await pruneOutbox(sql, midnight(NEXT))).toEqual({ kind: 'rows-missing', expected: 3, found: 2 })
    expect(await everything()).toBe(before)
    expect(await wrong()).toEqual([`order ${old[2]!.orderNo}`])
  })

  it('is one process’s at a time: two take away what there is once', async () => {
    const other = openSql({ ...engine.connection(), max: 1 })
    const results = await Promise.all([pruneOutbox(sql, midnight(NEXT)), pruneOutbox(other, midnight(NEXT))])
    await other.close()
    expect(results.map((one) => (one.kind === 'pruned' ? one.rows : -1)).sort()).toEqual([0, 3])
    expect(await wrong()).toEqual([])
  })
})

const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

described('pruning a day of the outbox', () => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await startTestPostgres()
    await engine.fresh()
    sql = openSql({ ...engine.connection(), max: 1 })
  })
  afterAll(async () => {
    await sql?.close()
    await engine?.stop()
  })

  it('reads of a merchant’s rows those that go and a few beside, not all that it has of a month', async () => {
    const desk = startDesk(sql)
    await desk.live()
    await desk.paid(D)
    const young = await desk.paid(NEXT)
    await desk.rows(`insert into outbox (merchant_code, order_no) select 'M0001', $1 from generate_series(1, 5000)`, [
      young.orderNo,
    ])
    await desk.rows('analyze outbox')
    const read = async () => {
      await desk.rows('select pg_stat_force_next_flush()')
      const [found] = await desk.rows(
        `select (max(t.seq_tup_read) + sum(i.idx_tup_read))::int as n
         from pg_stat_user_tables t join pg_stat_user_indexes i using (relid) where t.relname = 'outbox'`,
      )
      return found!.n as number
    }
    const before = await read()
    expect(await pruneOutbox(sql, midnight(NEXT))).toEqual({ kind: 'pruned', rows: 1, more: false })
    expect((await read()) - before).toBeLessThan(50)
  })
})
