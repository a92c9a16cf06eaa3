import { type Payer, startTestSystem, type TestSystem } from '../../../harness/system'
import type { FaultInput } from '../../../server/sandbox/bank/faults'

/** I5: only a definite, verified answer ends an order; everything else is held and asked about. */
describe('an unknown outcome', () => {
  let system: TestSystem
  let payer: Payer
  let other: Payer
  beforeAll(async () => {
    system = await startTestSystem({ BANK_TIMEOUT_MS: '3000' })
    payer = await system.payer('payer-1')
    other = await system.payer('other')
  })
  afterAll(() => system.stop())
  afterEach(async () => {
    await system.bank.clearFaults()
    // A payment that goes well, so that the breaker sees no bank in trouble: its test is another.
    expect((await other.pay((await other.quote(1_000, 'M0002')).body.quoteId)).body.state).toBe('paid')
  })

  const cases: [string, FaultInput, 'paid' | 'closed'][] = [
    ['a reply lost after booking', { mode: 'lose-reply', on: ['pay'] }, 'paid'],
    ['a bank slower than the deadline', { mode: 'slow', delayMs: 3_500, on: ['pay'] }, 'paid'],
    ['a 5xx after booking', { mode: 'error-after', on: ['pay'] }, 'paid'],
    ['a 5xx before booking', { mode: 'error-before', on: ['pay'] }, 'closed'],
    ['a reply signed by nobody', { mode: 'bad-signature', on: ['pay'] }, 'paid'],
    ['a well-signed reply that makes no sense', { mode: 'garbage', on: ['pay'] }, 'paid'],
    ['an answer that is pending for two queries', { mode: 'pending', pendingQueries: 2, on: ['pay'] }, 'paid'],
  ]

  it.each(cases)(
    '%s leaves the order paying with its slot held, until the bank is definite',
    async (_, fault, ending) => {
      await system.bank.faults(fault)
      const { quoteId, ...quote } = (await payer.quote(1_000)).body
      expect(quote.discountFen).toBeGreaterThan(0)
      const order = (await payer.pay(quoteId)).body
      expect(order).toMatchObject({ state: 'paying', discountFen: quote.discountFen })
      const next = await system.payer(`next-${order.orderNo}`)
      const theirs = (await next.quote(1_000)).body
      expect(theirs.discountFen).toBeGreaterThan(0)
      await system.bank.clearFaults()
      const slots = [order.slotNumber, (await next.pay(theirs.quoteId)).body.slotNumber]
      expect(new Set(slots).size).toBe(2)
      expect(slots).not.toContain(undefined)

      const ended = await payer.ended(order.orderNo)
      expect(ended).toMatchObject({ state: ending, slotNumber: order.slotNumber })
      const booked = (await system.bank.clearings()).filter(
        (one) => one.orderNo === order.orderNo && one.state === 'succeeded',
      )
      expect(booked).toHaveLength(ending === 'paid' ? 1 : 0)
    },
    300_000,
  )

  it('a decline by a code of no contract is one of this order: it ends, its card comes back, and the code is kept and counted', async () => {
    await system.bank.faults({ mode: 'decline', code: 'moon-phase', on: ['pay'] })
    const { quoteId, ...quote } = (await payer.quote(1_000)).body
    const order = (await payer.pay(quoteId)).body
    expect(order).toMatchObject({ state: 'closed', closeReason: 'channel-code:moon-phase' })
    await system.bank.clearFaults()
    // The payer's own card, to pay with once more (I8).
    expect((await payer.quote(1_000)).body.discountFen).toBe(quote.discountFen)
    const metrics = String((await system.call('GET', '/metrics')).body)
    expect(metrics).toMatch(/fapai_declines_total\{channel="bank",code="channel-code:moon-phase"\} 1/)
  })

  it('a definite refusal closes the order at once with its reason', async () => {
    await system.bank.faults({ mode: 'decline', code: 'insufficient-funds', on: ['pay'] })
    const order = (await payer.pay((await payer.quote(1_000)).body.quoteId)).body
    expect(order).toMatchObject({ state: 'closed', closeReason: 'insufficient-funds' })
  })
})
