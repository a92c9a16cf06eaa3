import { eventually, type Payer, startTestSystem, type TestSystem } from '../../../harness/system'

/** kill -9 of the BFF in the middle of a payment, then a restart on the same directory. */
describe('a BFF killed in the middle of a payment', () => {
  let system: TestSystem
  let payer: Payer
  beforeAll(async () => {
    // An order the bank has never seen is closed there after twice the deadline.
    system = await startTestSystem({ BANK_TIMEOUT_MS: '4000' }, { embedded: true })
    payer = await system.payer('payer-1')
  })
  afterAll(() => system.stop())
  afterEach(() => system.bank.clearFaults())

  /** Sends a pay, kills the BFF while it waits for the bank, restarts it, and asks what became of the order. */
  async function killDuringPay(amountFen: number, key: string) {
    const { quoteId, ...quote } = (await payer.quote(amountFen)).body
    const lost = payer.pay(quoteId, key).then(
      () => 'answered',
      () => 'lost',
    )
    await eventually(async () => ((await system.bank.struck()) > 0 ? true : undefined))
    await system.killBff()
    expect(await lost).toBe('lost')
    await system.startBff()
    // The payer's page tries again with the same key: the same order, however the first try went.
    const again = await payer.pay(quoteId, key)
    expect(again.status).toBe(200)
    return { quote, order: await payer.ended(again.body.orderNo) }
  }

  it('ends the order as paid, once, when the bank had booked it', async () => {
    await system.bank.faults({ mode: 'slow', delayMs: 3_000, on: ['pay'], times: 1 })
    const { quote, order } = await killDuringPay(10_000, 'crash-key-1')
    expect(order).toMatchObject({ state: 'paid', discountFen: quote.discountFen, payableFen: quote.payableFen })
    const clearings = await system.bank.clearings()
    expect(clearings.filter((one) => one.orderNo === order.orderNo)).toMatchObject([{ state: 'succeeded' }])
    const merchant = await system.merchant('M0001')
    expect(await merchant.summary()).toMatchObject({
      orderCount: 1,
      receivedFen: await system.bank.balance('acct-M0001'),
    })
  })

  it('closes the order, gives the slot back to the same payer, and moves nothing when the bank had never seen it', async () => {
    const before = await system.bank.balance('acct-M0002')
    await system.bank.faults({ mode: 'lose-request', on: ['pay'] })
    const { quoteId, ...quote } = (await payer.quote(5_000, 'M0002')).body
    const unknown = await payer.pay(quoteId, 'crash-key-2')
    expect(unknown.body).toMatchObject({ state: 'paying' })
    await system.killBff()
    await system.startBff()
    const order = await payer.ended(unknown.body.orderNo)
    expect(order).toMatchObject({ state: 'closed', closeReason: 'order-closed' })
    expect(await system.bank.balance('acct-M0002')).toBe(before)
    await system.bank.clearFaults()
    // I8: a closed order draws no other card.
    const next = (await payer.quote(5_000, 'M0002')).body
    expect(next.discountFen).toBe(quote.discountFen)
    expect((await payer.pay(next.quoteId)).body.state).toBe('paid')
  })
})
