import type { Order } from '../../../server/domain/order'
import { balanced } from '../../../server/domain/posting'
import type { Quote } from '../../../server/domain/quote'
import { pay } from '../../../server/flow/payment/pay'
import { ChannelUnavailable, LedgerUnavailable, SlotsUnavailable } from '../../../server/flow/ports'
import { type Flow, LIMITS, orderOf, startFlow } from '../../support/flow'

const refused = (code: string) => ({ kind: 'refused', code })

describe('paying a quote', () => {
  it('debits the payer, the branch and credits the merchant as the quote said, once', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1', 10_000)
    const order = await flow.order(one)
    expect(order).toMatchObject({ state: 'paid', figures: one.figures, card: one.card, endedAt: flow.clock.at })
    expect(flow.channel.balance('acct-M0001')).toBe(one.figures.merchantReceivesFen)
    expect(flow.channel.balance('6421-03')).toBe(-one.figures.discountFen)
    expect(flow.channel.balance(order.accounts.payer)).toBe(10_000_000 - one.figures.payableFen)
    expect(balanced(flow.ledger.postings)).toBe(true)
    expect(await flow.slots.count(flow.deck())).toMatchObject({ free: 4, leased: 0, used: 1 })
  })

  it('stores the order before anything is sent, and what is stored is what is sent (I6)', async () => {
    const stored: (Order | undefined)[] = []
    const flow = startFlow({
      wrap: (channel, ledger) => ({
        ...channel,
        async pay(order) {
          stored.push(await ledger.order(order.orderNo))
          return channel.pay(order)
        },
      }),
    })
    const order = await flow.order(await flow.quote('p1'))
    expect(stored).toEqual([{ ...order, state: 'paying', endedAt: null, channelTradeNo: null, verification: null }])
    expect(flow.channel.clearings().map((one) => one.request)).toEqual([flow.channel.payRequest(order)])
  })

  it('sends nothing when the order can’t be stored', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1')
    await flow.order(await flow.quote('p1', 1_000))
    const before = flow.pays().length
    flow.ledger.openOrder = async () => {
      throw new LedgerUnavailable('away')
    }
    await expect(flow.pay(one)).rejects.toThrow(LedgerUnavailable)
    expect(flow.pays()).toHaveLength(before)
  })

  it.each([
    ['the ledger goes away', new LedgerUnavailable('away')],
    ['a fault of ours', new TypeError('a fault')],
  ])(
    'that the bank booked is never refused: with %s after it, the order is paying until the sweeper has asked',
    async (_, error) => {
      const flow = startFlow()
      const endOrder = flow.ledger.endOrder
      flow.ledger.endOrder = () => Promise.reject(error)
      const order = await flow.order(await flow.quote('p1'))
      expect(order).toMatchObject({ state: 'paying' })
      expect(flow.channel.clearings()).toMatchObject([{ orderNo: order.orderNo, state: 'succeeded' }])
      expect(flow.alarms).toEqual([{ code: 'pay-not-finalized', orderNo: order.orderNo, error }])

      flow.ledger.endOrder = endOrder
      flow.pass(LIMITS.firstQueryMs)
      await flow.sweep()
      expect(await flow.ledger.order(order.orderNo)).toMatchObject({ state: 'paid' })
      expect(flow.pays()).toHaveLength(1)
    },
  )

  it('whose reply the ledger couldn’t even note is paying all the same, and so is one that the channel breaks at', async () => {
    const flow = startFlow({
      wrap: (channel) => ({
        ...channel,
        pay: (order) => (order.payerId === 'p2' ? Promise.reject(new Error('broken')) : channel.pay(order)),
      }),
    })
    flow.channel.next('pay', { kind: 'lose-reply' })
    flow.ledger.noteReply = () => Promise.reject(new LedgerUnavailable('away'))
    for (const payer of ['p1', 'p2'])
      expect(await flow.order(await flow.quote(payer))).toMatchObject({ state: 'paying' })
    expect(flow.alarms.map((one) => one.code)).toEqual(['pay-not-finalized', 'pay-not-finalized'])
  })

  it('goes on when the slot can’t be confirmed, and says so; the slot stays the order’s (I1)', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1')
    flow.slots.up = false
    const order = await flow.order(one)
    expect(order).toMatchObject({ state: 'paid', card: one.card })
    const alarm = { code: 'slot-not-confirmed', orderNo: order.orderNo, error: expect.any(SlotsUnavailable) }
    expect(flow.alarms).toEqual([alarm])
    flow.slots.up = true
    flow.pass(LIMITS.leaseTtlMs)
    const second = await flow.order(await flow.quote('p2'))
    expect(second.card?.slot).toBe(1)
  })

  it.each([
    ['pending', { kind: 'pending', pendingQueries: 3 }],
    ['a lost reply', { kind: 'lose-reply' }],
    ['a lost request', { kind: 'lose-request' }],
  ] as const)('%s leaves it paying with its slot held (I5)', async (_, mishap) => {
    const flow = startFlow()
    flow.channel.next('pay', mishap)
    const order = await flow.order(await flow.quote('p1'))
    expect(order).toMatchObject({ state: 'paying', endedAt: null })
    expect(await flow.ledger.usedSlots(flow.deck())).toMatchObject([{ slot: 0 }])
    expect(flow.ledger.postings).toEqual([])
    flow.pass(10 * LIMITS.leaseTtlMs)
    expect((await flow.quote('p2')).card?.slot).toBe(1)
  })
})

describe('a payment is refused', () => {
  const cases: [string, (flow: Flow, quote: Quote) => Promise<unknown>][] = [
    ['quote-invalid', (flow) => pay(flow.deps, { payerId: 'p1', quoteId: 'made.up', idempotencyKey: 'k' })],
    ['quote-foreign', (flow, quote) => flow.pay(quote, 'k', 'p2')],
    [
      'quote-expired',
      (flow, quote) => {
        flow.pass(quote.expiresAt - flow.clock.at)
        return flow.pay(quote)
      },
    ],
    [
      'quote-used',
      async (flow, quote) => {
        await flow.order(quote)
        return flow.pay(quote)
      },
    ],
    [
      'key-reused',
      async (flow, quote) => {
        await flow.order(quote, 'same')
        return flow.pay(await flow.quote('p1'), 'same')
      },
    ],
    [
      'slot-taken',
      async (flow, quote) => {
        await flow.order(await flow.quote('p1', 2_000))
        return flow.pay(quote)
      },
    ],
    ['channel-not-available', (flow, quote) => flow.pay({ ...quote, channel: 'alipay' })],
    [
      'agreement-not-found',
      (flow, quote) =>
        pay(flow.deps, { payerId: 'p1', quoteId: flow.sealed(quote), idempotencyKey: 'k', agreementId: 'AG-other' }),
    ],
    [
      'daily-limit-reached',
      async (flow, quote) => {
        await flow.order(await flow.quote('p1', LIMITS.dailyPerPayerFen - quote.figures.amountFen + 1))
        return flow.pay(quote)
      },
    ],
  ]
  it.each(cases)('%s, and nothing more is sent, stored or held', async (code, attempt) => {
    const flow = startFlow()
    const quote = await flow.quote('p1', 10_000)
    const before = { pays: 0, used: 0 }
    const { openOrder } = flow.ledger
    flow.ledger.openOrder = async (input) => {
      before.pays = flow.pays().length
      before.used = (await flow.ledger.usedSlots(flow.deck())).length
      return openOrder(input)
    }
    expect(await attempt(flow, quote)).toEqual(refused(code))
    expect(flow.pays()).toHaveLength(before.pays)
    expect(await flow.ledger.usedSlots(flow.deck())).toHaveLength(before.used)
    expect(flow.alarms).toEqual([])
  })

  it('slot-taken teaches a slot store that forgot: nobody else is quoted that card', async () => {
    const flow = startFlow()
    // Redis lost the confirm, as a replica does that takes over a moment behind.
    const { confirm } = flow.slots
    flow.slots.confirm = async () => 'confirmed'
    const first = await flow.order(await flow.quote('p1'))
    flow.slots.confirm = confirm
    flow.pass(LIMITS.leaseTtlMs)
    const second = await flow.quote('p2')
    expect(second.card?.slot).toBe(first.card!.slot)
    expect(await flow.pay(second)).toEqual(refused('slot-taken'))
    expect(await flow.slots.count(flow.deck())).toMatchObject({ free: 4, leased: 0, used: 1 })
    expect((await flow.quote('p2')).card?.slot).toBe(1)
    // It is the holder's: should that order close after all, only the holder can give it back.
    expect(await flow.slots.release(flow.deck(), 0, 'p2', 1)).toBe('not-held')
  })

  it('slot-taken by an order that closed meanwhile teaches nothing', async () => {
    const flow = startFlow()
    flow.ledger.openOrder = async () => ({ kind: 'slot-taken', payerId: null })
    const one = await flow.quote('p2')
    expect(await flow.pay(one)).toEqual(refused('slot-taken'))
    expect((await flow.quote('p2')).card).toEqual(one.card)
  })

  it('the bank being away at a payer’s first payment is no refusal: it says ChannelUnavailable and stores nothing', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1')
    flow.channel.next('easy', { kind: 'lose-request' })
    await expect(flow.pay(one)).rejects.toThrow(ChannelUnavailable)
    expect(await flow.ledger.usedSlots(flow.deck())).toEqual([])
    expect((await flow.order(one)).state).toBe('paid')
  })
})

describe('a pay that certainly never left', () => {
  it('closes the order at once, moves nothing, and leaves the payer the same card', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'lose-request', code: 'not-sent' })
    const order = await flow.order(await flow.quote('p1'))
    expect(order).toMatchObject({ state: 'closed', closeReason: 'channel-unavailable' })
    expect(flow.channel.clearings()).toEqual([])
    expect(await flow.order(await flow.quote('p1'))).toMatchObject({ state: 'paid', card: order.card })
  })

  it('is another thing than a question that never left: that says nothing of the pay', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'lose-reply' })
    const order = await flow.order(await flow.quote('p1'))
    flow.channel.next('query', { kind: 'lose-request', code: 'not-sent' })
    flow.pass(LIMITS.firstQueryMs)
    await flow.sweep()
    expect((await flow.ledger.order(order.orderNo))!.state).toBe('paying')
  })
})

describe('a pay that is held up until its quote has ended', () => {
  it('opens no order any more, so that whoever is told so may pay another quote', async () => {
    const flow = startFlow()
    const [one, other] = [await flow.quote('p1'), await flow.quote('p1')]
    // The ledger's own clock is the machine's; by it the quote has ended as the statement arrives.
    flow.deps.clock = { ...flow.clock, now: flow.clock.now, byLedger: () => 1 } as typeof flow.deps.clock
    expect(await flow.pay(one, 'held-up')).toEqual(refused('quote-expired'))
    expect(flow.pays()).toEqual([])
    flow.deps.clock = flow.clock
    expect((await flow.order(other, 'another')).state).toBe('paid')
    expect(flow.pays()).toHaveLength(1)
  })
})

describe('a channel that takes no pays for now', () => {
  const paused = (ms: () => number) =>
    startFlow({
      wrap: (channel) => ({
        ...channel,
        admit: () => (ms() > 0 ? { kind: 'paused', retryAfterMs: ms() } : { kind: 'admitted' }),
      }),
    })

  it('says so before anything is stored or sent; the quote can be paid later, with the same slot', async () => {
    let pausedMs = 4_200
    const flow = paused(() => pausedMs)
    const one = await flow.quote('p1')
    const unavailable = { kind: 'refused', code: 'channel-unavailable', retryAfterMs: 4_200 }
    expect(await flow.pay(one, 'same')).toEqual(unavailable)
    expect(flow.pays()).toEqual([])
    expect(await flow.ledger.usedSlots(flow.deck())).toEqual([])
    expect(await flow.slots.count(flow.deck())).toMatchObject({ leased: 1, used: 0 })
    pausedMs = 0
    expect(await flow.order(one, 'same')).toMatchObject({ state: 'paid', card: one.card })
  })

  it('is nothing to a retry: it gets its order, and other input under the key is still refused', async () => {
    let pausedMs = 0
    const flow = paused(() => pausedMs)
    const [one, other] = [await flow.quote('p1'), await flow.quote('p1')]
    const order = await flow.order(one, 'same')
    pausedMs = 1
    expect(await flow.order(one, 'same')).toEqual(order)
    expect(await flow.pay(other, 'same')).toEqual(refused('key-reused'))
  })
})

describe('an idempotency key', () => {
  it('gives the same order and one pay, however often it comes', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1')
    const first = await flow.order(one, 'same')
    for (let i = 0; i < 3; i++) expect(await flow.order(one, 'same')).toEqual(first)
    expect(flow.pays()).toHaveLength(1)
  })

  it('gives one order and one pay to ten taps at once', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1')
    const orders = (await Promise.all(Array.from({ length: 10 }, () => flow.pay(one, 'same')))).map(orderOf)
    expect(new Set(orders.map((order) => order.orderNo)).size).toBe(1)
    expect(flow.pays()).toHaveLength(1)
    expect(orders.filter((order) => order.state === 'paid')).toHaveLength(1)
    expect((await flow.order(one, 'same')).state).toBe('paid')
  })

  it('of a quote that has expired since gives the order as it stands now', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'lose-reply' })
    const one = await flow.quote('p1')
    const paying = await flow.order(one, 'same')
    flow.pass(LIMITS.leaseTtlMs)
    expect(await flow.order(one, 'same')).toEqual(paying)
    await flow.sweep()
    expect(await flow.order(one, 'same')).toMatchObject({ orderNo: paying.orderNo, state: 'paid' })
    expect(flow.pays()).toHaveLength(1)
  })

  it.each<[string, (flow: Flow) => unknown]>([
    ['agreement-not-found', (flow) => Object.assign(flow.ledger, { agreements: async () => [] })],
    ['channel-not-available', (flow) => Object.assign(flow.deps, { channels: new Map() })],
    ['quote-invalid', (flow) => Object.assign(flow.deps, { openQuote: () => undefined })],
  ])('gives its order to a retry also when a new pay would be %s by now', async (code, happen) => {
    const flow = startFlow()
    flow.channel.easy = false
    await signed(flow, 'p1')
    const [one, other] = [await flow.quote('p1'), await flow.quote('p1')]
    const order = await flow.order(one, 'same')
    happen(flow)
    expect(await flow.order(one, 'same')).toEqual(order)
    expect(await flow.pay(other, 'same')).toEqual(refused('key-reused'))
    expect(await flow.pay(other, 'other')).toEqual(refused(code))
    expect(flow.pays()).toHaveLength(1)
  })

  it('reused with other input after its quote expired is still refused', async () => {
    const flow = startFlow()
    const [one, other] = [await flow.quote('p1'), await flow.quote('p1')]
    await flow.order(one, 'same')
    flow.pass(LIMITS.leaseTtlMs)
    expect(await flow.pay(other, 'same')).toEqual(refused('key-reused'))
  })

  it('is a payer’s own: two payers may choose the same', async () => {
    const flow = startFlow()
    const [a, b] = [await flow.order(await flow.quote('p1'), 'same'), await flow.order(await flow.quote('p2'), 'same')]
    expect(a.orderNo).not.toBe(b.orderNo)
  })

  it('sent with another agreement is other input', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1')
    const { payerRef: agreementId } = await flow.order(one, 'same')
    const again = { payerId: 'p1', quoteId: flow.sealed(one), idempotencyKey: 'same', agreementId }
    expect(await pay(flow.deps, again)).toEqual(refused('key-reused'))
  })
})

async function signed(flow: Flow, payerId: string) {
  const signNo = `S-${payerId}`
  const { agreements, code } = flow.channel
  const asked = {
    signNo,
    payerId,
    account: '6217880000000000001',
    name: '王小满',
    phone: '13800138000',
    returnTo: null,
  }
  const said = await agreements.sign(asked)
  if (said.kind !== 'action') throw new Error(said.kind)
  const done = await agreements.confirm(signNo, { challengeId: said.action.params.challengeId!, proof: code(signNo)! })
  if (done.kind !== 'signed') throw new Error(done.kind)
  await flow.deps.agreements.keep(payerId, done.agreement, flow.clock.at)
}

describe('an order number that exists already', () => {
  const same = (times: number) => {
    let calls = 0
    return (bytes: number) => new Uint8Array(bytes).fill(calls++ < times ? 1 : calls)
  }

  it('is drawn again, since nothing was sent', async () => {
    const flow = startFlow()
    const [one, other] = [await flow.quote('p1'), await flow.quote('p2')]
    flow.deps.random = same(3)
    const orders = [await flow.order(one), await flow.order(other)]
    expect(new Set(orders.map((order) => order.orderNo)).size).toBe(2)
    expect(flow.pays().map((call) => call.orderNo)).toEqual(orders.map((order) => order.orderNo))
  })

  it('three times in a row is a bug, and nothing is sent', async () => {
    const flow = startFlow()
    const [one, other] = [await flow.quote('p1'), await flow.quote('p2')]
    flow.deps.random = same(Number.POSITIVE_INFINITY)
    await flow.order(one)
    await expect(flow.pay(other)).rejects.toThrow('three order numbers')
    expect(flow.pays()).toHaveLength(1)
  })
})
