import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { endOfBusinessDate } from '../../../../server/domain/business-date'
import type { Order } from '../../../../server/domain/order'
import { DayArchived } from '../../../../server/flow/ports'
import { merchants as STREET } from '../../../../server/sandbox/food-street'
import { sqlArchived } from '../../../../server/store/sql/archive/archived'
import { MERCHANT_DAYS } from '../../../../server/store/sql/audit/rows'
import { ALL } from '../../../../server/store/sql/audit/scope'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { settlementsOf } from '../../../../server/store/sql/payment/merchant-day'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { countedDates, recountDay, recountShares } from '../../../../server/store/sql/report/recount'
import { sqlReports } from '../../../../server/store/sql/report/report'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { archiveByHand, fileOf } from '../../../support/archived'
import { CAMPAIGN } from '../../../support/flow'
import { DATE, NOON, newOrder, opening, paid, SUCCEEDED, type Wanted } from '../payment/ledger-orders'
import { asked, back } from '../refund/refund-contract'

const [FIRST, SECOND] = [DATE, '2026-11-22']
const [PAYER, MERCHANT] = ['payer-1', 'M-1']
const DAY_MS = 86_400_000

describe.each(sqlEngines())('what was archived, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string, values: unknown[] = []) =>
    (await sql.db.executeQuery(CompiledQuery.raw(text, values))).rows
  let slots = 0
  const pay = async (wanted: Wanted = {}): Promise<Order> => {
    const of = { payerId: PAYER, merchantCode: MERCHANT, ...wanted }
    const order = newOrder({ card: { campaignId: 'street', slot: slots++ }, discountFen: 801, ...of })
    await sqlLedger(sql).openOrder(opening(order))
    await sqlLedger(sql).endOrder(order, paid(order), SUCCEEDED)
    return order
  }
  const giveBack = async (order: Order, payerFen: number) => {
    const refunds = sqlRefunds(sql)
    const result = await refunds.openRefund(asked(order, payerFen))
    if (result.kind !== 'opened') throw new Error(result.kind)
    await refunds.endRefund(result.refund, back(order, result.refund), {
      verb: 'refund',
      outcome: { kind: 'pending' },
      raw: null,
    })
  }
  /** What a payer and a merchant are told. */
  const told = async () => {
    const ledger = sqlLedger(sql)
    return {
      savings: await ledger.savings(PAYER),
      days: await ledger.merchantDays(MERCHANT, FIRST, SECOND),
      settlements: [
        await ledger.merchantSettlements(MERCHANT, FIRST),
        await ledger.merchantSettlements(MERCHANT, SECOND),
      ],
    }
  }

  /** Three that go, of two channels and one of them without a discount; one that was refunded and stays; one of the day after. */
  async function street(): Promise<Order[]> {
    const going = [
      await pay(),
      await pay({ channel: 'wechatpay', payee: '1900000001' }),
      await pay({ card: undefined, discountFen: 0 } as Wanted),
    ]
    await giveBack(await pay({ amountFen: 5_000 }), 1_000)
    await pay({ businessDate: SECOND, createdAt: NOON + DAY_MS })
    return going
  }

  it('still counts for payers and merchants, to the fen, beside what stayed of its day', async () => {
    const going = await street()
    const before = await told()
    expect(before.savings).toMatchObject({ orderCount: 4 })
    expect(before.days.map(({ orderCount }) => orderCount)).toEqual([4, 1])
    await archiveByHand(sql, FIRST, going)
    expect(await run(`select count(*) as n from orders where business_date = '${FIRST}'`)).toEqual([{ n: 1 }])
    expect(await told()).toEqual(before)
    const ofBranch = (branchCode: string) => sqlLedger(sql).merchantSettlements(MERCHANT, FIRST, branchCode)
    expect([await ofBranch('B-East'), await ofBranch('B-West')]).toEqual([before.settlements[0], []])
    // Of a day that was two branches' nobody knows whose the archived ones were: each has what is still here.
    await run(`update day_totals set branch_code = 'B-West' where channel = 'wechatpay' and business_date = '${FIRST}'`)
    expect(await ofBranch('B-East')).toMatchObject([{ channel: 'bank', orderCount: 1, refundCount: 1 }])
    expect(await ofBranch('B-West')).toEqual([])
  })

  it('of a payer or a merchant of whom nothing is left still counts', async () => {
    const all = [await pay(), await pay()]
    const before = await told()
    await archiveByHand(sql, FIRST, all)
    expect(await told()).toEqual(before)
    expect((await told()).savings).toEqual({ orderCount: 2, savedFen: 802 })
  })

  it('doesn’t count for whoever reads the orders themselves, as the audit does', async () => {
    const going = await street()
    const left = () => run(settlementsOf(`'${MERCHANT}'`, `'${FIRST}'::date`, { withArchived: false }))
    const before = await left()
    expect(before).toEqual((await told()).settlements[0])
    await archiveByHand(sql, FIRST, going)
    expect(await left()).toMatchObject([{ channel: 'bank', orderCount: 1, refundCount: 1 }])
    const days = (await run(MERCHANT_DAYS(ALL))) as { told: { orderCount: number }[]; orderCount: number }[]
    for (const { told: of, orderCount } of days)
      expect(of.reduce((sum, one) => sum + one.orderCount, 0)).toBe(orderCount)
  })

  it('is known by its date and file, and up to which date', async () => {
    const archived = sqlArchived(sql)
    expect([await archived.day(FIRST), await archived.horizon()]).toEqual([undefined, undefined])
    await archiveByHand(sql, FIRST, [])
    expect(await archived.day(FIRST)).toEqual({ date: FIRST, file: fileOf(FIRST) })
    expect(await archived.day(SECOND)).toBeUndefined()
    expect(await archived.horizon()).toBe(SECOND)
    await archiveByHand(sql, '2026-11-30', [])
    expect(await archived.horizon()).toBe('2026-12-01')
  })

  it('just after midnight of a campaign’s last day still is of its report', async () => {
    const endDate = '2026-11-20'
    const campaigns = [{ ...CAMPAIGN, endDate, merchantCodes: ['M0001'] }]
    await seedFoodStreet(sql, { merchants: STREET.slice(0, 1), campaigns })
    const { campaignId } = CAMPAIGN
    const lastDate = async () => (await sqlReports(sql).campaign({ campaignId, branchCode: null }))?.lastDate
    expect(await lastDate()).toBe(endDate)
    const createdAt = endOfBusinessDate(endDate) + 30_000
    const card = { campaignId, slot: 0 }
    const order = await pay({ merchantCode: 'M0001', deckDate: endDate, createdAt, card })
    expect(await lastDate()).toBe(FIRST)
    await archiveByHand(sql, FIRST, [order])
    expect(await lastDate()).toBe(FIRST)
  })

  it('is never counted anew: its counts stay, and so do all shares', async () => {
    const going = await street()
    const counts = () => run('select * from day_totals order by 1, 2, 3, 4')
    const shares = () => run('select * from share_days order by 1, 2')
    const before = [await counts(), await shares()]
    await archiveByHand(sql, FIRST, going)
    expect([await counts(), await shares()]).toEqual(before)
    await expect(recountDay(sql, FIRST)).rejects.toThrow(DayArchived)
    await expect(recountDay(sql, FIRST)).rejects.toThrow(`${FIRST} is archived`)
    await expect(recountShares(sql)).rejects.toThrow(DayArchived)
    expect(await recountDay(sql, SECOND)).toBe(1)
    expect(await countedDates(sql)).toEqual({ from: FIRST, to: SECOND })
    expect([await counts(), await shares()]).toEqual(before)
  })
})
