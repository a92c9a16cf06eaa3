import type { Seen } from '../../../server/domain/channel'
import type { Order, Outcome } from '../../../server/domain/order'
import { balanced } from '../../../server/domain/posting'
import { finalize } from '../../../server/flow/payment/finalize'
import type { ChannelReply, FeedEvent } from '../../../server/flow/ports'
import { type Flow, LIMITS, startFlow } from '../../support/flow'

/** What the channel has of the one order that these tests know. */
const SEEN: Seen = { amountFen: 9_605, currency: 'CNY', payee: 'acct-M0001' }
const reply = (outcome: Outcome, seen?: Seen): ChannelReply => ({ verb: 'query', outcome, seen, raw: null })
const SUCCEEDED = reply({ kind: 'succeeded', channelTradeNo: 'B1' }, SEEN)
const DECLINED = reply({ kind: 'declined', code: 'insufficient-funds' })
const UNKNOWN = reply({ kind: 'unknown', code: 'timeout' })

/** An order whose pay was lost on its way, so that its ending is the test's to bring. */
async function paying(flow: Flow, payerId = 'p1'): Promise<Order> {
  flow.channel.next('pay', { kind: 'lose-request' })
  return flow.order(await flow.quote(payerId))
}

function watched(flow: Flow): FeedEvent[] {
  const seen: FeedEvent[] = []
  void flow.ledger.subscribe('M0001', undefined, (event) => seen.push(event))
  return seen
}

const told = async (seen: FeedEvent[]) => {
  await new Promise(setImmediate)
  return seen.map((event) => event.orderNo)
}

describe('finalize', () => {
  it('a success ends the order as paid with balanced postings, one event for the merchant, and keeps the slot', async () => {
    const flow = startFlow()
    const seen = watched(flow)
    const order = await paying(flow)
    const ended = await finalize(flow.deps, order, SUCCEEDED)
    expect(ended).toEqual({ ...order, state: 'paid', endedAt: flow.clock.at, channelTradeNo: 'B1' })
    expect(await flow.ledger.order(order.orderNo)).toEqual(ended)
    expect(balanced(flow.ledger.postings)).toBe(true)
    expect(flow.ledger.postings).toHaveLength(3)
    expect(await told(seen)).toEqual([order.orderNo])
    expect(await flow.slots.count(flow.deck())).toMatchObject({ used: 1 })
  })

  it('a refusal closes it with its code, books nothing, tells nobody, and gives the slot back to the same payer', async () => {
    const flow = startFlow()
    const seen = watched(flow)
    const order = await paying(flow)
    flow.pass(2 * LIMITS.leaseTtlMs)
    const ended = await finalize(flow.deps, order, DECLINED)
    expect(ended).toEqual({ ...order, state: 'closed', endedAt: flow.clock.at, closeReason: 'insufficient-funds' })
    expect(await flow.ledger.order(order.orderNo)).toEqual(ended)
    expect(flow.ledger.postings).toEqual([])
    expect(await told(seen)).toEqual([])
    expect((await flow.quote('p2')).card?.slot).toBe(1)
    expect((await flow.quote('p1')).card?.slot).toBe(order.card!.slot)
  })

  it('the slot of a closed order is anybody’s after one more lease', async () => {
    const flow = startFlow()
    const order = await paying(flow)
    await finalize(flow.deps, order, DECLINED)
    flow.pass(LIMITS.leaseTtlMs)
    expect((await flow.quote('p2')).card?.slot).toBe(order.card!.slot)
  })

  it.each([UNKNOWN, reply({ kind: 'pending' })])(
    'holds the order on $outcome.kind and keeps the reply',
    async (news) => {
      const flow = startFlow()
      const order = await paying(flow)
      expect(await finalize(flow.deps, order, news)).toEqual(order)
      expect(await flow.ledger.order(order.orderNo)).toEqual(order)
      expect(flow.ledger.notes.at(-1)).toEqual({ ...news, orderNo: order.orderNo, conflict: null, at: flow.clock.at })
      expect(flow.alarms).toEqual([])
    },
  )

  it.each<[what: string, verb: ChannelReply['verb'], outcome: Outcome, alarms: string[]]>([
    ['ends for how a merchant is set up', 'pay', { kind: 'declined', code: 'channel-refused' }, ['channel-refused']],
    ['says so and ends nothing', 'query', { kind: 'unknown', code: 'merchant-refused' }, ['merchant-refused']],
    ['doesn’t know our role', 'close', { kind: 'unknown', code: 'wrong-role' }, ['wrong-role']],
    ['can’t read what the payer brought', 'confirm', { kind: 'unknown', code: 'invalid-request' }, []],
    ['takes our key no longer, whoever asks', 'confirm', { kind: 'unknown', code: 'key-unknown' }, ['key-unknown']],
    ['refuses the payer', 'pay', { kind: 'declined', code: 'wallet-refused' }, []],
  ])('a channel that %s (%s)', async (_, verb, outcome, alarms) => {
    const flow = startFlow()
    const order = await paying(flow)
    await finalize(flow.deps, order, { verb, outcome, raw: null })
    expect(flow.alarms).toEqual(alarms.map((code) => ({ code, orderNo: order.orderNo })))
  })

  it('a reply that is signed badly ends nothing and is an alarm', async () => {
    const flow = startFlow()
    const order = await paying(flow)
    expect(await finalize(flow.deps, order, reply({ kind: 'unknown', code: 'bad-signature' }))).toEqual(order)
    expect(flow.alarms).toEqual([{ code: 'bad-signature', orderNo: order.orderNo }])
  })

  it.each(['key-unknown', 'signature-invalid', 'signature-refused', 'misconfigured', 'unsigned-refusal', 'clock-skew'])(
    'so is a refusal of ourselves: %s',
    async (code) => {
      const flow = startFlow()
      const order = await paying(flow)
      expect(await finalize(flow.deps, order, reply({ kind: 'unknown', code }))).toEqual(order)
      expect(flow.alarms).toEqual([{ code, orderNo: order.orderNo }])
    },
  )

  it('news that says nothing of an order which has ended meanwhile gives the order as it is', async () => {
    const flow = startFlow()
    const order = await paying(flow)
    const paid = await finalize(flow.deps, order, SUCCEEDED)
    expect(await finalize(flow.deps, order, UNKNOWN)).toEqual(paid)
  })

  const ended: [string, ChannelReply, ChannelReply][] = [
    ['the same success', SUCCEEDED, SUCCEEDED],
    ['nothing definite after paid', SUCCEEDED, UNKNOWN],
    ['another refusal', DECLINED, reply({ kind: 'declined', code: 'order-closed' })],
    ['nothing definite after closed', DECLINED, reply({ kind: 'pending' })],
  ]
  it.each(ended)('%s changes an ended order in nothing', async (_, first, news) => {
    const flow = startFlow()
    const order = await finalize(flow.deps, await paying(flow), first)
    const postings = flow.ledger.postings.length
    expect(await finalize(flow.deps, order, news)).toEqual(order)
    expect(await flow.ledger.order(order.orderNo)).toEqual(order)
    expect(flow.ledger.postings).toHaveLength(postings)
    expect(flow.alarms).toEqual([])
  })

  const conflicts: [string, ChannelReply, ChannelReply][] = [
    ['success-after-close', DECLINED, SUCCEEDED],
    ['decline-after-paid', SUCCEEDED, DECLINED],
    ['other-trade-no', SUCCEEDED, reply({ kind: 'succeeded', channelTradeNo: 'B2' }, SEEN)],
  ]
  it.each(conflicts)('%s raises an alarm, is kept, and changes nothing', async (code, first, news) => {
    const flow = startFlow()
    const seen = watched(flow)
    const order = await finalize(flow.deps, await paying(flow), first)
    const [postings, before] = [flow.ledger.postings.length, (await told(seen)).length]
    expect(await finalize(flow.deps, order, news)).toEqual(order)
    expect(await flow.ledger.order(order.orderNo)).toEqual(order)
    expect(flow.ledger.postings).toHaveLength(postings)
    expect(await told(seen)).toHaveLength(before)
    expect(flow.alarms).toEqual([{ code, orderNo: order.orderNo }])
    expect(flow.ledger.notes.at(-1)).toMatchObject({ conflict: code, outcome: news.outcome })
  })

  it.each<[string, Partial<Seen>]>([
    ['other-amount', { amountFen: 1 }],
    ['other-currency', { currency: 'HKD' }],
    ['other-payee', { payee: 'acct-M0002' }],
  ])('news of %s ends nothing: it is kept and an alarm, and the slot stays held', async (code, other) => {
    const flow = startFlow()
    const order = await paying(flow)
    for (const { outcome } of [SUCCEEDED, DECLINED]) {
      flow.alarms.length = 0
      expect(await finalize(flow.deps, order, reply(outcome, { ...SEEN, ...other }))).toEqual(order)
      expect(flow.alarms).toEqual([{ code, orderNo: order.orderNo }])
      expect(flow.ledger.notes.at(-1)).toMatchObject({ conflict: code, outcome })
    }
    expect(await flow.ledger.order(order.orderNo)).toEqual(order)
    expect(await flow.slots.count(flow.deck())).toMatchObject({ used: 1 })
    expect(flow.ledger.postings).toEqual([])
    expect((await finalize(flow.deps, order, SUCCEEDED)).state).toBe('paid')
  })

  it('two who bring the same news at once end it once, with one event and one set of postings (I5)', async () => {
    const flow = startFlow()
    const seen = watched(flow)
    const order = await paying(flow)
    const both = await Promise.all([finalize(flow.deps, order, SUCCEEDED), finalize(flow.deps, order, SUCCEEDED)])
    expect(both.map((one) => one.state)).toEqual(['paid', 'paid'])
    expect(flow.ledger.postings).toHaveLength(3)
    expect(await told(seen)).toEqual([order.orderNo])
    expect(flow.alarms).toEqual([])
  })

  it('two who bring contrary news at once: the first ends it, the second is an alarm', async () => {
    const flow = startFlow()
    const order = await paying(flow)
    const [a, b] = await Promise.all([finalize(flow.deps, order, DECLINED), finalize(flow.deps, order, SUCCEEDED)])
    expect([a.state, b.state]).toEqual(['closed', 'closed'])
    expect(flow.ledger.postings).toEqual([])
    expect(flow.alarms).toEqual([{ code: 'success-after-close', orderNo: order.orderNo }])
  })

  it('a slot that can’t be given back is an alarm; the order is closed all the same', async () => {
    const flow = startFlow()
    const order = await paying(flow)
    flow.slots.up = false
    expect((await finalize(flow.deps, order, DECLINED)).state).toBe('closed')
    expect(flow.alarms).toMatchObject([{ code: 'slot-not-released', orderNo: order.orderNo }])
  })

  it('an order without a card has no slot to give back', async () => {
    const flow = startFlow({ campaign: null })
    const order = await paying(flow)
    flow.slots.up = false
    expect((await finalize(flow.deps, order, DECLINED)).state).toBe('closed')
    expect(flow.alarms).toEqual([])
  })
})
