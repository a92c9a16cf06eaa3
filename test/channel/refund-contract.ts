import { randomBytes } from 'node:crypto'
import type { Order, Outcome } from '../../server/domain/order'
import {
  clawBackShares,
  decideRefund,
  NOTHING_REFUNDED,
  newRefundNo,
  type Refund,
  refundShares,
} from '../../server/domain/refund'
import { NOT_FOUND, type RefundReply } from '../../server/flow/ports'
import { type ChannelUnderTest, DATE, orderOf, payThrough, somebody } from './channel-contract'

/** A refund of so much of the order after so much of it went back already. */
export function refundOf(order: Order, payerFen: number, before = NOTHING_REFUNDED): Refund {
  return {
    refundNo: newRefundNo(DATE, randomBytes(12)),
    orderNo: order.orderNo,
    businessDate: DATE,
    shares: refundShares(order.figures, before, payerFen),
    reason: null,
    state: 'refunding',
    createdAt: Date.now(),
    endedAt: null,
    channelRefundNo: null,
    failReason: null,
  }
}

const SUCCEEDED = { kind: 'succeeded', channelTradeNo: expect.any(String) }
const declined = (code: string) => ({ kind: 'declined', code })
/** Some tell why, some only that they won't. */
const ABOVE = { kind: 'declined', code: expect.stringMatching(/^refund-(above-paid|refused)$/) }

/** What the flow of refunds relies on, and every channel with refunds holds. Some refund at once, some when they come to it. */
export function refundContract(name: string, start: () => Promise<ChannelUnderTest>): void {
  describe(`refunds of ${name}`, () => {
    let on: ChannelUnderTest
    beforeAll(async () => {
      on = await start()
    })
    afterEach(() => on.calm())
    afterAll(() => on?.stop())

    const refunds = () => on.channel.refunds!
    const paid = async (): Promise<Order> => {
      const order = await orderOf(on.channel, somebody())
      await on.setBalance(order.accounts.payer, 'payer', 10_000)
      await payThrough(on, order)
      return order
    }
    const back = async (order: Order) => (await on.balance(order.accounts.payer)) - (10_000 - order.figures.payableFen)
    const query = async (order: Order, refund: Refund) => (await refunds().queryRefund(order, refund)).outcome
    /** Asks until it has come to its end. */
    async function settled(order: Order, refund: Refund): Promise<RefundReply> {
      let reply = await refunds().refund(order, refund)
      for (let asked = 0; reply.outcome.kind === 'pending' && asked < 5; asked++)
        reply = await refunds().queryRefund(order, refund)
      return reply
    }
    const ask = async (order: Order, refund: Refund): Promise<Outcome> => (await settled(order, refund)).outcome

    it('give back to the fen, in parts and in all', async () => {
      const order = await paid()
      const { payableFen } = order.figures
      const first = refundOf(order, 3_333)
      expect(await ask(order, first)).toEqual(SUCCEEDED)
      expect(await back(order)).toBe(3_333)
      expect(await ask(order, refundOf(order, payableFen - 3_333, first.shares))).toEqual(SUCCEEDED)
      expect(await back(order)).toBe(payableFen)
      expect(await on.balance(order.accounts.merchant)).toBe(0)
    })

    it('are done once, however often they are asked for, with the same number each time', async () => {
      const order = await paid()
      const refund = refundOf(order, 5_000)
      await Promise.all([1, 2, 3].map(() => refunds().refund(order, refund)))
      const outcome = await ask(order, refund)
      expect(outcome).toEqual(SUCCEEDED)
      expect(await query(order, refund)).toEqual(outcome)
      expect(await back(order)).toBe(5_000)
    })

    it('under a number that was used for another amount move nothing', async () => {
      const order = await paid()
      const refund = refundOf(order, 5_000)
      await settled(order, refund)
      expect((await ask(order, { ...refundOf(order, 1), refundNo: refund.refundNo })).kind).toBe('unknown')
      expect(await back(order)).toBe(5_000)
    })

    it('name what went back and who gave it, and what isn’t ours to the fen ends nothing', async () => {
      const order = await paid()
      const refund = refundOf(order, 5_000)
      const { outcome, seen } = await settled(order, refund)
      const judged = (ours: Refund) => decideRefund(order, ours, outcome, seen)
      expect(seen).toEqual({ amountFen: 5_000, currency: 'CNY', payee: order.accounts.merchant })
      expect(judged(refund)).toMatchObject({ kind: 'end', state: 'refunded' })
      const other = { ...refund, shares: { ...refund.shares, payerFen: 5_001 } }
      expect(judged(other)).toEqual({ kind: 'conflict', code: 'other-amount' })
    })

    it('above what was paid are declined, though the merchant has the money', async () => {
      const order = await paid()
      await on.setBalance(order.accounts.merchant, 'merchant', 1_000_000)
      const { payableFen } = order.figures
      expect(await ask(order, refundOf(order, payableFen - 500))).toEqual(SUCCEEDED)
      expect(await ask(order, refundOf(order, 501))).toEqual(ABOVE)
      expect(await back(order)).toBe(payableFen - 500)
    })

    it('that the merchant’s account can’t bear are declined, and stay so even when money comes', async () => {
      const order = await paid()
      const { payableFen, merchantReceivesFen } = order.figures
      const refund = refundOf(order, payableFen)
      const poor = declined('insufficient-merchant-funds')
      await on.setBalance(order.accounts.merchant, 'merchant', merchantReceivesFen - 1)
      expect(await ask(order, refund)).toEqual(poor)
      if (on.forgetsFailures) expect(await query(order, refund)).toEqual({ kind: 'unknown', code: NOT_FOUND })
      await on.setBalance(order.accounts.merchant, 'merchant', merchantReceivesFen)
      if (!on.forgetsFailures) {
        expect(await ask(order, refund)).toEqual(poor)
        expect(await query(order, refund)).toEqual(poor)
      }
      expect(await ask(order, refundOf(order, payableFen))).toEqual(SUCCEEDED)
    })

    it('of an order that is not paid, or not known, say nothing definite', async () => {
      const order = await orderOf(on.channel, somebody())
      expect(await ask(order, refundOf(order, 1))).toEqual({ kind: 'unknown', code: NOT_FOUND })
      await on.channel.close(order)
      expect((await ask(order, refundOf(order, 1))).kind).toBe('unknown')
    })

    it('lost on their way are unknown to the channel, and are done when asked for again', async () => {
      const order = await paid()
      const refund = refundOf(order, 5_000)
      await on.next('refund', 'lose-request')
      expect((await refunds().refund(order, refund)).outcome.kind).toBe('unknown')
      expect(await query(order, refund)).toEqual({ kind: 'unknown', code: NOT_FOUND })
      expect(await ask(order, refund)).toEqual(SUCCEEDED)
      expect(await back(order)).toBe(5_000)
    })

    it('whose reply was lost or forged are found, and asking again changes nothing', async () => {
      const order = await paid()
      const refund = refundOf(order, 5_000)
      await on.next('refund', 'lose-reply')
      expect((await refunds().refund(order, refund)).outcome.kind).toBe('unknown')
      await on.next('refund', 'bad-signature')
      expect((await refunds().refund(order, refund)).outcome).toEqual({ kind: 'unknown', code: 'bad-signature' })
      expect(await ask(order, refund)).toEqual(SUCCEEDED)
      expect(await back(order)).toBe(5_000)
    })

    it('move nothing while they are pending, keep their amount from others, and are done when they settle', async () => {
      const order = await paid()
      await on.setBalance(order.accounts.merchant, 'merchant', 1_000_000)
      const refund = refundOf(order, order.figures.payableFen)
      await on.next('refund', 'pending-once')
      expect((await refunds().refund(order, refund)).outcome).toEqual({ kind: 'pending' })
      expect(await ask(order, refundOf(order, 1))).toEqual(ABOVE)
      expect(await query(order, refund)).toEqual({ kind: 'pending' })
      expect(await back(order)).toBe(0)
      expect(await query(order, refund)).toEqual(SUCCEEDED)
      expect(await back(order)).toBe(order.figures.payableFen)
    })

    it('that take a merchant’s reward back leave the payer out, are done once, and no further than the subsidy', async () => {
      if (!refunds().takesBack) return
      const order = await paid()
      const shares = clawBackShares(order.figures, NOTHING_REFUNDED, false)!
      const clawBack = { ...refundOf(order, 1), shares }
      const merchant = await on.balance(order.accounts.merchant)
      await on.next('refund', 'lose-reply')
      expect((await refunds().refund(order, clawBack)).outcome.kind).toBe('unknown')
      const { outcome, seen } = await settled(order, clawBack)
      expect(outcome).toEqual(SUCCEEDED)
      expect(seen).toEqual({ amountFen: shares.merchantFen, currency: 'CNY', payee: order.accounts.merchant })
      expect(decideRefund(order, clawBack, outcome, seen)).toMatchObject({ kind: 'end', state: 'refunded' })
      expect(await query(order, clawBack)).toEqual(outcome)
      expect(await on.balance(order.accounts.merchant)).toBe(merchant - shares.merchantFen)
      expect(await back(order)).toBe(0)
      const more = { payerFen: 0, merchantFen: order.figures.discountFen, glFen: order.figures.discountFen }
      expect(await ask(order, { ...refundOf(order, 1), shares: more })).toEqual(ABOVE)
      const rest = refundOf(order, order.figures.payableFen, shares)
      expect(await ask(order, rest)).toEqual(SUCCEEDED)
      expect(await on.balance(order.accounts.merchant)).toBe(0)
    })
  })
}
