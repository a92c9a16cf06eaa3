import { startTestSystem, type TestSystem } from '../../../harness/system'

/** Two hundred people pay at one counter at once. */
describe('200 payers at once at one merchant', () => {
  let system: TestSystem
  beforeAll(async () => {
    // A slow machine is no bank or Redis in trouble: this is about who gets what, not about deadlines.
    system = await startTestSystem({ BANK_TIMEOUT_MS: '60000', REDIS_TIMEOUT_MS: '30000' }, { embedded: true })
  })
  afterAll(() => system.stop())

  it('gives exactly 20 discounts, each slot once, everyone pays, and all books agree', async () => {
    const payers = await Promise.all(Array.from({ length: 200 }, (_, i) => system.payer(`crowd-${i}`)))
    const orders = await Promise.all(
      payers.map(async (payer, i) => {
        const quote = await payer.quote(1_000 + i * 7)
        const order = await payer.pay(quote.body.quoteId)
        expect(order.status).toBe(200)
        return order.body.state === 'paying' ? payer.ended(order.body.orderNo) : order.body
      }),
    )
    expect(orders.map((order) => order.state)).toEqual(orders.map(() => 'paid'))

    const discounted = orders.filter((order) => order.discountFen > 0)
    expect(discounted.map((order) => order.slotNumber).sort((a, b) => a! - b!)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    )
    expect(
      discounted.filter((order) => order.discountFen >= 700 && order.discountFen <= 900).length,
    ).toBeGreaterThanOrEqual(16)
    for (const order of orders) {
      expect(order.payerDiscountFen + order.merchantRewardFen).toBe(order.discountFen)
      expect(order.payerDiscountFen - order.merchantRewardFen).toBe(order.discountFen % 2)
    }
    for (const order of orders.filter((one) => one.discountFen === 0))
      expect(['all-held', 'sold-out']).toContain(order.reason)

    const clearings = await system.bank.clearings()
    expect(clearings).toHaveLength(200)
    for (const { request } of clearings) expect(request!.legs.reduce((sum, leg) => sum + leg.amountFen, 0)).toBe(0)
    const merchant = await system.merchant('M0001')
    const summary = await merchant.summary()
    expect(summary).toMatchObject({ orderCount: 200, rewardCount: 20, slots: { total: 20, used: 20 } })
    expect(summary.receivedFen).toBe(await system.bank.balance('acct-M0001'))
    expect(summary.rewardFen + sum(orders.map((order) => order.payerDiscountFen))).toBe(
      -(await system.bank.balance('6421-03')),
    )
    expect(new Set((await merchant.orders()).map((order) => order.orderNo)).size).toBe(200)
  })

  const sum = (amounts: number[]) => amounts.reduce((a, b) => a + b, 0)
})
