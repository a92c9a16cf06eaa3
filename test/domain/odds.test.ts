import fc from 'fast-check'
import { deal } from '../../server/domain/deck'
import { splitDiscount } from '../../server/domain/money'
import { oddsOf } from '../../server/domain/odds'
import { bandCount } from '../../server/domain/rule'
import { CASE_RULE, seedOf, validRules } from './arbitraries'

describe('the odds of a rule', () => {
  it('are those of the case, worked out by hand', () => {
    const odds = oddsOf({ ...CASE_RULE, minFen: 100 })
    // outside: 600 amounts of ¥1.00–6.99 and 100 of ¥9.01–10.00; the payer has half of each, an odd fen rounded up
    const band = (700 + 900) / 2
    const outside = ((100 + 699) * 300 + (901 + 1_000) * 50) / 700
    const oddFen = 0.5 * (0.8 * (100 / 201) + 0.2 * (350 / 700))
    expect(odds.meanFen).toBeCloseTo((0.8 * band + 0.2 * outside) / 2 + oddFen, 9)
    expect(odds).toMatchObject({ inBand: 0.8, outside: 0.2, leastFen: 50, mostFen: 500 })
    // ¥1.00 alone gives ¥0.50, ¥9.99 and ¥10.00 give ¥5.00
    expect(odds.leastChance).toBeCloseTo(0.2 / 700, 11)
    expect(odds.mostChance).toBeCloseTo((0.2 * 2) / 700, 11)
  })

  it('add up, without a gap, for any valid rule; and what can’t be drawn has no chance', () => {
    fc.assert(
      fc.property(validRules, (rule) => {
        const { bars, inBand, outside, meanFen, leastFen, mostFen, leastChance, mostChance } = oddsOf(rule)
        expect(bars.reduce((sum, bar) => sum + bar.chance, 0)).toBeCloseTo(1, 9)
        expect(inBand + outside).toBeCloseTo(1, 12)
        expect(inBand).toBe(bandCount(rule) / rule.slots)
        expect(bars.length).toBeLessThanOrEqual(16)
        expect([bars[0]!.fromFen, bars.at(-1)!.toFen]).toEqual([leastFen, mostFen])
        for (const [n, bar] of bars.entries()) if (n > 0) expect(bar.fromFen).toBe(bars[n - 1]!.toFen + 1)
        expect(meanFen).toBeGreaterThanOrEqual(leastFen)
        expect(meanFen).toBeLessThanOrEqual(mostFen)
        expect(leastChance).toBeGreaterThan(0)
        expect(mostChance).toBeGreaterThan(0)
      }),
      { numRuns: 100 },
    )
  })

  it('of a band that no card is drawn from are those of the amounts beyond it', () => {
    const rule = { ...CASE_RULE, slots: 1, bandPercent: 0, payerPercent: 100, minFen: 15, bandMinFen: 15 }
    expect(oddsOf({ ...rule, bandMaxFen: 15, maxFen: 16 })).toMatchObject({
      ...{ leastFen: 16, leastChance: 1, mostFen: 16, mostChance: 1, meanFen: 16 },
      bars: [{ fromFen: 16, toFen: 16, chance: 1 }],
    })
    const low = { ...rule, minFen: 14, bandMaxFen: 16, maxFen: 16 }
    expect(oddsOf(low)).toMatchObject({ leastFen: 14, mostFen: 14, mostChance: 1 })
    expect(deal(low, seedOf(1))).toEqual([14])
  })

  it('are what 5,000 decks hold, within five standard errors', () => {
    const rule = { ...CASE_RULE, minFen: 100 }
    const odds = oddsOf(rule)
    const decks = 5_000
    const saved = Array.from({ length: decks }, (_, n) => deal(rule, seedOf(n))).flatMap((deck) =>
      deck.map((fen) => splitDiscount(fen, rule.payerPercent).payerFen),
    )
    const share = (of: (fen: number) => boolean) => saved.filter(of).length / saved.length
    const near = (found: number, chance: number) =>
      expect(Math.abs(found - chance)).toBeLessThan(5 * Math.sqrt((chance * (1 - chance)) / saved.length))
    for (const { fromFen, toFen, chance } of odds.bars)
      near(
        share((fen) => fen >= fromFen && fen <= toFen),
        chance,
      )
    near(
      share((fen) => fen === odds.mostFen),
      odds.mostChance,
    )
    // a card's payer share lies within ¥5, so its standard deviation is below 250 fen
    const mean = saved.reduce((sum, fen) => sum + fen, 0) / saved.length
    expect(Math.abs(mean - odds.meanFen)).toBeLessThan((5 * 250) / Math.sqrt(saved.length))
  })
})
