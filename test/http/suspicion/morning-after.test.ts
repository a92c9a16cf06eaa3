import { eventually, startTestSystem, type TestSystem } from '../../../harness/system'
import { TODAY } from '../../../harness/today'
import { addDays } from '../../../server/domain/business-date'
import type {
  AdminRefundList,
  AskedChange,
  ReconciliationList,
  ReconciliationView,
  RefundPreview,
  Report,
  Scoring,
  SuspicionList,
  SuspicionView,
} from '../../../server/http/contract'

/** A ring pays at a friend's shop; the next day its rewards go back through the bank; the morning after, the books agree. */
describe('rewards clawed back through the bank, as the house runs', () => {
  const [farmed, clawed] = [addDays(TODAY, -2), addDays(TODAY, -1)]
  const RING = 12
  let system: TestSystem
  let total = 0
  /** what payers got back of orders whose reward was taken back before */
  const later = { payerFen: 0, glFen: 0, merchantFen: 0 }
  beforeAll(async () => {
    system = await startTestSystem({}, { daysAgo: 2 })
    for (let i = 0; i < RING; i++) {
      const friend = await system.payer(`friend-${i}`)
      await friend.ended((await friend.pay((await friend.quote(1_000, 'M0003')).body.quoteId)).body.orderNo)
    }
    await system.travel(1)
  })
  afterAll(() => system?.stop())

  const suspicion = async (state = 'open') => {
    const maker = await system.operator('maker')
    const [first] = (await maker.get<SuspicionList>(`/admin/suspicions?state=${state}`)).body.items
    return (await maker.get<SuspicionView>(`/admin/suspicions/${first!.suspicionId}`)).body
  }

  it('are booked once two people have agreed, the reply of one of them lost on its way', async () => {
    const maker = await system.operator('maker')
    expect((await maker.post(`/admin/reconciliations/${farmed}`)).body).toMatchObject({ settled: true })
    expect((await maker.post<Scoring>(`/admin/scorings/${farmed}`)).body).toMatchObject({ found: 1 })
    const { suspicionId, orders } = await suspicion()
    total = orders.reduce((sum, order) => sum + order.merchantRewardFen, 0)
    const gl = (await maker.get<{ glAccount: string }>(`/admin/orders/${orders[0]!.orderNo}`)).body.glAccount
    const before = await system.bank.balance(gl)
    await system.bank.faults({ mode: 'lose-reply', times: 1, on: ['refund'] })
    const body = { orderNos: orders.map(({ orderNo }) => orderNo), note: '十二笔都是十元，几分钟内付完' }
    const asked = await maker.post<AskedChange>(`/admin/suspicions/${suspicionId}/claw-back`, body)
    expect(asked.status).toBe(202)
    const checker = await system.operator('checker')
    const headers = { 'If-Match': `"${asked.body.change.revision}"` }
    const approved = await checker.post(`/admin/changes/${asked.body.change.changeId}/approve`, {}, { headers })
    expect(approved.body).toMatchObject({ change: { state: 'applied' } })
    await eventually(async () => {
      const { body } = await maker.get<SuspicionView>(`/admin/suspicions/${suspicionId}`)
      return body.orders.every(({ clawBack }) => clawBack?.state === 'refunded') ? true : undefined
    })
    expect(await system.bank.balance(gl)).toBe(before + total)
  })

  it('don’t come back as the desk gives payers their money back, all of it or a part: the branch gets its subsidy and no fen more', async () => {
    const [maker, checker] = [await system.operator('maker'), await system.operator('checker')]
    const { orders } = await suspicion('decided')
    for (const [order, part] of [
      [orders[0]!, 1],
      [orders[1]!, 3],
    ] as const) {
      const at = `/admin/orders/${order.orderNo}`
      const amountFen = Math.ceil(order.payableFen / part)
      const { body: seen } = await maker.get<RefundPreview>(`${at}/refund-preview?amountFen=${amountFen}`)
      // all of it brings back what the payer saved, the merchant's part of the subsidy is back already; a part of it less than that
      expect(seen.glFen).toBe(
        Math.max(0, Math.floor((order.discountFen * amountFen) / order.payableFen) - order.merchantRewardFen),
      )
      const asked = await maker.post<AskedChange>(`${at}/refund`, {
        ...{ amountFen, leftFen: order.payableFen, reason: '顾客投诉' },
      })
      expect(asked.status).toBe(202)
      const headers = { 'If-Match': `"${asked.body.change.revision}"` }
      const approved = await checker.post(`/admin/changes/${asked.body.change.changeId}/approve`, {}, { headers })
      expect(approved.body).toMatchObject({ change: { state: 'applied' } })
      for (const role of ['payerFen', 'glFen', 'merchantFen'] as const) later[role] += seen[role]
    }
    await eventually(async () => {
      const { body } = await maker.get<AdminRefundList>(`/admin/refunds?date=${clawed}&state=refunded`)
      return body.items.length === RING + 2 || undefined
    })
    expect(later.merchantFen).toBe(later.payerFen + later.glFen)
  })

  it('are on the day’s statement, which reconciles without a difference, and in the report’s cost', async () => {
    await system.travel(0)
    const maker = await system.operator('maker')
    const { body } = await maker.post<ReconciliationView>(`/admin/reconciliations/${clawed}`)
    expect(body).toMatchObject({ settled: true, lines: RING + 2, openCount: 0 })
    expect(body.bank.refund).toEqual({
      count: RING + 2,
      payerFen: later.payerFen,
      glFen: total + later.glFen,
      merchantFen: -total - later.merchantFen,
    })
    expect(body.own.refund).toEqual(body.bank.refund)
    const days = (await maker.get<ReconciliationList>('/admin/reconciliations?days=1')).body.items
    expect(days).toMatchObject([{ date: clawed, state: 'balanced' }])
    const report = await maker.get<Report>(`/admin/campaigns/food-street/report?from=${farmed}&to=${clawed}`)
    expect(report.body.total.refundedSubsidyFen).toBe(total + later.glFen)
  })
})
