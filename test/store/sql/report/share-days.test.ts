import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { eventually } from '../../../../harness/system'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { closed, NOON, newOrder, opening, paid, SUCCEEDED } from '../payment/ledger-orders'

const [MONDAY, TUESDAY, FRIDAY] = ['2026-11-16', '2026-11-17', '2026-11-20'] as const

describe.each(sqlEngines())('what a merchant was paid up to a day, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string) => (await sql.db.executeQuery(CompiledQuery.raw(text))).rows
  const COLUMNS = 'merchant_code, branch_code, business_date, orders, own, orders_before, own_before'
  const kept = () => run(`select ${COLUMNS} from share_days where orders > 0 order by 1, 2, 3`)
  const counted = () => run(`select ${COLUMNS} from counted_share_days order by 1, 2, 3`)
  const open = async (businessDate: string, more = {}) => {
    const one = { ...newOrder({ merchantCode: 'M0001', businessDate }), ...more }
    expect(await sqlLedger(sql).openOrder(opening(one))).toEqual({ kind: 'opened' })
    return one
  }
  const waits = async () => (await run('select 1 from pg_locks where not granted')).length > 0
  const pay = async (businessDate: string, more = {}) => {
    const one = await open(businessDate, more)
    return sqlLedger(sql).endOrder(one, paid(one, NOON), SUCCEEDED)
  }
  const ofDays = async () =>
    (await run(`select business_date, orders, orders_before from share_days order by branch_code, 1`)).map((row) =>
      Object.values(row as object),
    )

  it('begins with the day before, over days without any, and each branch by itself', async () => {
    await pay(MONDAY)
    await pay(MONDAY)
    await pay(FRIDAY)
    await pay(FRIDAY, { branchCode: 'B02' })
    await sqlLedger(sql).endOrder(await open(FRIDAY), closed(), null)
    expect(await ofDays()).toEqual([
      [MONDAY, 2, 0],
      [FRIDAY, 1, 2],
      [FRIDAY, 1, 0],
    ])
    expect(await kept()).toEqual(await counted())
  })

  it('grows on all later days when an order of an earlier one is paid after midnight, be it that day’s first', async () => {
    const late = await open(MONDAY)
    await pay(TUESDAY)
    await pay(FRIDAY)
    await sqlLedger(sql).endOrder(late, paid(late, NOON), SUCCEEDED)
    expect(await ofDays()).toEqual([
      [MONDAY, 1, 0],
      [TUESDAY, 1, 1],
      [FRIDAY, 1, 2],
    ])
    expect(await kept()).toEqual(await counted())
  })

  it('misses nobody when days begin and earlier ones still grow, many at once', async () => {
    const days = [MONDAY, TUESDAY, FRIDAY]
    await Promise.all(
      Array.from({ length: 45 }, (_, i) => pay(days[(i * 7 + (i >> 2)) % 3]!, { merchantCode: `M000${i % 2}` })),
    )
    expect(await kept()).toEqual(await counted())
    expect((await kept()).length).toBe(6)
  })

  it('of an order of an earlier day grows on a day that begins while the day between is held', async () => {
    await pay(MONDAY)
    await pay(TUESDAY)
    const late = await open(MONDAY)
    const first = await open(FRIDAY)
    let waiting: Promise<unknown> | undefined
    await sql.transaction(async (tx) => {
      // Friday has begun and isn't committed; it holds Tuesday, for which the late one waits.
      const ended = { state: 'paid' as const, ended_at: NOON, channel_trade_no: 'bank-2', next_query_at: null }
      await tx.updateTable('orders').set(ended).where('order_no', '=', first.orderNo).execute()
      waiting = sqlLedger(sql).endOrder(late, paid(late, NOON), SUCCEEDED)
      if (engine.name === 'PostgreSQL') await eventually(async () => ((await waits()) ? true : undefined))
    })
    await waiting
    expect(await kept()).toEqual(await counted())
  })

  it('goes with a payment that is taken back', async () => {
    await pay(MONDAY)
    const one = await open(TUESDAY)
    const failing = sql.transaction(async (tx) => {
      const set = `state = 'paid', ended_at = 1, next_query_at = null, channel_trade_no = 't'`
      await tx.executeQuery(CompiledQuery.raw(`update orders set ${set} where order_no = '${one.orderNo}'`))
      throw new Error('died')
    })
    await expect(failing).rejects.toThrow('died')
    expect(await ofDays()).toEqual([[MONDAY, 1, 0]])
  })

  it('is put right by counting anew', async () => {
    await pay(MONDAY)
    await pay(FRIDAY)
    await run(`update share_days set orders = 9, own_before = 4`)
    await run(`insert into share_days values ('M-nobody', '', '${MONDAY}', 1, 1, 0, 0)`)
    await run('select rebuild_share_days()')
    expect(await kept()).toEqual(await counted())
  })
})
