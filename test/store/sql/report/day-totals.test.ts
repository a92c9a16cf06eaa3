import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { countedDates, recountDay, recountShares } from '../../../../server/store/sql/report/recount'
import { sqlReports } from '../../../../server/store/sql/report/report'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { CAMPAIGN, MERCHANT } from '../../../support/flow'
import { closed, NOON, opened, paid, SUCCEEDED } from '../payment/ledger-orders'
import { asked, back } from '../refund/refund-contract'

const DAY_MS = 86_400_000

describe.each(sqlEngines())('the counts of merchants’ days, on $name', ({ start }) => {
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
  const totals = () =>
    run('select merchant_code, business_date, channel, orders from day_totals where orders > 0 order by 1, 2, 3')
  const recounted = () =>
    run(`select merchant_code, business_date, channel, count(*) as orders from orders where state = 'paid'
      group by 1, 2, 3 order by 1, 2, 3`)
  const wanted = { merchantCode: MERCHANT.merchantCode, businessDate: '2026-11-20' }
  const order = (more = {}) => opened(sqlLedger(sql), { ...wanted, ...more })
  const pay = async (more = {}, at = NOON) => {
    const one = await order(more)
    return sqlLedger(sql).endOrder(one, paid(one, at), SUCCEEDED)
  }

  it('are of paid orders alone, each once however many end it, on the order’s own day though it was paid after midnight', async () => {
    const one = await order()
    await Promise.all(Array.from({ length: 10 }, () => sqlLedger(sql).endOrder(one, paid(one), SUCCEEDED)))
    await sqlLedger(sql).endOrder(await order(), closed(), null)
    await order()
    await pay({}, NOON + DAY_MS)
    await pay({ merchantCode: 'M0002', businessDate: '2026-11-21' })
    expect(await totals()).toEqual([
      { merchant_code: 'M0001', business_date: '2026-11-20', channel: 'bank', orders: 2 },
      { merchant_code: 'M0002', business_date: '2026-11-21', channel: 'bank', orders: 1 },
    ])
    expect(await totals()).toEqual(await recounted())
  })

  it('go with a payment that is taken back, since they are one transaction', async () => {
    const one = await order()
    const failing = sql.transaction(async (tx) => {
      const set = `state = 'paid', ended_at = 1, next_query_at = null, channel_trade_no = 't'`
      await tx.executeQuery(CompiledQuery.raw(`update orders set ${set} where order_no = '${one.orderNo}'`))
      throw new Error('died')
    })
    await expect(failing).rejects.toThrow('died')
    expect(await totals()).toEqual([])
  })

  it('are put right by counting anew, for the dates that are named and no others', async () => {
    await pay()
    await pay({ businessDate: '2026-11-21' })
    await run('update day_totals set orders = 9')
    await run(`insert into day_totals values ('M-nobody', '2026-11-21', 'bank', 3)`)
    await run(`select rebuild_day_totals('2026-11-21', '2026-11-21')`)
    expect(await totals()).toMatchObject([
      { business_date: '2026-11-20', orders: 9 },
      { business_date: '2026-11-21', orders: 1 },
    ])
    await run(`select rebuild_day_totals('-infinity', 'infinity')`)
    expect(await totals()).toEqual(await recounted())
  })

  it('are put right a date at a time, by what npm run recount calls, for all that anything is known of', async () => {
    await pay()
    await run(`insert into day_totals values ('M-nobody', '2026-11-01', 'bank', 3)`)
    await run(`update day_totals set amount_fen = 1, branch_code = 'B-x'`)
    expect(await countedDates(sql)).toEqual({ from: '2026-11-01', to: '2026-11-20' })
    expect([await recountDay(sql, '2026-11-01'), await recountDay(sql, '2026-11-20')]).toEqual([0, 1])
    const [total] = await run('select branch_code, amount_fen from day_totals')
    expect(total).toEqual({ branch_code: 'B-East', amount_fen: 10_000 })
    await run('update share_days set orders = 7')
    expect(await recountShares(sql)).toBe(1)
    expect(await run('select orders from share_days')).toEqual([{ orders: 1 }])
  })

  it('hold what was refunded on the refund’s own day, and beside the order what came back of its discount', async () => {
    await seedFoodStreet(sql, { merchants: [MERCHANT], campaigns: [CAMPAIGN] })
    const card = { campaignId: CAMPAIGN.campaignId, slot: 0 }
    const one = await order({ card, deckDate: '2026-11-20' })
    await sqlLedger(sql).endOrder(one, paid(one), SUCCEEDED)
    const refunds = sqlRefunds(sql)
    for (const [payerFen, end] of [
      [1_900, true],
      [950, true],
      [950, false],
    ] as const) {
      const asks = asked(one, payerFen, { businessDate: '2026-11-21' })
      const result = await refunds.openRefund(asks)
      if (result.kind !== 'opened') throw new Error(result.kind)
      const reply = { verb: 'refund' as const, outcome: { kind: 'pending' as const }, raw: null }
      if (end) await refunds.endRefund(result.refund, back(one, result.refund), reply)
    }
    const days = await run(`
      select business_date, campaign_id, orders, discount_fen, returned_fen, refunds, refunded_payer_fen, refunded_merchant_fen,
        refunded_gl_fen from day_totals order by 1`)
    const of = { campaign_id: CAMPAIGN.campaignId }
    const none = { refunds: 0, refunded_payer_fen: 0, refunded_merchant_fen: 0, refunded_gl_fen: 0 }
    expect(days).toEqual([
      { ...of, ...none, business_date: '2026-11-20', orders: 1, discount_fen: 1_000, returned_fen: 300 },
      {
        ...{ ...of, business_date: '2026-11-21', orders: 0, discount_fen: 0, returned_fen: 0 },
        ...{ refunds: 2, refunded_payer_fen: 2_850, refunded_merchant_fen: 3_150, refunded_gl_fen: 300 },
      },
    ])
    expect(await run('select * from counted_day_totals order by business_date')).toEqual(
      await run('select * from day_totals order by business_date'),
    )
  })

  it('lose no payment that comes while they are counted anew, by several processes', async () => {
    const work = Array.from({ length: 30 }, (_, i) =>
      i % 10 === 5 ? run(`select rebuild_day_totals('-infinity', 'infinity')`) : pay(),
    )
    await Promise.all(work)
    expect(await totals()).toMatchObject([{ orders: 27 }])
    expect(await totals()).toEqual(await recounted())
  })

  it('of days that nobody asked for aren’t read by a report', async () => {
    await seedFoodStreet(sql, {
      merchants: [MERCHANT],
      campaigns: [{ ...CAMPAIGN, startDate: '2026-11-20', endDate: '2026-11-21' }],
    })
    await pay()
    await pay({ businessDate: '2026-11-21' })
    await run(`update day_totals set orders = 777 where business_date = '2026-11-20'`)
    const day = (from: string, to = from) => ({ from, to })
    const books = await sqlReports(sql).read(
      { campaignId: CAMPAIGN.campaignId, branchCode: null },
      {
        dates: day('2026-11-21'),
        by: 'day',
        limit: 10,
        bins: [],
        today: '2026-11-21',
      },
    )
    expect(books.total.orderCount).toBe(1)
  })
})
