import fc from 'fast-check'
import { deal } from '../../server/domain/deck'
import { isFen } from '../../server/domain/money'
import { figures } from '../../server/domain/quote'
import { seeds, validRules } from './arbitraries'

describe('the figures of a quote', () => {
  it('of the worked example: ¥100.00 with a card of ¥10.00', () => {
    expect(figures(10_000, 1_000, 50)).toEqual({
      amountFen: 10_000,
      discountFen: 1_000,
      payerDiscountFen: 500,
      merchantRewardFen: 500,
      payableFen: 9_500,
      merchantReceivesFen: 10_500,
    })
  })

  it('give the odd fen to the payer', () => {
    expect(figures(10_000, 801, 50)).toMatchObject({ payerDiscountFen: 401, merchantRewardFen: 400, payableFen: 9_599 })
  })

  it('without a card are the amount and nothing else', () => {
    expect(figures(1, 0, 50)).toEqual({
      amountFen: 1,
      discountFen: 0,
      payerDiscountFen: 0,
      merchantRewardFen: 0,
      payableFen: 1,
      merchantReceivesFen: 1,
    })
  })

  it('keep I3 and leave at least one fen to pay, for every card of every valid rule at or above its threshold', () => {
    fc.assert(
      fc.property(validRules, seeds, fc.nat(1_000_000), (rule, seed, aboveFen) => {
        for (const card of new Set([...deal({ ...rule, slots: 5 }, seed), rule.minFen, rule.maxFen])) {
          const of = figures(rule.thresholdFen + aboveFen, card, rule.payerPercent)
          expect(of.payerDiscountFen + of.merchantRewardFen).toBe(card)
          expect(of.payableFen).toBe(of.amountFen - of.payerDiscountFen)
          expect(of.payableFen).toBeGreaterThanOrEqual(1)
          expect(of.merchantReceivesFen - of.payableFen).toBe(card)
          expect(Object.values(of).every(isFen)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
