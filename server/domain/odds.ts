import { maxPayerDiscountFen } from './campaign'
import { splitDiscount } from './money'
import { bandCount, type Rule } from './rule'

/** What payers may save by a rule, and how likely. Amounts in fen; chances from 0 to 1, of any card of a whole deck. */
export interface Odds {
  /** the payer's share on average */
  meanFen: number
  /** of cards within the band, and of the others */
  inBand: number
  outside: number
  leastFen: number
  leastChance: number
  /** what the headline names: the most a payer can save */
  mostFen: number
  mostChance: number
  /** the payer's share in steps of one width, both ends included, without a gap; their chances add up to 1 */
  bars: { fromFen: number; toFen: number; chance: number }[]
}

/** A picture on a phone has room for so many. */
const MOST_BARS = 16

/** How many amounts within the band, and outside it, give the payer each share, fen. */
interface Counts {
  inside: Map<number, number>
  outside: Map<number, number>
}

/**
 * The distribution that a rule implies, exactly: a card is any of its deck's with the same chance; of the band's cards each amount of the
 * band is equally likely, of the others each amount outside it (deck.ts). Counted in whole numbers over one denominator, so that nothing
 * but the last division rounds.
 */
export function oddsOf(rule: Rule): Odds {
  const counts = countsOf(rule)
  const { inside, outside } = counts
  const share = shareBy(rule)
  const { slots } = rule
  const inBand = bandCount(rule)
  const drawn = [...(inBand > 0 ? inside.keys() : []), ...(inBand < slots ? outside.keys() : [])]
  const leastFen = drawn.reduce((least, fen) => Math.min(least, fen))
  const mostFen = maxPayerDiscountFen(rule)
  const chanceOf = (fen: number) => share(inside.get(fen) ?? 0, outside.get(fen) ?? 0)
  return {
    // at most 65,535 amounts of at most 65,535 fen: below 2⁵³
    meanFen: share(sumOf(inside), sumOf(outside)),
    inBand: inBand / slots,
    outside: (slots - inBand) / slots,
    leastFen,
    leastChance: chanceOf(leastFen),
    mostFen,
    mostChance: chanceOf(mostFen),
    bars: barsOf(share, counts, leastFen, mostFen),
  }
}

function countsOf({ minFen, maxFen, bandMinFen, bandMaxFen, payerPercent }: Rule): Counts {
  const counts: Counts = { inside: new Map(), outside: new Map() }
  for (let fen = minFen; fen <= maxFen; fen++) {
    const of = fen >= bandMinFen && fen <= bandMaxFen ? counts.inside : counts.outside
    const { payerFen } = splitDiscount(fen, payerPercent)
    of.set(payerFen, (of.get(payerFen) ?? 0) + 1)
  }
  return counts
}

const sumOf = (counts: ReadonlyMap<number, number>) => [...counts].reduce((sum, [fen, count]) => sum + fen * count, 0)

type Share = (inside: number, outside: number) => number

/** What so many amounts within the band and so many outside it come to, each by its chance. */
function shareBy(rule: Rule): Share {
  const { slots, minFen, maxFen, bandMinFen, bandMaxFen } = rule
  const inBand = BigInt(bandCount(rule))
  const bandWidth = BigInt(bandMaxFen - bandMinFen + 1)
  // a band that is all of the rule has nothing outside it
  const outsideWidth = BigInt(bandMinFen - minFen + (maxFen - bandMaxFen)) || 1n
  const ofInside = inBand * outsideWidth
  const ofOutside = (BigInt(slots) - inBand) * bandWidth
  const whole = BigInt(slots) * bandWidth * outsideWidth
  return (inside, outside) => ratio(BigInt(inside) * ofInside + BigInt(outside) * ofOutside, whole)
}

function barsOf(share: Share, { inside, outside }: Counts, leastFen: number, mostFen: number): Odds['bars'] {
  const width = widthFor(leastFen, mostFen)
  const first = leastFen - (leastFen % width)
  const bins = Array.from({ length: Math.floor((mostFen - first) / width) + 1 }, () => ({ inside: 0, outside: 0 }))
  const place = (counts: Counts['inside'], which: 'inside' | 'outside') => {
    for (const [fen, count] of counts) {
      const bin = bins[Math.floor((fen - first) / width)]
      // amounts that no deck holds lie beyond the first and the last
      if (bin) bin[which] += count
    }
  }
  place(inside, 'inside')
  place(outside, 'outside')
  return bins.map((bin, n) => {
    const fromFen = Math.max(first + n * width, leastFen)
    const toFen = Math.min(first + (n + 1) * width - 1, mostFen)
    return { fromFen, toFen, chance: share(bin.inside, bin.outside) }
  })
}

/** 1, 2 or 5 times a power of ten: the least by which the bars have room. */
function widthFor(leastFen: number, mostFen: number): number {
  for (let power = 1; ; power *= 10)
    for (const width of [power, 2 * power, 5 * power])
      if (Math.floor(mostFen / width) - Math.floor(leastFen / width) < MOST_BARS) return width
}

/** To the nearest of 12 decimals, which is more than a picture or a sentence shows and less than a double holds. */
function ratio(part: bigint, whole: bigint): number {
  const scale = 1_000_000_000_000n
  return Number((2n * part * scale + whole) / (2n * whole)) / 1e12
}
