import fc from 'fast-check'
import type { Seen } from '../../server/domain/channel'
import type { Outcome } from '../../server/domain/order'
import { balanced, type Posting, postingsOf } from '../../server/domain/posting'
import { type Figures, figures } from '../../server/domain/quote'
import {
  decideRefund,
  NOTHING_REFUNDED,
  newRefundNo,
  type Refund,
  type RefundDecision,
  type RefundShares,
  type RefundState,
  refundPostings,
  refundShares,
} from '../../server/domain/refund'

const added = (a: RefundShares, b: RefundShares): RefundShares => ({
  payerFen: a.payerFen + b.payerFen,
  merchantFen: a.merchantFen + b.merchantFen,
  glFen: a.glFen + b.glFen,
})
const sum = (all: readonly RefundShares[]) => all.reduce(added, NOTHING_REFUNDED)
/** What the order itself moved. */
const whole = (of: Figures): RefundShares => ({
  payerFen: of.payableFen,
  merchantFen: of.merchantReceivesFen,
  glFen: of.discountFen,
})

/** Orders up to ¥10,000,000.00, whose products pass 2⁵³, with any split; small ones often, where every fen is a corner. */
const orders: fc.Arbitrary<Figures> = fc
  .record({
    aboveFen: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1_000_000_000 })),
    cardFen: fc.oneof(fc.nat(40), fc.nat(100_000)),
    payerPercent: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ aboveFen, cardFen, payerPercent }) => figures(cardFen + aboveFen, cardFen, payerPercent))

/** Parts of a thousand: how much of what is left each refund takes. */
const portions = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 12 })
const part = (leftFen: number, perMille: number) => Math.max(1, Number((BigInt(leftFen) * BigInt(perMille)) / 1_000n))

describe('the shares of a refund', () => {
  it('of the worked example in full: the payer gets 95.00, the branch 10.00, the merchant returns 105.00', () => {
    const all = refundShares(figures(10_000, 1_000, 50), NOTHING_REFUNDED, 9_500)
    expect(all).toEqual({ payerFen: 9_500, merchantFen: 10_500, glFen: 1_000 })
  })

  it('of a third of it are a third to the cent, rounded down for the branch until the last', () => {
    const order = figures(10_000, 1_000, 50)
    const first = refundShares(order, NOTHING_REFUNDED, 3_167)
    expect(first).toEqual({ payerFen: 3_167, merchantFen: 3_500, glFen: 333 })
    const second = refundShares(order, first, 3_167)
    expect(second).toEqual({ payerFen: 3_167, merchantFen: 3_500, glFen: 333 })
    expect(refundShares(order, added(first, second), 3_166)).toEqual({
      payerFen: 3_166,
      merchantFen: 3_500,
      glFen: 334,
    })
  })

  it('of any partition sum to what the order moved, none negative, each balanced and pro rata to the cent', () => {
    fc.assert(
      fc.property(orders, portions, (order, parts) => {
        const made: RefundShares[] = []
        const refund = (payerFen: number) => {
          const shares = refundShares(order, sum(made), payerFen)
          expect(Math.min(shares.payerFen, shares.merchantFen, shares.glFen)).toBeGreaterThanOrEqual(0)
          expect(shares.merchantFen).toBe(shares.payerFen + shares.glFen)
          made.push(shares)
          const back = sum(made)
          const proRata = (BigInt(order.discountFen) * BigInt(back.payerFen)) / BigInt(order.payableFen)
          expect(BigInt(back.glFen)).toBe(proRata)
        }
        for (const perMille of parts) {
          const leftFen = order.payableFen - sum(made).payerFen
          if (leftFen > 0) refund(part(leftFen, perMille))
        }
        if (sum(made).payerFen < order.payableFen) refund(order.payableFen - sum(made).payerFen)
        expect(sum(made)).toEqual(whole(order))
      }),
      { numRuns: 1_000 },
    )
  })

  it('stay sound when refunds fail in any order: never negative, never above the order’s own, exact in the end', () => {
    const step = fc.record({ perMille: fc.nat(1_000), fails: fc.option(fc.nat(20), { freq: 2 }) })
    fc.assert(
      fc.property(orders, fc.array(step, { maxLength: 25 }), (order, list) => {
        const standing: RefundShares[] = []
        for (const { perMille, fails } of list) {
          const leftFen = order.payableFen - sum(standing).payerFen
          if (leftFen > 0) {
            const shares = refundShares(order, sum(standing), part(leftFen, perMille))
            expect(shares.glFen).toBeGreaterThanOrEqual(0)
            standing.push(shares)
            expect(sum(standing).glFen).toBeLessThanOrEqual(order.discountFen)
          }
          if (fails !== null) standing.splice(fails % Math.max(1, standing.length), 1)
        }
        const leftFen = order.payableFen - sum(standing).payerFen
        if (leftFen > 0) standing.push(refundShares(order, sum(standing), leftFen))
        expect(sum(standing)).toEqual(whole(order))
      }),
      { numRuns: 2_000 },
    )
  })

  it('are refused for nothing, for parts of a fen, and for more than is left', () => {
    const order = figures(10_000, 1_000, 50)
    for (const payerFen of [0, -1, 0.5, Number.NaN, 9_501])
      expect(() => refundShares(order, NOTHING_REFUNDED, payerFen)).toThrow(RangeError)
    const half = refundShares(order, NOTHING_REFUNDED, 5_000)
    expect(() => refundShares(order, half, 4_501)).toThrow('a refund of 4501 fen after 5000 of 9500')
  })
})

describe('the postings of a refund', () => {
  const accounts = { payer: 'payer-account', merchant: 'merchant-account', gl: 'branch-gl' }

  it('are the order’s, the other way round, and together undo it to zero on each account', () => {
    fc.assert(
      fc.property(orders, portions, (order, parts) => {
        const postings: Posting[] = postingsOf({ figures: order, accounts })
        let back = NOTHING_REFUNDED
        for (const perMille of [...parts, 1_000]) {
          const leftFen = order.payableFen - back.payerFen
          if (leftFen === 0) break
          const shares = refundShares(order, back, part(leftFen, perMille))
          const own = refundPostings({ accounts }, shares)
          expect(balanced(own)).toBe(true)
          for (const { role, amountFen } of own) expect(Math.sign(amountFen)).toBe(role === 'merchant' ? -1 : 1)
          postings.push(...own)
          back = added(back, shares)
        }
        for (const account of Object.values(accounts))
          expect(postings.reduce((total, p) => total + (p.account === account ? p.amountFen : 0), 0)).toBe(0)
      }),
    )
  })
})

describe('deciding how a refund ends', () => {
  const ORDER = { accounts: { payer: 'p', merchant: 'm', gl: 'g' } }
  const SEEN: Seen = { amountFen: 9_500, currency: 'CNY', payee: 'm' }
  const refund = (state: RefundState): Refund => ({
    refundNo: 'R20261121-7K3M-92QX-4T8B',
    orderNo: 'F20261121-7K3M-92QX-4T8B',
    businessDate: '2026-11-21',
    shares: { payerFen: 9_500, merchantFen: 10_500, glFen: 1_000 },
    reason: null,
    state,
    createdAt: 0,
    endedAt: state === 'refunding' ? null : 1,
    channelRefundNo: state === 'refunded' ? 'T1' : null,
    failReason: state === 'failed' ? 'insufficient-merchant-funds' : null,
  })
  const succeeded: Outcome = { kind: 'succeeded', channelTradeNo: 'T1' }
  const otherNo: Outcome = { kind: 'succeeded', channelTradeNo: 'T2' }
  const declined: Outcome = { kind: 'declined', code: 'insufficient-merchant-funds' }
  const conflict = (code: Extract<RefundDecision, { kind: 'conflict' }>['code']): RefundDecision => ({
    kind: 'conflict',
    code,
  })

  it.each<[RefundState, Outcome, RefundDecision]>([
    ['refunding', succeeded, { kind: 'end', state: 'refunded', channelRefundNo: 'T1' }],
    ['refunding', declined, { kind: 'end', state: 'failed', failReason: 'insufficient-merchant-funds' }],
    ['refunded', succeeded, { kind: 'nothing' }],
    ['refunded', otherNo, conflict('other-refund-no')],
    ['refunded', declined, conflict('refund-failure-after-success')],
    ['failed', succeeded, conflict('refund-success-after-failure')],
    ['failed', declined, { kind: 'nothing' }],
  ])('a %s refund that hears %j', (state, outcome, decision) => {
    expect(decideRefund(ORDER, refund(state), outcome, SEEN)).toEqual(decision)
  })

  it.each<[string, Partial<Seen> | undefined]>([
    ['other-amount', { amountFen: 1 }],
    ['other-currency', { currency: 'HKD' }],
    ['other-payee', { payee: 'somebody-else' }],
    ['unnamed', undefined],
  ])('ends no refund by a success that is of %s', (code, other) => {
    const seen = other && { ...SEEN, ...other }
    expect(decideRefund(ORDER, refund('refunding'), succeeded, seen)).toEqual(conflict(code as 'unnamed'))
  })

  it('ends no refund by a decline of another amount', () => {
    const seen = { ...SEEN, amountFen: 1 }
    expect(decideRefund(ORDER, refund('refunding'), declined, seen)).toEqual(conflict('other-amount'))
  })

  it('holds a refund while nothing is definite, and changes nothing of one that has ended', () => {
    const open: Outcome[] = [{ kind: 'pending' }, { kind: 'unknown', code: 'timeout' }]
    for (const outcome of open) {
      expect(decideRefund(ORDER, refund('refunding'), outcome)).toEqual({ kind: 'hold' })
      for (const state of ['refunded', 'failed'] as const)
        expect(decideRefund(ORDER, refund(state), outcome)).toEqual({ kind: 'nothing' })
    }
  })

  it('throws on an outcome nobody named', () => {
    expect(() => decideRefund(ORDER, refund('refunding'), { kind: 'maybe' } as unknown as Outcome)).toThrow('unhandled')
  })
})

it('a new refund number carries its date and twelve symbols nobody mishears', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
      expect(newRefundNo('2026-11-21', bytes)).toMatch(/^R20261121(-[0-9A-HJKMNP-TV-Z]{4}){3}$/)
    }),
  )
})
