import { masterKeyDealing } from '../../../harness/master-key'
import { startTestSystem, type TestSystem } from '../../../harness/system'

/** The case, to the cent: order ¥100.00, card ¥10.00. */
describe('the worked example through the HTTP API', () => {
  let system: TestSystem
  beforeAll(async () => {
    system = await startTestSystem({ MASTER_KEY: masterKeyDealing(1_000, 'M0001', Date.now()) }, { embedded: true })
  })
  afterAll(() => system.stop())

  it('quotes 95.00, pays it, and the books of the bank, the payer and the merchant agree', async () => {
    const payer = await system.payer('payer-1')
    const before = await balances(system)
    const quote = await payer.quote(10_000)
    expect(quote.body).toMatchObject({
      amountFen: 10_000,
      discountFen: 1_000,
      payerDiscountFen: 500,
      merchantRewardFen: 500,
      payableFen: 9_500,
      merchantReceivesFen: 10_500,
      reason: null,
    })

    const order = await payer.pay(quote.body.quoteId)
    expect(order.status).toBe(200)
    expect(order.body).toMatchObject({ state: 'paid', payableFen: 9_500, payerDiscountFen: 500, slotNumber: 1 })

    const [clearing] = await system.bank.clearings()
    const legs = Object.fromEntries(clearing!.request!.legs.map((leg) => [leg.role, leg]))
    expect(clearing).toMatchObject({ orderNo: order.body.orderNo })
    expect([legs.payer!.amountFen, legs.gl!.amountFen, legs.merchant!.amountFen]).toEqual([-9_500, -1_000, 10_500])
    const after = await balances(system)
    expect(after.gl - before.gl).toBe(-1_000)
    expect(after.merchant - before.merchant).toBe(10_500)
    // A new account of the sandbox holds ¥100,000.00.
    expect(await system.bank.balance(legs.payer!.account)).toBe(10_000_000 - 9_500)

    const merchant = await system.merchant('M0001')
    expect(await merchant.summary()).toMatchObject({
      orderCount: 1,
      amountFen: 10_000,
      rewardFen: 500,
      receivedFen: 10_500,
    })
    expect(await merchant.orders()).toMatchObject([{ orderNo: order.body.orderNo, merchantRewardFen: 500 }])
    expect((await payer.order(order.body.orderNo)).body).toEqual(order.body)
  })

  async function balances({ bank }: TestSystem) {
    return { gl: await bank.balance('6421-03'), merchant: await bank.balance('acct-M0001') }
  }
})
