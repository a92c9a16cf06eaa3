import fc from 'fast-check'
import { balanced } from '../../server/domain/posting'
import { figures } from '../../server/domain/quote'
import {
  clawBackShares,
  decideRefund,
  NOTHING_REFUNDED,
  type Refund,
  type RefundShares,
  refundPostings,
  refundShares,
} from '../../server/domain/refund'

const accounts = { payer: 'acct-payer', merchant: 'acct-M0001', gl: '6421-03' }
const added = (a: RefundShares, b: RefundShares): RefundShares => ({
  payerFen: a.payerFen + b.payerFen,
  merchantFen: a.merchantFen + b.merchantFen,
  glFen: a.glFen + b.glFen,
})

describe('the shares of a claw-back', () => {
  const order = figures(10_000, 1_000, 50)

  it('of the worked example: the merchant returns its 5.00 to the branch, the payer is not in it', () => {
    expect(clawBackShares(order, NOTHING_REFUNDED, false)).toEqual({ payerFen: 0, merchantFen: 500, glFen: 500 })
    expect(refundPostings({ accounts }, { payerFen: 0, merchantFen: 500, glFen: 500 })).toEqual([
      { account: '6421-03', role: 'gl', amountFen: 500 },
      { account: 'acct-M0001', role: 'merchant', amountFen: -500 },
    ])
  })

  it('are what the merchant still has of the reward: nothing twice, nothing of what was refunded, nothing where there was none', () => {
    const half = refundShares(order, NOTHING_REFUNDED, 4_750)
    expect(clawBackShares(order, half, false)?.merchantFen).toBe(250)
    expect(clawBackShares(order, refundShares(order, NOTHING_REFUNDED, 9_500), false)).toBeNull()
    expect(clawBackShares(order, NOTHING_REFUNDED, true)).toBeNull()
    expect(clawBackShares(figures(10_000, 0, 50), NOTHING_REFUNDED, false)).toBeNull()
    expect(clawBackShares(figures(10_000, 1_000, 100), NOTHING_REFUNDED, false)).toBeNull()
    // a refund that failed in between left the branch a fen ahead
    const ahead = { payerFen: 5_000, merchantFen: 5_501, glFen: 501 }
    expect(clawBackShares(figures(10_000, 1_000, 0), ahead, false)?.merchantFen).toBe(499)
  })

  it('with refunds before and after are in balance, and all of it together exactly undoes the order', () => {
    const cases = fc.record({
      aboveFen: fc.integer({ min: 1, max: 5_000 }),
      cardFen: fc.integer({ min: 0, max: 1_500 }),
      payerPercent: fc.integer({ min: 0, max: 100 }),
      firstPerMille: fc.integer({ min: 0, max: 999 }),
    })
    fc.assert(
      fc.property(cases, ({ aboveFen, cardFen, payerPercent, firstPerMille }) => {
        const of = figures(cardFen + aboveFen, cardFen, payerPercent)
        const firstFen = Math.floor((of.payableFen * firstPerMille) / 1_000)
        const first = firstFen < 1 ? NOTHING_REFUNDED : refundShares(of, NOTHING_REFUNDED, firstFen)
        const clawed = clawBackShares(of, first, false) ?? NOTHING_REFUNDED
        expect(clawed.glFen).toBeLessThanOrEqual(of.merchantRewardFen)
        const before = added(first, clawed)
        const rest = refundShares(of, before, of.payableFen - firstFen)
        for (const shares of [first, clawed, rest]) {
          expect(Math.min(...Object.values(shares))).toBeGreaterThanOrEqual(0)
          expect(balanced(refundPostings({ accounts }, shares))).toBe(true)
        }
        expect(added(before, rest)).toEqual({
          payerFen: of.payableFen,
          merchantFen: of.merchantReceivesFen,
          glFen: of.discountFen,
        })
      }),
    )
  })
})

describe('the end of a claw-back', () => {
  const refund = {
    refundNo: 'R1',
    orderNo: 'F1',
    shares: { payerFen: 0, merchantFen: 500, glFen: 500 },
    state: 'refunding',
  } as Refund
  const succeeded = { kind: 'succeeded', channelTradeNo: 'B1' } as const
  const seen = { amountFen: 500, currency: 'CNY', payee: 'acct-M0001' }

  it('is what the channel says of exactly our amount and merchant', () => {
    expect(decideRefund({ accounts }, refund, succeeded, seen)).toMatchObject({ kind: 'end', state: 'refunded' })
    expect(decideRefund({ accounts }, refund, succeeded, { ...seen, amountFen: 0 })).toMatchObject({ kind: 'conflict' })
    expect(decideRefund({ accounts }, refund, succeeded, { ...seen, payee: 'acct-EVIL' })).toMatchObject({
      kind: 'conflict',
    })
    expect(decideRefund({ accounts }, refund, succeeded)).toEqual({ kind: 'conflict', code: 'unnamed' })
    expect(decideRefund({ accounts }, refund, { kind: 'unknown', code: 'timeout' })).toEqual({ kind: 'hold' })
    expect(decideRefund({ accounts }, refund, { kind: 'declined', code: 'insufficient-merchant-funds' })).toEqual({
      kind: 'end',
      state: 'failed',
      failReason: 'insufficient-merchant-funds',
    })
  })
})
