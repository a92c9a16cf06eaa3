import { eventually, type Payer, startTestSystem, type TestSystem } from '../../../harness/system'

/** A bank in trouble: new payers are told at once, and everything that is already under way goes on. */
describe('the breaker of the bank channel', () => {
  let system: TestSystem
  let payer: Payer
  beforeAll(async () => {
    system = await startTestSystem({ BANK_TIMEOUT_MS: '3000' })
    payer = await system.payer('payer-1')
    // A first payment binds the payer's account.
    await payer.pay((await payer.quote(1_000)).body.quoteId)
  })
  afterAll(() => system.stop())

  const metric = async (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await system.call('GET', '/metrics')).body as string)?.[1])

  it('tells a payer at once, debits nothing, keeps the quote and its slot; what is unknown is still settled', async () => {
    const { body: quote } = await payer.quote(2_000)
    await system.bank.faults({ mode: 'error-before', on: ['pay'] })
    const unknown: { payer: Payer; orderNo: string; key: string; quoteId: string }[] = []
    for (let i = 0; i < 5; i++) {
      const other = await system.payer(`unlucky-${i}`)
      const { quoteId } = (await other.quote(1_000, 'M0002')).body
      const key = `unlucky-key-${i}`
      const { body } = await other.pay(quoteId, key)
      expect(body.state).toBe('paying')
      unknown.push({ payer: other, orderNo: body.orderNo, key, quoteId })
    }
    expect(await metric('fapai_channel_breaker_open\\{channel="bank"\\}')).toBe(1)

    const pays = await system.bank.struck()
    const refused = await payer.pay(quote.quoteId, 'kept-quote-key')
    expect(refused).toMatchObject({ status: 503, body: { code: 'channel-unavailable' } })
    const retryAfterS = Number(refused.headers.get('retry-after'))
    expect(retryAfterS).toBeGreaterThanOrEqual(1)
    expect(retryAfterS).toBeLessThanOrEqual(5)
    expect(await system.bank.struck()).toBe(pays)
    // A retry is no new payment: it still gets its order.
    const retried = unknown[0]!
    expect((await retried.payer.pay(retried.quoteId, retried.key)).body.orderNo).toBe(retried.orderNo)

    // The bank refuses pays until now, and yet the five end: queries and closes were never stopped.
    for (const one of unknown)
      expect(await one.payer.ended(one.orderNo)).toMatchObject({ state: 'closed', closeReason: 'order-closed' })
    expect(await metric('fapai_channel_breaker_open\\{channel="bank"\\}')).toBe(1)

    await system.bank.clearFaults()
    const paid = await eventually(async () => {
      const answer = await payer.pay(quote.quoteId, 'kept-quote-key')
      return answer.status === 503 ? undefined : answer
    })
    expect(paid.body).toMatchObject({ state: 'paid', discountFen: quote.discountFen, slotNumber: 2 })
    expect(await metric('fapai_channel_breaker_open\\{channel="bank"\\}')).toBe(0)
  })

  it('with no bank at all the order is closed at once, since nothing can have been sent', async () => {
    const { body: quote } = await payer.quote(2_000)
    await system.killBank()
    // A payment on a connection that is just breaking would be unknown: it may have been sent.
    await eventually(async () => {
      const { body } = await system.call('GET', '/readyz')
      return (body as { dependencies: { bank: { state: string } } }).dependencies.bank.state === 'down' || undefined
    })
    const { body: order } = await payer.pay(quote.quoteId, 'no-bank-key')
    expect(order).toMatchObject({ state: 'closed', closeReason: 'channel-unavailable' })
    await system.startBank()
    expect((await system.bank.clearings()).map((one) => one.orderNo)).not.toContain(order.orderNo)
    const { body: again } = await payer.quote(2_000)
    expect((await payer.pay(again.quoteId)).body).toMatchObject({ state: 'paid', slotNumber: order.slotNumber })
  })

  it('opens, too, when the bank doesn’t know our key: the sixth payer is told before anything is stored', async () => {
    const payers = await Promise.all(Array.from({ length: 6 }, (_, i) => system.payer(`keyed-${i}`)))
    const pay = async (one: Payer) => (await one.pay((await one.quote(1_000, 'M0003')).body.quoteId)).body
    for (const one of payers) expect(await pay(one)).toMatchObject({ state: 'paid' })
    await system.killBff()
    await system.startBff({ BANK_KEY_ID: 'of-a-wrong-deploy' })
    const stranded: string[] = []
    for (const one of payers.slice(0, 5)) {
      const order = await pay(one)
      expect(order).toMatchObject({ state: 'paying' })
      stranded.push(order.orderNo)
    }
    expect(await pay(payers[5]!)).toMatchObject({ code: 'channel-unavailable' })
    const own = await system.call('GET', '/api/orders', { token: payers[5]!.token })
    expect((own.body as { items: unknown[] }).items).toHaveLength(1)
    expect(await metric('fapai_alarms_total\\{code="key-unknown"\\}')).toBeGreaterThanOrEqual(5)
    // Known again, it says that it has none of them.
    await system.killBff()
    await system.startBff()
    for (const [i, orderNo] of stranded.entries())
      expect(await payers[i]!.ended(orderNo)).toMatchObject({ state: 'closed', closeReason: 'order-closed' })
  })
})
