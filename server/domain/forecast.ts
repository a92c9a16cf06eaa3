import { dearestDeck } from './deck'
import { bandCount, type Rule } from './rule'

export interface ForecastInput {
  rule: Rule
  /** on which decks are dealt */
  days: number
  merchantCount: number
  budgetFen: number
  /** what is dealt of a day costs no more; null is no bound of its own */
  dailyBudgetFen: number | null
  /** assumed: qualifying orders of one merchant on one day are Poisson with this mean */
  ordersPerMerchantPerDay: number
}

/** Money in whole fen. The same as the contract's `forecast`. */
export interface Forecast {
  mostPerDayFen: number
  mostFen: number
  expectedPerDayFen: number
  expectedFen: number
  p05Fen: number
  p95Fen: number
  runs: number
  /** on which decks are dealt */
  days: number
  budgetLastsDays: number | null
  sellOutShare: number
  /** of how many merchants a day's budget covers a whole deck */
  merchantsADay: number
}

/** A source of numbers in [0, 1), as Math.random is one. */
export type Uniform = () => number

/** Enough for the 5 % and the 95 % quantile to move by about 1 % of the spread between two seeds. */
const RUNS = 1_000
/** A longer period is simulated in this many equal steps of several days: nobody reads a year day by day. */
const MOST_STEPS = 366
/** So few merchant-days and cards a step are drawn one by one; the sum of more is as good as normal (central limit). */
const FEW = { merchantDays: 32, cards: 32 }

/**
 * What a campaign may and will probably cost. The most is arithmetic: every card of every deck at its dearest. Expectation
 * per day and sell-out share are exact for the assumed orders; the total and its range come from {@link RUNS} simulated
 * periods in which decks are dealt, as they are, only as far as what is left of the budget covers them at their dearest.
 * Few merchant-days a step are drawn card by card; the sum of many is drawn from a normal distribution with the exact mean
 * and variance, cut at nought and at the most. The rule must have no faults.
 */
export function forecast(input: ForecastInput, random: Uniform, runs = RUNS): Forecast {
  const { rule, days, merchantCount, budgetFen } = input
  const mostPerDayFen = mostADay(input)
  const day = merchantDay(rule, input.ordersPerMerchantPerDay)
  const perDay = merchantCount * day.mean * dealtShare(input)
  const totals = Array.from({ length: runs }, () => (perDay > 0 ? period(input, day, random) : 0)).sort((a, b) => a - b)
  const quantile = (percent: number) => Math.round(totals[Math.ceil((percent * runs) / 100) - 1]!)
  return {
    mostPerDayFen,
    mostFen: Math.min(budgetFen, days * mostPerDayFen),
    expectedPerDayFen: Math.round(perDay),
    expectedFen: Math.round(totals.reduce((sum, one) => sum + one, 0) / runs),
    p05Fen: quantile(5),
    p95Fen: quantile(95),
    runs,
    days,
    budgetLastsDays: perDay > 0 ? Math.round((10 * budgetFen) / perDay) / 10 : null,
    sellOutShare: day.soldOut,
    merchantsADay: Math.floor(mostPerDayFen / dearestDeck(rule)),
  }
}

/** What all decks of a day can cost, as far as a day may. */
const mostADay = ({ rule, merchantCount, dailyBudgetFen }: ForecastInput) =>
  Math.min(merchantCount * dearestDeck(rule), dailyBudgetFen ?? Number.POSITIVE_INFINITY)

/** Which part of a day's decks its own budget lets be dealt. */
const dealtShare = (input: ForecastInput) =>
  input.merchantCount > 0 ? mostADay(input) / (input.merchantCount * dearestDeck(input.rule)) : 1

interface MerchantDay {
  /** expected cards used */
  cards: number
  /** of one merchant's cost of one day, fen and fen² */
  mean: number
  variance: number
  /** chance that the last card goes */
  soldOut: number
  /** chance of at most k cards used, k = 0 … slots */
  usedUpTo: Float64Array
}

/** Moments of one merchant's day: the number of cards used is a Poisson cut at the deck, each card's place is random. */
function merchantDay(rule: Rule, orders: number): MerchantDay {
  const { slots } = rule
  const { share, inside, outside } = mixOf(rule)
  const card = share * inside.mean + (1 - share) * outside.mean
  const within = share * inside.variance + (1 - share) * outside.variance
  const apart = share * (1 - share) * (inside.mean - outside.mean) ** 2
  const usedUpTo = new Float64Array(slots + 1).fill(1)
  let [used, usedSquare, spread, below] = [0, 0, 0, 0]
  for (let k = 0; k <= slots; k++) {
    const chance = k < slots ? poisson(k, orders) : Math.max(0, 1 - below)
    below += chance
    if (k < slots) usedUpTo[k] = below
    used += chance * k
    usedSquare += chance * k * k
    // k cards of a deck: how many of them are the band's is hypergeometric, so the last cards spread less than the first
    spread += chance * k * (within + (slots > 1 ? (apart * (slots - k)) / (slots - 1) : 0))
  }
  const soldOut = Math.max(0, 1 - usedUpTo[slots - 1]!)
  const variance = spread + card ** 2 * Math.max(0, usedSquare - used ** 2)
  return { cards: used, mean: used * card, variance, soldOut, usedUpTo }
}

/** Which share of a deck is the band's, and what cards inside and outside of it are worth: uniform over whole fen. */
function mixOf(rule: Rule) {
  const below = rule.bandMinFen - rule.minFen
  const above = rule.maxFen - rule.bandMaxFen
  const inside = run(rule.bandMinFen, rule.bandMaxFen - rule.bandMinFen + 1)
  const low = run(rule.minFen, below)
  const high = run(rule.bandMaxFen + 1, above)
  const part = below + above > 0 ? below / (below + above) : 0
  const mean = part * low.mean + (1 - part) * high.mean
  const variance = part * low.variance + (1 - part) * high.variance + part * (1 - part) * (low.mean - high.mean) ** 2
  return { share: bandCount(rule) / rule.slots, inside, outside: { mean, variance } }
}

/** Mean and variance of a whole number, uniform over `count` from `first`. */
const run = (first: number, count: number) => ({
  mean: first + (count - 1) / 2,
  variance: count > 0 ? (count ** 2 - 1) / 12 : 0,
})

/** What one simulated period costs. */
function period(input: ForecastInput, day: MerchantDay, random: Uniform): number {
  const { rule, days, merchantCount, budgetFen } = input
  const steps = Math.min(days, MOST_STEPS)
  const merchantDays = (merchantCount * days) / Math.max(1, steps)
  const most = merchantDays * dearestDeck(rule)
  const dealt = dealtShare(input)
  const few =
    Number.isInteger(merchantDays) && merchantDays <= FEW.merchantDays && merchantDays * day.cards <= FEW.cards
  let left = budgetFen
  for (let step = 0; step < steps && left > 0 && most > 0; step++) {
    const cost = few ? drawn(rule, merchantDays, day, random) : normal()
    // what the budget doesn't cover isn't dealt, and what nobody drew goes back to it
    left -= Math.min(cost * Math.min(dealt, left / most), left)
  }
  return budgetFen - left

  function normal(): number {
    const away = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.min(most, Math.max(0, merchantDays * day.mean + away * Math.sqrt(merchantDays * day.variance)))
  }
}

/** The cost of some merchant-days, card by card. */
function drawn(rule: Rule, merchantDays: number, day: MerchantDay, random: Uniform): number {
  const below = rule.bandMinFen - rule.minFen
  const outsideCount = below + rule.maxFen - rule.bandMaxFen
  let cost = 0
  for (let one = 0; one < merchantDays; one++) {
    const chance = random()
    let inBand = bandCount(rule)
    let left = rule.slots
    for (let k = 0; k < rule.slots && chance >= day.usedUpTo[k]!; k++) {
      const isBand = random() * left-- < inBand
      if (isBand) inBand--
      const nth = Math.floor(random() * (isBand ? rule.bandMaxFen - rule.bandMinFen + 1 : outsideCount))
      if (isBand) cost += rule.bandMinFen + nth
      else cost += nth < below ? rule.minFen + nth : rule.bandMaxFen + 1 + (nth - below)
    }
  }
  return cost
}

/** The chance of exactly k, by its logarithm: e⁻¹⁰⁰⁰⁰ is no number. */
function poisson(k: number, mean: number): number {
  if (mean === 0) return k === 0 ? 1 : 0
  return Math.exp(k * Math.log(mean) - mean - logFactorial(k))
}

const logFactorials = [0]
function logFactorial(k: number): number {
  for (let n = logFactorials.length; n <= k; n++) logFactorials.push(logFactorials[n - 1]! + Math.log(n))
  return logFactorials[k]!
}

/** Mulberry32: small, fast, and the same numbers on every machine. For simulations; never for cards. */
export function simulated(seed: number): Uniform {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
