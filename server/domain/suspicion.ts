/**
 * Suspicion of farming (薅羊毛, 套现): what a merchant's cards of one day look like, held against what is usual at the other
 * merchants of its campaign. It accuses nobody: it says where a person should look first.
 */

/** A paid order with a card, as far as it tells of farming. Amounts in fen, times in ms since the epoch. */
export interface CardOrder {
  orderNo: string
  payerId: string
  createdAt: number
  amountFen: number
  payableFen: number
  /** of what the payer paid, back by now */
  refundedFen: number
  /** days of the last {@link LOOK_BACK_DAYS} on which the payer had a card at this merchant, this one included */
  daysHere: number
  /** merchants at which the payer paid through the bank's own channel in those days, and how many orders */
  merchants: number
  ordersAnywhere: number
  /** keyed hashes; null: not known, or not kept any more */
  addressHash: string | null
  deviceHash: string | null
}

export interface MerchantDay {
  merchantCode: string
  /** of the campaign's rule */
  thresholdFen: number
  /** in the order in which they were opened */
  orders: readonly CardOrder[]
}

export const LOOK_BACK_DAYS = 28

export const INDICATORS = [
  /** 一人多张: cards that their payer took after a first one on the same day */
  'same-payer',
  /** 熟客循环: cards of payers who have one here on most days */
  'regulars',
  /** 只来一家: payers who pay with the bank nowhere else */
  'only-here',
  /** 贴着门槛: amounts just at the threshold */
  'at-threshold',
  /** 开门即空: cards gone within minutes of the first */
  'opening-burst',
  /** 享惠后退款: the payment went back, after its discount was counted */
  'refunded',
  /** 同一设备 */
  'same-device',
  /** 同一网络地址: a shop's own network is one, so it says little by itself */
  'same-address',
] as const
export type Indicator = (typeof INDICATORS)[number]

/** What of a day has a trait, of all that could have it. */
export interface Measure {
  hits: number
  of: number
  /** the orders that have it */
  orderNos: string[]
}
export type Measures = Record<Indicator, Measure>

/** A tenth above the threshold, in whole numbers: 10 × amount ≤ 11 × threshold. */
const NEAR = { times: 10, most: 11 }
/** Twenty cards in ten minutes are one every half minute, through one channel of three. */
const BURST_MS = 10 * 60_000
/** Ten days of twenty-eight: every working day of two weeks. */
const REGULAR_DAYS = 10
/** Who has paid less often hasn't had time to go elsewhere. */
const KNOWN_ORDERS = 3
/** So many payers of one device or address: two share a telephone, three don't. */
const CROWD = 3

/** The traits of a merchant's day, each as a count of what has it. */
export function measure({ orders, thresholdFen }: MerchantDay): Measures {
  const having = (of: readonly CardOrder[], has: (order: CardOrder) => boolean): Measure => {
    const orderNos = of.filter(has).map(({ orderNo }) => orderNo)
    return { hits: orderNos.length, of: of.length, orderNos }
  }
  const seen = new Set<string>()
  const firstOfPayer = orders.filter(({ payerId }) => !seen.has(payerId) && seen.add(payerId))
  const firsts = new Set(firstOfPayer)
  const openedAt = orders[0]?.createdAt ?? 0
  return {
    'same-payer': having(orders, (order) => !firsts.has(order)),
    regulars: having(firstOfPayer, ({ daysHere }) => daysHere >= REGULAR_DAYS),
    'only-here': having(
      firstOfPayer.filter(({ ordersAnywhere }) => ordersAnywhere >= KNOWN_ORDERS),
      ({ merchants }) => merchants === 1,
    ),
    'at-threshold': having(orders, ({ amountFen }) => amountFen * NEAR.times <= thresholdFen * NEAR.most),
    // The first is what the others are measured from.
    'opening-burst': having(orders.slice(1), ({ createdAt }) => createdAt - openedAt <= BURST_MS),
    refunded: having(orders, ({ refundedFen, payableFen }) => refundedFen * 2 >= payableFen),
    'same-device': crowded(orders, 'deviceHash'),
    'same-address': crowded(orders, 'addressHash'),
  }
}

/** Orders whose hash several payers have in common. */
function crowded(orders: readonly CardOrder[], by: 'deviceHash' | 'addressHash'): Measure {
  const known = orders.filter((order) => order[by] !== null)
  const payers = new Map<string | null, Set<string>>()
  for (const order of known) payers.set(order[by], (payers.get(order[by]) ?? new Set()).add(order.payerId))
  const orderNos = known.filter((order) => payers.get(order[by])!.size >= CROWD).map(({ orderNo }) => orderNo)
  return { hits: orderNos.length, of: known.length, orderNos }
}

/**
 * How an indicator is weighed. `usual`: what is taken for usual at the least, whatever the peers do, since few days of few
 * merchants tell little. `least`: fewer than so many say nothing. `most`: its points at the most.
 */
interface Weight {
  usual: number
  least: number
  most: number
}

/**
 * Enough by itself ({@link QUEUE_SCORE}) is only what honest shops never have: one person with many cards of one day, one telephone
 * for many payers. A set meal at the threshold's price, a rush, some refunds must come together with something else.
 */
const WEIGHTS: Record<Indicator, Weight> = {
  'same-payer': { usual: 0.05, least: 5, most: 60 },
  regulars: { usual: 0.3, least: 5, most: 30 },
  'only-here': { usual: 0.5, least: 5, most: 20 },
  'at-threshold': { usual: 0.3, least: 8, most: 35 },
  'opening-burst': { usual: 0.2, least: 8, most: 25 },
  refunded: { usual: 0.05, least: 5, most: 30 },
  'same-device': { usual: 0.02, least: 5, most: 50 },
  'same-address': { usual: 0.3, least: 8, most: 15 },
}

/** What a popular shop has too, its regulars who pay nowhere else behind its own network, isn't enough however much of it there is. */
const POPULAR: readonly Indicator[] = ['regulars', 'only-here', 'same-address']
const POPULAR_MOST = 40

/** From so many points on a person looks at it. Of 100. */
export const QUEUE_SCORE = 50

/** What is usual for each indicator at the merchants of a campaign on a day, as a share from 0 to 1. */
export type Baseline = Record<Indicator, number>

/** Fewer peers than these are no measure of what is usual. */
const LEAST_PEERS = 8

/**
 * What is usual: the share that three of four merchants of the campaign don't exceed. A quartile and no mean, since merchants that
 * are farmed stand among the peers; and no middle either, since honest shops differ from each other.
 */
export function baselineOf(days: readonly Measures[]): Baseline {
  const usual = (indicator: Indicator) => {
    const { usual, least } = WEIGHTS[indicator]
    const shares = days.flatMap((day) => (day[indicator].of >= least ? [day[indicator].hits / day[indicator].of] : []))
    if (shares.length < LEAST_PEERS) return usual
    shares.sort((a, b) => a - b)
    // Never all of it: then nothing could be unusual.
    return Math.min(0.95, Math.max(usual, shares[Math.ceil(shares.length * 0.75) - 1]!))
  }
  return Object.fromEntries(INDICATORS.map((indicator) => [indicator, usual(indicator)])) as Baseline
}

/** One indicator of a day that is unusual. */
export interface Evidence extends Measure {
  indicator: Indicator
  points: number
  /** the share that is taken for usual */
  usual: number
}

export interface Scored {
  /** 0 to 100 */
  score: number
  /** what gave points, the most telling first */
  evidence: Evidence[]
}

/** Holds a day against what is usual. */
export function score(measures: Measures, baseline: Baseline): Scored {
  const evidence = INDICATORS.flatMap((indicator): Evidence[] => {
    const measured = measures[indicator]
    const { least, most } = WEIGHTS[indicator]
    const usual = baseline[indicator]
    if (measured.of < least) return []
    const points = Math.min(most, pointsOf(measured.hits, measured.of, usual))
    return points > 0 ? [{ indicator, points, usual, ...measured }] : []
  })
  const sum = (some: readonly Evidence[]) => some.reduce((total, { points }) => total + points, 0)
  const [popular, other] = [true, false].map((is) => evidence.filter((one) => POPULAR.includes(one.indicator) === is))
  const total = Math.min(POPULAR_MOST, sum(popular!)) + sum(other!)
  return { score: Math.min(100, total), evidence: evidence.sort((a, b) => b.points - a.points) }
}

/**
 * Ten points for each power of ten by which so many or more of them are less likely than one in a hundred, if each had the trait
 * with the usual chance: nothing for what happens to one merchant in a hundred every day.
 */
function pointsOf(hits: number, of: number, usual: number): number {
  return Math.max(0, Math.floor(10 * (-Math.log10(tail(hits, of, usual)) - 2)))
}

/** The chance of `hits` or more of `of`, each with chance `p`: the upper tail of the binomial distribution, in logarithms. */
export function tail(hits: number, of: number, p: number): number {
  if (hits <= 0) return 1
  let logTerm = of * Math.log1p(-p)
  let sum = 0
  for (let k = 1; k <= of; k++) {
    logTerm += Math.log((of - k + 1) / k) + Math.log(p) - Math.log1p(-p)
    if (k >= hits) sum += Math.exp(logTerm)
  }
  return Math.min(1, Math.max(sum, Number.MIN_VALUE))
}

/** So long after it was dismissed a merchant isn't asked about again, unless it looks much worse than what was dismissed. */
const QUIET_DAYS = 14
const MUCH_WORSE = 20

/** Whether a day is put before people again, when the last suspicion of the merchant was dismissed. */
export function asksAgain(dismissed: { score: number; daysAgo: number }, scored: Pick<Scored, 'score'>): boolean {
  return dismissed.daysAgo > QUIET_DAYS || scored.score >= dismissed.score + MUCH_WORSE
}
