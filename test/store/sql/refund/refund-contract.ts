import { randomBytes } from 'node:crypto'
import { CHANNELS } from '../../../../server/domain/channel'
import type { Order } from '../../../../server/domain/order'
import { MAX_REFUNDS, newRefundNo, type Refund, refundPostings, savedFen } from '../../../../server/domain/refund'
import { sumsOf } from '../../../../server/domain/settlement'
import type { Ledger, OpenRefund, RefundEnding, RefundLedger, RefundReply } from '../../../../server/flow/ports'
import { closed, DATE, NOON, opened, paid, SUCCEEDED, tally, unique, type Wanted } from '../payment/ledger-orders'

export interface RefundLedgerUnderTest {
  ledger: Ledger
  refunds: RefundLedger
  close(): Promise<void>
}

export const REFUNDED: RefundReply = {
  verb: 'refund',
  outcome: { kind: 'succeeded', channelTradeNo: 'bank-r1' },
  raw: { memo: 'a text with \u0000 in it' },
}
const LOST: RefundReply = { verb: 'query-refund', outcome: { kind: 'unknown', code: 'timeout' }, raw: null }

/** The worked example, paid: the payer paid 95.00, the merchant received 105.00. */
export async function paidOrder(ledger: Ledger, wanted: Wanted = {}): Promise<Order> {
  const card = { campaignId: unique('campaign'), slot: 0 }
  const order = await opened(ledger, { card, ...wanted })
  await ledger.endOrder(order, paid(order), SUCCEEDED)
  return (await ledger.order(order.orderNo))!
}

/** How it is asked for: a number and a key of its own, and a query that no test's sweeper comes to. */
export function asked(order: Order, payerFen: number, changed: Partial<OpenRefund> = {}): OpenRefund {
  return {
    refundNo: newRefundNo(DATE, randomBytes(12)),
    orderNo: order.orderNo,
    merchantCode: order.merchantCode,
    payerFen,
    reason: null,
    businessDate: DATE,
    createdAt: NOON,
    idempotency: { key: unique('key'), inputHash: 'hash-1' },
    firstQueryAt: () => NOON + 3_000,
    ...changed,
  }
}

export async function refunding(refunds: RefundLedger, order: Order, payerFen: number, changed?: Partial<OpenRefund>) {
  const result = await refunds.openRefund(asked(order, payerFen, changed))
  if (result.kind !== 'opened') throw new Error(`not opened: ${result.kind}`)
  return result.refund
}

export function back(order: Order, refund: Refund, endedAt = NOON + 5_000): RefundEnding {
  const postings = refundPostings(order, refund.shares)
  return { state: 'refunded', channelRefundNo: `bank-${refund.refundNo}`, postings, endedAt }
}
const failed = (endedAt = NOON + 5_000): RefundEnding => ({
  state: 'failed',
  failReason: 'insufficient-merchant-funds',
  endedAt,
})

/** What every implementation of {@link RefundLedger} does, whatever it is made of. */
export function refundContract(name: string, open: () => Promise<RefundLedgerUnderTest>): void {
  describe(`the refunds on ${name}`, () => {
    let on: RefundLedgerUnderTest
    let ledger: Ledger
    let refunds: RefundLedger
    beforeAll(async () => {
      on = await open()
      ;({ ledger, refunds } = on)
    })
    afterAll(() => on?.close())

    describe('opening a refund', () => {
      it('keeps it with its shares, and the order stays as it was paid', async () => {
        const order = await paidOrder(ledger)
        const input = asked(order, 9_500, { reason: '顾客不想要了' })
        const { refundNo, orderNo, businessDate, reason, createdAt } = input
        const refund: Refund = {
          ...{ refundNo, orderNo, businessDate, reason, createdAt },
          shares: { payerFen: 9_500, merchantFen: 10_500, glFen: 1_000 },
          ...{ state: 'refunding', endedAt: null, channelRefundNo: null, failReason: null },
        }
        expect(await refunds.openRefund(input)).toEqual({ kind: 'opened', refund, order })
        expect(await refunds.refund(refundNo)).toEqual(refund)
        expect(await refunds.refundsOf(orderNo, 10)).toEqual([refund])
        expect(await ledger.order(orderNo)).toEqual(order)
      })

      it('that was looked at before another came in is refused, with what is left now', async () => {
        const order = await paidOrder(ledger)
        await refunding(refunds, order, 1_000, { seenLeftFen: 9_500 })
        expect(await refunds.openRefund(asked(order, 1, { seenLeftFen: 9_500 }))).toMatchObject({ leftFen: 8_500 })
      })

      it('replays the same key with the same input as it now stands, and refuses it with other input', async () => {
        const order = await paidOrder(ledger)
        const input = asked(order, 9_500)
        await refunds.openRefund(input)
        const again = { ...input, refundNo: asked(order, 1).refundNo }
        const refund = (await refunds.refund(input.refundNo))!
        expect(await refunds.openRefund(again)).toEqual({ kind: 'replayed', refund })
        await refunds.endRefund(refund, back(order, refund), REFUNDED)
        expect(await refunds.openRefund(again)).toMatchObject({ kind: 'replayed', refund: { state: 'refunded' } })
        const idempotency = { ...input.idempotency, inputHash: 'hash-2' }
        expect(await refunds.openRefund({ ...again, idempotency })).toEqual({ kind: 'key-reused' })
        const other = await paidOrder(ledger, { merchantCode: order.merchantCode })
        expect(await refunds.openRefund(asked(other, 1, { idempotency }))).toEqual({ kind: 'key-reused' })
        expect(await refunds.refund(again.refundNo)).toBeUndefined()
      })

      it('lets two merchants use the same key', async () => {
        const idempotency = { key: unique('key'), inputHash: 'hash-1' }
        for (const order of [await paidOrder(ledger), await paidOrder(ledger)])
          expect(await refunds.openRefund(asked(order, 1, { idempotency }))).toMatchObject({ kind: 'opened' })
      })

      it('knows no order of another merchant, and none that does not exist', async () => {
        const order = await paidOrder(ledger)
        const foreign = asked(order, 1, { merchantCode: unique('M') })
        expect(await refunds.openRefund(foreign)).toEqual({ kind: 'order-not-found' })
        expect(await refunds.openRefund(asked(order, 1, { orderNo: 'F-none' }))).toEqual({ kind: 'order-not-found' })
      })

      it('refunds neither an order under way nor a closed one', async () => {
        const paying = await opened(ledger)
        const shut = await opened(ledger)
        await ledger.endOrder(shut, closed(), null)
        for (const order of [paying, shut])
          expect(await refunds.openRefund(asked(order, 1))).toEqual({ kind: 'order-not-paid' })
      })

      it('refuses a number that exists', async () => {
        const order = await paidOrder(ledger)
        const { refundNo } = await refunding(refunds, order, 1)
        expect(await refunds.openRefund(asked(order, 1, { refundNo }))).toEqual({ kind: 'refund-no-taken' })
      })

      it('takes what is under way for given back, until it fails', async () => {
        const order = await paidOrder(ledger)
        const first = await refunding(refunds, order, 9_000)
        expect(await refunds.openRefund(asked(order, 501))).toEqual({ kind: 'refund-above-paid', leftFen: 500 })
        await refunds.endRefund(first, failed(), REFUNDED)
        const all = await refunding(refunds, order, 9_500)
        expect(all.shares).toEqual({ payerFen: 9_500, merchantFen: 10_500, glFen: 1_000 })
        expect(await refunds.openRefund(asked(order, 1))).toEqual({ kind: 'refund-above-paid', leftFen: 0 })
      })

      it('lets exactly 9 of 20 refunds of 10.00 at once pass an order of 95.00, and their rest after them', async () => {
        const order = await paidOrder(ledger)
        const results = await tally(20, () => refunds.openRefund(asked(order, 1_000)))
        expect(results).toEqual({ opened: 9, 'refund-above-paid': 11 })
        await refunding(refunds, order, 500)
        const all = await refunds.refundsOf(order.orderNo, 50)
        const total = (share: 'payerFen' | 'merchantFen' | 'glFen') =>
          all.reduce((fen, one) => fen + one.shares[share], 0)
        expect([total('payerFen'), total('merchantFen'), total('glFen')]).toEqual([9_500, 10_500, 1_000])
      })

      it('opens one of 12 requests with one key at once and replays the others', async () => {
        const order = await paidOrder(ledger)
        const idempotency = { key: unique('key'), inputHash: 'hash-1' }
        const request = () => refunds.openRefund(asked(order, 100, { idempotency }))
        expect(await tally(12, request)).toEqual({ opened: 1, replayed: 11 })
        expect(await refunds.refundsOf(order.orderNo, 50)).toHaveLength(1)
      })

      it('makes one refund of a key that is used for two orders at once', async () => {
        const merchantCode = unique('M')
        const orders = [await paidOrder(ledger, { merchantCode }), await paidOrder(ledger, { merchantCode })]
        const key = unique('key')
        const request = (nth: number) =>
          refunds.openRefund(asked(orders[nth]!, 100, { idempotency: { key, inputHash: `hash-${nth}` } }))
        expect(await tally(2, request)).toEqual({ opened: 1, 'key-reused': 1 })
      })

      it(`makes at most ${MAX_REFUNDS} refunds of an order, the failed not counted`, async () => {
        const order = await paidOrder(ledger)
        const first = await refunding(refunds, order, 1)
        const more = await tally(MAX_REFUNDS, () => refunds.openRefund(asked(order, 1)))
        expect(more).toEqual({ opened: MAX_REFUNDS - 1, 'too-many-refunds': 1 })
        await refunds.endRefund(first, failed(), REFUNDED)
        await refunding(refunds, order, 1)
      })
    })

    describe('ending a refund', () => {
      it('ends it once under ten enders, as the first says', async () => {
        const order = await paidOrder(ledger)
        const refund = await refunding(refunds, order, 5_000)
        const endings = [failed(), back(order, refund)]
        const end = (nth: number) => refunds.endRefund(refund, endings[nth % 2]!, REFUNDED)
        expect(await tally(10, end)).toEqual({ ended: 1, 'already-ended': 9 })
        const stands = await refunds.refund(refund.refundNo)
        expect(stands!.state).not.toBe('refunding')
        const other = stands!.state === 'failed' ? back(order, refund) : failed()
        expect(await refunds.endRefund(refund, other, REFUNDED)).toBe('already-ended')
        expect(await refunds.refund(refund.refundNo)).toEqual(stands)
      })

      it('keeps what the ending says, and the slot with its order', async () => {
        const order = await paidOrder(ledger)
        const [one, other] = [await refunding(refunds, order, 9_000), await refunding(refunds, order, 500)]
        await refunds.endRefund(one, back(order, one, NOON + 1), REFUNDED)
        await refunds.endRefund(other, failed(NOON + 2), REFUNDED)
        const channelRefundNo = `bank-${one.refundNo}`
        const refunded = { ...one, state: 'refunded', endedAt: NOON + 1, channelRefundNo }
        expect(await refunds.refund(one.refundNo)).toEqual(refunded)
        const failReason = 'insufficient-merchant-funds'
        const lost = { ...other, state: 'failed', endedAt: NOON + 2, failReason }
        expect(await refunds.refund(other.refundNo)).toEqual(lost)
        const deck = { campaignId: order.card!.campaignId, merchantCode: order.merchantCode, businessDate: DATE }
        expect(await ledger.usedSlots(deck)).toEqual([{ slot: order.card!.slot, payerId: order.payerId }])
        expect(await ledger.order(order.orderNo)).toEqual(order)
      })

      it('refuses postings that do not balance and leaves the refund as it was (I4)', async () => {
        const order = await paidOrder(ledger)
        const refund = await refunding(refunds, order, 1)
        const postings = [{ account: 'acc-payer', role: 'payer' as const, amountFen: 1 }]
        const wrong: RefundEnding = { state: 'refunded', channelRefundNo: 'x', postings, endedAt: NOON }
        await expect(refunds.endRefund(refund, wrong, REFUNDED)).rejects.toThrow(/balance/)
        expect(await refunds.refund(refund.refundNo)).toEqual(refund)
      })

      it('throws for a refund nobody opened, and keeps replies that end nothing without touching it', async () => {
        const order = await paidOrder(ledger)
        const refund = await refunding(refunds, order, 1)
        await expect(refunds.endRefund({ ...refund, refundNo: 'R-none' }, failed(), LOST)).rejects.toThrow(/no refund/)
        await refunds.noteRefundReply(refund.refundNo, LOST, null, NOON)
        await refunds.noteRefundReply(refund.refundNo, REFUNDED, 'other-refund-no', NOON)
        expect(await refunds.refund(refund.refundNo)).toEqual(refund)
      })
    })

    describe('what went back', () => {
      it('is summed by order over refunds that were booked, and no others', async () => {
        const [order, other, untouched] = [await paidOrder(ledger), await paidOrder(ledger), await paidOrder(ledger)]
        for (const payerFen of [1_000, 2_000]) {
          const refund = await refunding(refunds, order, payerFen)
          await refunds.endRefund(refund, back(order, refund), REFUNDED)
        }
        await refunding(refunds, order, 100)
        await refunds.endRefund(await refunding(refunds, order, 200), failed(), REFUNDED)
        const full = await refunding(refunds, other, 9_500)
        await refunds.endRefund(full, back(other, full), REFUNDED)
        const sums = await refunds.refundedOf([order, other, untouched].map((one) => one.orderNo))
        expect(Object.fromEntries(sums)).toEqual({
          [order.orderNo]: { payerFen: 3_000, merchantFen: 3_315, glFen: 315 },
          [other.orderNo]: { payerFen: 9_500, merchantFen: 10_500, glFen: 1_000 },
        })
        expect(await refunds.refundedOf([])).toEqual(new Map())
      })

      it('counts in the day of the refund, and leaves the day of the order as it was', async () => {
        const merchantCode = unique('M')
        const order = await paidOrder(ledger, { merchantCode })
        const before = sumsOf(await ledger.merchantSettlements(merchantCode, DATE))
        expect(before).toMatchObject({ orderCount: 1, refundCount: 0, refundedFen: 0, receivedFen: 10_500 })
        const [late, same] = [
          await refunding(refunds, order, 9_000, { businessDate: '2026-11-22' }),
          await refunding(refunds, order, 500),
        ]
        await refunds.endRefund(late, back(order, late), REFUNDED)
        expect(sumsOf(await ledger.merchantSettlements(merchantCode, DATE))).toEqual(before)
        const { merchantFen } = late.shares
        expect(sumsOf(await ledger.merchantSettlements(merchantCode, '2026-11-22'))).toEqual({
          ...{ orderCount: 0, amountFen: 0, rewardCount: 0, rewardFen: 0 },
          ...{ refundCount: 1, refundedFen: merchantFen, receivedFen: -merchantFen },
        })
        await refunds.endRefund(same, back(order, same), REFUNDED)
        expect(sumsOf(await ledger.merchantSettlements(merchantCode, DATE))).toEqual({
          ...before,
          ...{ refundCount: 1, refundedFen: 10_500 - merchantFen, receivedFen: merchantFen },
        })
      })

      it('is no longer saved by the payer: the same part of what the order saved, and nothing of one given back whole', async () => {
        const payerId = unique('payer')
        const [whole, part, kept] = [
          await paidOrder(ledger, { payerId }),
          await paidOrder(ledger, { payerId }),
          await paidOrder(ledger, { payerId }),
        ]
        for (const [order, fen] of [
          [whole, 9_500],
          [part, 3_000],
          [part, 333],
        ] as const) {
          const refund = await refunding(refunds, order, fen)
          await refunds.endRefund(refund, back(order, refund), REFUNDED)
        }
        const other = await refunding(refunds, kept, 9_500)
        await refunds.endRefund(other, failed(), REFUNDED)
        await refunding(refunds, kept, 100)
        const left = savedFen(part.figures, { payerFen: 3_333 })
        expect(left).toBe(325)
        expect(await ledger.savings(payerId)).toEqual({ orderCount: 2, savedFen: 500 + left })
      })

      it('lists the newest first, no more than asked for', async () => {
        const order = await paidOrder(ledger)
        const made: Refund[] = []
        for (const ms of [0, 1, 2]) made.unshift(await refunding(refunds, order, 1, { createdAt: NOON + ms }))
        expect(await refunds.refundsOf(order.orderNo, 10)).toEqual(made)
        expect(await refunds.refundsOf(order.orderNo, 2)).toEqual(made.slice(0, 2))
      })
    })

    describe('claiming what is due', () => {
      const DAWN = Date.parse('2020-01-01T00:00:00Z')
      beforeAll(async () => {
        // What other tests left open: at dawn it would be planned too far ahead, and so be due.
        for (const { refund } of await refunds.claimDueRefunds(CHANNELS, NOON + 1e9, 1_000))
          await refunds.endRefund(refund, failed(), REFUNDED)
      })

      it('doesn’t sleep on what a clock that was ahead has planned', async () => {
        const order = await paidOrder(ledger)
        const refund = await refunding(refunds, order, 1, { firstQueryAt: () => DAWN + 3_600_000 })
        expect(await refunds.claimDueRefunds(CHANNELS, DAWN, 10)).toEqual([{ refund, order, attempt: 1 }])
        expect(await refunds.claimDueRefunds(CHANNELS, DAWN, 10)).toEqual([])
        await refunds.endRefund(refund, failed(), REFUNDED)
      })

      it('hands it to a claimer of its order’s channel alone', async () => {
        const order = await paidOrder(ledger)
        const refund = await refunding(refunds, order, 1, { firstQueryAt: () => DAWN })
        const others = CHANNELS.filter((name) => name !== order.channel)
        expect(await refunds.claimDueRefunds(others, DAWN, 10)).toEqual([])
        expect(await refunds.claimDueRefunds([order.channel], DAWN, 10)).toMatchObject([{ refund }])
        await refunds.endRefund(refund, failed(), REFUNDED)
      })

      it('hands each refund to one of several claimers', async () => {
        const order = await paidOrder(ledger)
        const open = () => refunding(refunds, order, 1, { firstQueryAt: () => DAWN })
        const due = await Promise.all(Array.from({ length: 8 }, open))
        const claims = await Promise.all(Array.from({ length: 4 }, () => refunds.claimDueRefunds(CHANNELS, DAWN, 2)))
        const all = [...claims.flat(), ...(await refunds.claimDueRefunds(CHANNELS, DAWN, 20))]
        expect(all.map((claim) => claim.refund.refundNo).sort()).toEqual(due.map((one) => one.refundNo).sort())
        for (const claim of all) expect(claim.order).toEqual(order)
        for (const one of due) await refunds.endRefund(one, failed(), REFUNDED)
      })

      it('waits 1, 2, 4, … s and at most 16 s between claims, and never claims what has ended', async () => {
        const order = await paidOrder(ledger)
        const refund = await refunding(refunds, order, 1, { firstQueryAt: () => DAWN })
        expect(await refunds.claimDueRefunds(CHANNELS, DAWN - 1, 10)).toEqual([])
        let due = DAWN
        for (const [nth, seconds] of [1, 2, 4, 8, 16, 16, 16].entries()) {
          expect(await refunds.claimDueRefunds(CHANNELS, due, 10)).toEqual([{ refund, order, attempt: nth + 1 }])
          due += seconds * 1_000
          expect(await refunds.claimDueRefunds(CHANNELS, due - 1, 10)).toEqual([])
        }
        await refunds.endRefund(refund, failed(), REFUNDED)
        expect(await refunds.claimDueRefunds(CHANNELS, due, 10)).toEqual([])
      })

      it.each(['query-refund', 'refund'] as const)(
        'leaves it to nobody else for as long as the claim says, and hands it out again its wait after a %s was answered',
        async (verb) => {
          const order = await paidOrder(ledger)
          const refund = await refunding(refunds, order, 1, { firstQueryAt: () => DAWN })
          let at = DAWN
          for (const seconds of [1, 2, 4, 8, 16, 16]) {
            expect(await refunds.claimDueRefunds(CHANNELS, at, 10, 100_000)).toMatchObject([{ refund }])
            expect(await refunds.claimDueRefunds(CHANNELS, at + 99_999, 10, 100_000)).toEqual([])
            at += 7_000
            await refunds.noteRefundReply(refund.refundNo, { ...LOST, verb }, null, at)
            at += seconds * 1_000
            expect(await refunds.claimDueRefunds(CHANNELS, at - 1, 10, 100_000)).toEqual([])
          }
          await refunds.endRefund(refund, failed(), REFUNDED)
        },
      )

      it('stays claimed when a statement has news that ends nothing, and keeps its first question when its own call came to nothing', async () => {
        const order = await paidOrder(ledger)
        const refund = await refunding(refunds, order, 1, { firstQueryAt: () => DAWN + 6_000 })
        await refunds.noteRefundReply(refund.refundNo, { ...LOST, verb: 'refund' }, null, DAWN)
        expect(await refunds.claimDueRefunds(CHANNELS, DAWN + 5_999, 10)).toEqual([])
        expect(await refunds.claimDueRefunds(CHANNELS, DAWN + 6_000, 10, 100_000)).toHaveLength(1)
        await refunds.noteRefundReply(refund.refundNo, { ...LOST, verb: 'statement' }, null, DAWN + 6_000)
        expect(await refunds.claimDueRefunds(CHANNELS, DAWN + 105_999, 10)).toEqual([])
        expect(await refunds.claimDueRefunds(CHANNELS, DAWN + 106_000, 10)).toHaveLength(1)
        await refunds.endRefund(refund, failed(), REFUNDED)
      })

      it('gives one that has ended no next question, whatever is noted of it later', async () => {
        const order = await paidOrder(ledger)
        const refund = await refunding(refunds, order, 1, { firstQueryAt: () => DAWN })
        await refunds.claimDueRefunds(CHANNELS, DAWN, 10)
        await refunds.endRefund(refund, failed(), REFUNDED)
        await refunds.noteRefundReply(refund.refundNo, { ...LOST, verb: 'query-refund' }, null, DAWN)
        expect(await refunds.claimDueRefunds(CHANNELS, DAWN + 600_000, 10)).toEqual([])
      })
    })
  })
}
