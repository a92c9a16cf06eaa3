import { deal } from '../../server/domain/deck'
import type { Rule } from '../../server/domain/rule'
import { CASE_RULE, seedOf } from './arbitraries'
import { chiSquare, criticalValue } from './chi-square'

/** The promotion rules ask that prizes are random and not released unevenly over time; these are the statistics of it. */

const DECKS = 20_000
const inBand = (rule: Rule, fen: number) => fen >= rule.bandMinFen && fen <= rule.bandMaxFen

/** `count` decks of a rule; each statistic starts at its own seed, so they are independent. */
function dealMany(rule: Rule, firstSeed: number, count = DECKS): number[][] {
  return Array.from({ length: count }, (_, n) => deal(rule, seedOf(firstSeed + n)))
}

function tally(values: Iterable<number>, cells: number): number[] {
  const counts = new Array<number>(cells).fill(0)
  for (const value of values) counts[value]!++
  return counts
}

const decks = dealMany(CASE_RULE, 1)

describe('amounts', () => {
  const cards = decks.flat()

  it('are uniform over the band: 201 amounts, χ²(200)', () => {
    const inside = cards.filter((fen) => inBand(CASE_RULE, fen)).map((fen) => fen - 700)
    const counts = tally(inside, 201)
    expect(counts).toHaveLength(201)
    expect(chiSquare(counts)).toBeLessThan(criticalValue(200))
  })

  it('are uniform over what lies outside the band, on both sides of it: 799 amounts, χ²(798)', () => {
    const outside = cards.filter((fen) => !inBand(CASE_RULE, fen)).map((fen) => (fen < 700 ? fen - 1 : fen - 202))
    const counts = tally(outside, 799)
    expect(counts).toHaveLength(799)
    expect(chiSquare(counts)).toBeLessThan(criticalValue(798))
  })

  it('are drawn independently: neighbouring cards of the band fall into all 100 pairs of tenths alike, χ²(99)', () => {
    // A band of 1,000 amounts, nothing outside it: tenths are then of equal size.
    const rule: Rule = { ...CASE_RULE, slots: 10, minFen: 1, bandMinFen: 1, bandMaxFen: 1_000, maxFen: 1_000 }
    const tenth = (fen: number) => Math.floor((fen - 1) / 100)
    const pairs = dealMany(rule, 100_000, 10_000).flatMap((deck) =>
      [0, 2, 4, 6, 8].map((at) => tenth(deck[at]!) * 10 + tenth(deck[at + 1]!)),
    )
    expect(chiSquare(tally(pairs, 100))).toBeLessThan(criticalValue(99))
  })
})

describe('positions', () => {
  it('are equally likely to hold a card from outside the band, χ²(19)', () => {
    const places = decks.flatMap((deck) => deck.flatMap((fen, at) => (inBand(CASE_RULE, fen) ? [] : [at])))
    // Four of twenty places a deck, without replacement: each count varies by a factor (1 − 4/20) · 20/19 of a free one.
    const statistic = chiSquare(tally(places, 20)) / ((1 - 4 / 20) * (20 / 19))
    expect(statistic).toBeLessThan(criticalValue(19))
  })

  it('are equally likely to hold the highest card, χ²(19)', () => {
    const places = decks.filter(hasOneHighest).map((deck) => deck.indexOf(Math.max(...deck)))
    expect(chiSquare(tally(places, 20))).toBeLessThan(criticalValue(19))
  })

  it('take every pattern of in and out alike: 3 of 6 in the band, 20 patterns, χ²(19)', () => {
    const rule: Rule = { ...CASE_RULE, slots: 6, bandPercent: 50 }
    const patterns = dealMany(rule, 200_000).map((deck) => deck.map((fen) => (inBand(rule, fen) ? 1 : 0)).join(''))
    const names = [...new Set(patterns)].sort()
    expect(names).toHaveLength(20)
    expect(
      chiSquare(
        tally(
          patterns.map((pattern) => names.indexOf(pattern)),
          20,
        ),
      ),
    ).toBeLessThan(criticalValue(19))
  })

  it('come in every order alike: 24 orders of 4 different cards, χ²(23)', () => {
    const rule: Rule = {
      ...CASE_RULE,
      slots: 4,
      bandPercent: 50,
      minFen: 1,
      bandMinFen: 30_000,
      bandMaxFen: 60_000,
      maxFen: 60_000,
    }
    const different = dealMany(rule, 300_000).filter((deck) => new Set(deck).size === 4)
    const orders = different.map((deck) => deck.map((fen) => deck.filter((other) => other < fen).length).join(''))
    const names = [...new Set(orders)].sort()
    expect(names).toHaveLength(24)
    expect(
      chiSquare(
        tally(
          orders.map((order) => names.indexOf(order)),
          24,
        ),
      ),
    ).toBeLessThan(criticalValue(23))
  })

  it('are worth the same: the first card of a deck has the rank of any other, χ²(19)', () => {
    const rule: Rule = { ...CASE_RULE, bandMinFen: 20_000, bandMaxFen: 60_000, maxFen: 65_535 }
    const different = dealMany(rule, 400_000).filter((deck) => new Set(deck).size === deck.length)
    const ranks = different.map((deck) => deck.filter((fen) => fen < deck[0]!).length)
    expect(chiSquare(tally(ranks, 20))).toBeLessThan(criticalValue(19))
  })
})

describe('the statistic itself', () => {
  it('catches cards handed out in the order they were drawn', () => {
    const unshuffled = decks.map((deck) =>
      deck.toSorted((a, b) => Number(!inBand(CASE_RULE, a)) - Number(!inBand(CASE_RULE, b))),
    )
    const places = unshuffled.flatMap((deck) => deck.flatMap((fen, at) => (inBand(CASE_RULE, fen) ? [] : [at])))
    expect(chiSquare(tally(places, 20))).toBeGreaterThan(criticalValue(19))
  })

  it('catches the bias of one byte reduced modulo 201', () => {
    const biased = Array.from({ length: 20_000 }, (_, n) => (n % 256) % 201)
    expect(chiSquare(tally(biased, 201))).toBeGreaterThan(criticalValue(200))
  })

  it.each([
    [19, 50.8],
    [23, 57.07],
    [99, 160.06],
    [200, 283.06],
    [798, 955.2],
  ])('has the critical value of χ²(%i) within 1 %% of the exact %d', (degrees, exact) => {
    expect(Math.abs(criticalValue(degrees) - exact) / exact).toBeLessThan(0.01)
  })
})

function hasOneHighest(deck: number[]): boolean {
  const highest = Math.max(...deck)
  return deck.indexOf(highest) === deck.lastIndexOf(highest)
}
