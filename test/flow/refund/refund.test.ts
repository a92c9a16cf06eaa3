import fc from 'fast-check'
import type { Order } from '../../../server/domain/order'
import { balanced } from '../../../server/domain/posting'
import { NOTHING_REFUNDED } from '../../../server/domain/refund'
import { merchantDay, merchantOrders } from '../../../server/flow/merchant/show'
import { payerOrder } from '../../../server/flow/payment/show'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { finalizeRefund, refund } from '../../../server/flow/refund/refund'
import type { Mishap } from '../../support/fake-channel'
import { type Flow, LIMITS, startFlow } from '../../support/flow'

/** The worked example's order, paid, whatever card it drew. */
const paid = async (flow: Flow, payerId = 'p1') => flow.order(await flow.quote(payerId))
/** A refund as the merchant asks for it. */
const wanted = ({ merchantCode, orderNo }: Order, payerFen: number, idempotencyKey: string) => ({
  ...{ merchantCode, role: 'owner' as const, orderNo, payerFen, idempotencyKey },
})
const asks = (flow: Flow, verb: 'refund' | 'query-refund') => flow.channel.calls.filter((call) => call.verb === verb)
const merchantBalance = (flow: Flow) => flow.channel.balance('acct-M0001')

describe('a refund', () => {
  it('in full gives everybody back what the order took, in one balanced clearing', async () => {
    const flow = startFlow()
    const total = flow.channel.total()
    const order = await paid(flow)
    const made = await flow.refund(order, order.figures.payableFen)
    expect(made).toMatchObject({ state: 'refunded', endedAt: flow.clock.at, failReason: null })
    expect(await flow.ledger.refund(made.refundNo)).toEqual(made)
    const { payer, gl } = order.accounts
    expect([flow.channel.balance(payer), flow.channel.balance(gl!), merchantBalance(flow)]).toEqual([10_000_000, 0, 0])
    expect(flow.channel.total()).toBe(total + 10_000_000)
    const own = flow.ledger.postings.filter((posting) => posting.refundNo === made.refundNo)
    expect(own).toHaveLength(3)
    expect(balanced(own)).toBe(true)
    expect(balanced(flow.ledger.postings)).toBe(true)
  })

  it('in several parts ends at the same, the last taking the rounding', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    for (const payerFen of [1, 3_333, 3_333]) await flow.refund(order, payerFen)
    const left = order.figures.payableFen - 6_667
    expect((await flow.refund(order, left)).state).toBe('refunded')
    expect([flow.channel.balance(order.accounts.gl!), merchantBalance(flow)]).toEqual([0, 0])
    const more = await refund(flow.deps, wanted(order, 1, 'k'))
    expect(more).toEqual({ kind: 'refused', code: 'refund-above-paid', leftFen: 0 })
  })

  it('leaves the order paid and its slot used: the card is not dealt again, and the day’s limit stays used', async () => {
    const flow = startFlow({ limits: { dailyPerPayerFen: 10_000 } })
    const order = await paid(flow)
    await flow.refund(order, order.figures.payableFen)
    expect(await flow.ledger.order(order.orderNo)).toEqual(order)
    expect(await flow.ledger.usedSlots(flow.deck())).toEqual([{ slot: order.card!.slot, payerId: order.payerId }])
    expect((await flow.quote('p2')).card!.slot).not.toBe(order.card!.slot)
    const again = await flow.pay(await flow.quote('p1', 1_000))
    expect(again).toEqual({ kind: 'refused', code: 'daily-limit-reached' })
  })

  it('of the same key is the same refund, asked for once; with another input it is refused', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    const first = await flow.refund(order, 100, 'the-key-1')
    expect(await flow.refund(order, 100, 'the-key-1')).toEqual(first)
    expect(asks(flow, 'refund')).toHaveLength(1)
    const other = wanted(order, 101, 'the-key-1')
    expect(await refund(flow.deps, other)).toEqual({ kind: 'refused', code: 'key-reused' })
    const worded = { ...wanted(order, 100, 'the-key-1'), reason: 'spilt' }
    expect(await refund(flow.deps, worded)).toEqual({ kind: 'refused', code: 'key-reused' })
  })

  it('is the owner’s to ask for: a cashier is refused, and nothing is stored or sent', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    const asked = await refund(flow.deps, { ...wanted(order, 1, 'key-cashier'), role: 'cashier' })
    expect(asked).toEqual({ kind: 'refused', code: 'not-owner' })
    expect(await flow.deps.refunds.refundsOf(order.orderNo, 10)).toEqual([])
    expect(asks(flow, 'refund')).toEqual([])
  })

  it('that the bank booked is never refused: with the ledger away after it, it is refunding until the sweeper has asked', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    const endRefund = flow.ledger.endRefund
    const error = new LedgerUnavailable('away')
    flow.ledger.endRefund = () => Promise.reject(error)
    const made = await flow.refund(order, 1_000)
    expect(made).toMatchObject({ state: 'refunding' })
    expect(flow.channel.bookedRefunds()).toHaveLength(1)
    expect(flow.alarms).toEqual([{ code: 'refund-not-finalized', orderNo: order.orderNo, error }])

    flow.ledger.endRefund = endRefund
    flow.pass(LIMITS.firstQueryMs)
    await flow.sweepRefunds()
    expect(await flow.ledger.refund(made.refundNo)).toMatchObject({ state: 'refunded' })
    expect(flow.channel.bookedRefunds()).toHaveLength(1)
  })

  it('of another merchant’s order doesn’t exist, and one of an order under way is refused', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    const foreign = { ...wanted(order, 1, 'key-foreign'), merchantCode: 'M0002' }
    expect(await refund(flow.deps, foreign)).toEqual({ kind: 'refused', code: 'order-not-found' })
    flow.channel.next('pay', { kind: 'lose-reply' })
    const unknown = wanted(await paid(flow, 'p2'), 1, 'key-unknown')
    expect(await refund(flow.deps, unknown)).toEqual({ kind: 'refused', code: 'order-not-paid' })
    expect(asks(flow, 'refund')).toEqual([])
  })

  it('that the merchant’s account can’t bear fails, moves nothing, and frees its amount', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    const { payableFen, merchantReceivesFen } = order.figures
    flow.channel.setBalance('acct-M0001', 'merchant', merchantReceivesFen - 1)
    const failed = await flow.refund(order, payableFen)
    expect(failed).toMatchObject({ state: 'failed', failReason: 'insufficient-merchant-funds', channelRefundNo: null })
    expect(merchantBalance(flow)).toBe(merchantReceivesFen - 1)
    expect(flow.ledger.postings).toHaveLength(3)
    flow.channel.setBalance('acct-M0001', 'merchant', merchantReceivesFen)
    expect((await flow.refund(order, payableFen)).state).toBe('refunded')
    expect(merchantBalance(flow)).toBe(0)
  })

  it('takes another number when its own exists, and gives up at the third', async () => {
    let count = 0
    // The quote's nonce and the order's number come first; then every refund number is the same.
    const flow = startFlow({ random: (bytes) => Buffer.alloc(bytes, Math.min(++count, 3)) })
    const order = await paid(flow)
    await flow.refund(order, 1)
    await expect(flow.refund(order, 1)).rejects.toThrow('three refund numbers')
  })

  it('is told to the merchant’s feed when money went back, and not when it failed', async () => {
    const flow = startFlow()
    const seen: string[] = []
    const order = await paid(flow)
    await flow.ledger.subscribe('M0001', undefined, (event) => seen.push(event.orderNo))
    await flow.refund(order, 100)
    flow.channel.next('refund', { kind: 'decline', code: 'insufficient-merchant-funds' })
    await flow.refund(order, 100)
    await new Promise(setImmediate)
    expect(seen).toEqual([order.orderNo])
  })
})

describe('a refund whose outcome is unknown', () => {
  const mishaps: Mishap[] = [
    { kind: 'lose-request' },
    { kind: 'lose-reply' },
    { kind: 'pending', pendingQueries: 0 },
    { kind: 'say', outcome: { kind: 'unknown', code: 'bad-signature' } },
  ]
  it.each(mishaps)(
    'by $kind is held with its amount, asked about, and ends once at the bank and here',
    async (fate) => {
      const flow = startFlow()
      const order = await paid(flow)
      const before = merchantBalance(flow)
      flow.channel.next('refund', fate)
      const held = await flow.refund(order, 5_000)
      expect(held).toMatchObject({ state: 'refunding', endedAt: null })
      expect(flow.ledger.refundNotes).toMatchObject([{ refundNo: held.refundNo, verb: 'refund', conflict: null }])
      const forged = fate.kind === 'say'
      expect(flow.alarms).toEqual(forged ? [{ code: 'bad-signature', orderNo: order.orderNo }] : [])
      const rest = wanted(order, order.figures.payableFen - 4_999, 'key-rest')
      expect(await refund(flow.deps, rest)).toMatchObject({ kind: 'refused', code: 'refund-above-paid' })

      flow.pass(LIMITS.firstQueryMs - 1)
      expect(await flow.sweepRefunds()).toBe(0)
      flow.pass(1)
      expect(await flow.sweepRefunds()).toBe(1)
      expect(await flow.ledger.refund(held.refundNo)).toMatchObject({ state: 'refunded' })
      expect(merchantBalance(flow)).toBe(before - held.shares.merchantFen)
      expect(flow.channel.bookedRefunds()).toHaveLength(1)
      flow.pass(120_000)
      expect(await flow.sweepRefunds()).toBe(0)
    },
  )

  it('is asked for again under the same number only when the bank has never seen it', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    flow.channel.next('refund', { kind: 'lose-request' }, { kind: 'lose-request' })
    await flow.refund(order, 5_000)
    flow.pass(LIMITS.firstQueryMs)
    await flow.sweepRefunds()
    expect(asks(flow, 'refund')).toHaveLength(2)
    flow.pass(1_000)
    await flow.sweepRefunds()
    expect(asks(flow, 'refund')).toHaveLength(3)
    const [booked] = flow.channel.bookedRefunds()
    expect(booked).toMatchObject({ state: 'succeeded' })

    flow.channel.next('refund', { kind: 'lose-reply' })
    flow.channel.next('query-refund', { kind: 'lose-reply' })
    const held = await flow.refund(order, 100)
    flow.pass(LIMITS.firstQueryMs)
    await flow.sweepRefunds()
    expect((await flow.ledger.refund(held.refundNo))!.state).toBe('refunding')
    flow.pass(1_000)
    await flow.sweepRefunds()
    expect((await flow.ledger.refund(held.refundNo))!.state).toBe('refunded')
    expect(asks(flow, 'refund')).toHaveLength(4)
  })

  it('is asked about after 1, 2, 4, 8, … s while nothing is definite', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    flow.channel.next('refund', { kind: 'pending', pendingQueries: 5 })
    await flow.refund(order, 5_000)
    const times: number[] = []
    const from = flow.clock.at + LIMITS.firstQueryMs
    for (let second = 0; second < 60; second++) {
      if ((await flow.sweepRefunds()) > 0) times.push((flow.clock.at - from) / 1_000)
      flow.pass(1_000)
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 31])
  })

  it('is one sweeper’s while the bank has not answered it: another leaves it alone', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    flow.channel.next('refund', { kind: 'lose-request' }, { kind: 'lose-reply' })
    const held = await flow.refund(order, 5_000)
    flow.pass(LIMITS.firstQueryMs)
    let answer = () => {}
    flow.channel.next('query-refund', { kind: 'wait', until: new Promise<void>((resolve) => (answer = resolve)) })
    const first = flow.sweepRefunds()
    await new Promise(setImmediate)
    expect(asks(flow, 'query-refund')).toHaveLength(1)
    flow.pass(LIMITS.closeAfterMs)
    expect(await flow.sweepRefunds()).toBe(0)
    answer()
    expect(await first).toBe(1)
    expect(asks(flow, 'refund')).toHaveLength(2)
    // What the first was answered ended its claim: the second asks after the usual second.
    flow.pass(999)
    expect(await flow.sweepRefunds()).toBe(0)
    flow.pass(1)
    expect(await flow.sweepRefunds()).toBe(1)
    expect((await flow.ledger.refund(held.refundNo))!.state).toBe('refunded')
    expect(flow.channel.bookedRefunds()).toHaveLength(1)
  })

  it('is taken over from a sweeper that never came back, once its claim is over', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    flow.channel.next('refund', { kind: 'lose-reply' })
    const held = await flow.refund(order, 5_000)
    flow.pass(LIMITS.firstQueryMs)
    flow.channel.next('query-refund', { kind: 'wait', until: new Promise(() => {}) })
    void flow.sweepRefunds()
    await new Promise(setImmediate)
    flow.pass(LIMITS.closeAfterMs + 999)
    expect(await flow.sweepRefunds()).toBe(0)
    flow.pass(1)
    expect(await flow.sweepRefunds()).toBe(1)
    expect((await flow.ledger.refund(held.refundNo))!.state).toBe('refunded')
  })

  it('may fail late, and its amount is free then', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    flow.channel.next('refund', { kind: 'pending', pendingQueries: 0 })
    const held = await flow.refund(order, order.figures.payableFen)
    flow.channel.setBalance('acct-M0001', 'merchant', 0)
    flow.pass(LIMITS.firstQueryMs)
    await flow.sweepRefunds()
    const failReason = 'insufficient-merchant-funds'
    expect(await flow.ledger.refund(held.refundNo)).toMatchObject({ state: 'failed', failReason })
    flow.channel.setBalance('acct-M0001', 'merchant', order.figures.merchantReceivesFen)
    expect((await flow.refund(order, order.figures.payableFen)).state).toBe('refunded')
  })

  it('keeps no other waiting when it can’t be settled, and surfaces its error', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    flow.channel.next('refund', { kind: 'lose-reply' }, { kind: 'lose-reply' })
    const [one, other] = [await flow.refund(order, 1), await flow.refund(order, 2)]
    const { endRefund } = flow.ledger
    flow.ledger.endRefund = async (made, ...rest) => {
      if (made.refundNo === one.refundNo) throw new Error('a lost connection')
      return endRefund(made, ...rest)
    }
    flow.pass(LIMITS.firstQueryMs)
    await expect(flow.sweepRefunds()).rejects.toThrow('a lost connection')
    expect((await flow.ledger.refund(one.refundNo))!.state).toBe('refunding')
    expect((await flow.ledger.refund(other.refundNo))!.state).toBe('refunded')
  })

  it('of a channel that is gone from the configuration is held and raises an alarm', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    const deps = { ...flow.deps, channels: new Map() }
    const result = await refund(deps, wanted(order, 1, 'key-gone'))
    expect(result).toMatchObject({ kind: 'refund', refund: { state: 'refunding' } })
    expect(flow.alarms).toEqual([{ code: 'channel-not-available', orderNo: order.orderNo }])
  })
})

describe('news of a refund that has ended', () => {
  const say = (verb: 'refund' | 'query-refund', channelTradeNo: string) =>
    ({ verb, outcome: { kind: 'succeeded', channelTradeNo }, raw: null }) as const

  it('brought twice at once ends it once', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    flow.channel.next('refund', { kind: 'lose-reply' })
    const held = await flow.refund(order, 5_000)
    const reply = await flow.channel.refunds.queryRefund(order, held)
    const both = await Promise.all([1, 2].map(() => finalizeRefund(flow.deps, order, held, reply)))
    expect(both.map((one) => one.state)).toEqual(['refunded', 'refunded'])
    expect(flow.ledger.postings.filter((posting) => posting.refundNo === held.refundNo)).toHaveLength(3)
    expect(flow.alarms).toEqual([])
  })

  it('that contradicts the ending raises an alarm, is kept, and changes nothing', async () => {
    const flow = startFlow()
    const order = await paid(flow)
    flow.channel.next('refund', { kind: 'decline', code: 'account-frozen' })
    const failed = await flow.refund(order, 5_000)
    expect(await finalizeRefund(flow.deps, order, failed, say('refund', 'R1'))).toEqual(failed)
    const refunded = await flow.refund(order, 5_000)
    expect(await finalizeRefund(flow.deps, order, refunded, say('refund', 'R-other'))).toEqual(refunded)
    expect(flow.alarms.map((alarm) => alarm.code)).toEqual(['refund-success-after-failure', 'other-refund-no'])
    expect(flow.ledger.refundNotes.map((note) => note.conflict)).toEqual(flow.alarms.map((alarm) => alarm.code))
  })
})

describe('the same truth of refunds for every reader (I10)', () => {
  const fate = fc.constantFrom<Mishap | null>(
    ...[null, null, null],
    { kind: 'lose-request' },
    { kind: 'lose-reply' },
    { kind: 'decline', code: 'account-frozen' },
    { kind: 'pending', pendingQueries: 1 },
  )
  const step = fc.record({ nth: fc.nat(2), perMille: fc.nat(1_200), fate, settle: fc.boolean(), rush: fc.boolean() })

  it('payer, merchant, ledger and bank say the same after random refunds, at once or one by one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const flow = startFlow()
        const orders = [await paid(flow, 'a'), await paid(flow, 'b'), await paid(flow, 'c')]
        for (const [i, { nth, perMille, fate, settle, rush }] of steps.entries()) {
          const order = orders[nth]!
          const payerFen = Math.max(1, Math.floor((order.figures.payableFen * perMille) / 1_000))
          if (fate) flow.channel.next('refund', fate)
          const ask = (key: string) => refund(flow.deps, wanted(order, payerFen, key))
          await Promise.all(rush ? [ask(`k${i}-a`), ask(`k${i}-b`), ask(`k${i}-a`)] : [ask(`k${i}`)])
          if (settle) flow.pass(7_000)
          if (settle) await flow.sweepRefunds()
        }
        for (let round = 0; round < 9; round++) {
          flow.pass(61_000)
          await flow.sweepRefunds()
        }
        await expectOneTruth(flow, orders)
      }),
      { numRuns: 150 },
    )
  })

  async function expectOneTruth(flow: Flow, orders: Order[]) {
    expect(balanced(flow.ledger.postings)).toBe(true)
    const { items } = await merchantOrders(flow.deps, 'M0001', undefined, undefined)
    for (const order of orders) {
      const own = await flow.ledger.refundsOf(order.orderNo, 500)
      expect(own.filter((one) => one.state === 'refunding')).toEqual([])
      const { order: shown } = (await payerOrder(flow.deps, order.payerId, order.orderNo))!
      expect(items.find((one) => one.orderNo === order.orderNo)).toEqual(shown)
      const { refunded } = shown
      expect(refunded.payerFen).toBeLessThanOrEqual(order.figures.payableFen)
      expect(flow.channel.balance(order.accounts.payer)).toBe(10_000_000 - order.figures.payableFen + refunded.payerFen)
      const atBank = flow.channel
        .bookedRefunds()
        .filter((one) => one.orderNo === order.orderNo && one.state === 'succeeded')
      const ours = own.filter((one) => one.state === 'refunded')
      expect(atBank.map((one) => one.request.refundNo).sort()).toEqual(ours.map((one) => one.refundNo).sort())
      if (refunded.payerFen === order.figures.payableFen)
        expect(refunded).toMatchObject({ merchantFen: order.figures.merchantReceivesFen })
      else if (ours.length === 0) expect(refunded).toEqual(NOTHING_REFUNDED)
    }
    const { summary } = (await merchantDay(flow.deps, 'M0001'))!
    expect(summary.receivedFen).toBe(merchantBalance(flow))
    expect(summary.receivedFen).toBe(summary.amountFen + summary.rewardFen - summary.refundedFen)
    expect(summary.refundedFen).toBe(items.reduce((fen, one) => fen + one.refunded.merchantFen, 0))
  }
})
