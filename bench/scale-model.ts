/** What is needed of machines for so many orders a day, from what one order was measured to need. */

/** Of one thing that a payer does. CPU in µs; `walBytes`: what PostgreSQL writes ahead, as replicas and archives are sent it. */
export interface Cost {
  bffUs: number
  postgresUs: number
  redisUs: number
  walBytes: number
}

export interface Demand {
  ordersPerDay: number
  /** prices that were looked at and not paid, for each order */
  quotesBeside: number
  /** the busiest second has so many times the mean second of a day */
  peak: number
  /** how much of its processors a machine may be at then, 0–1: what is left is for one that failed, and for the p99 */
  load: number
  bytesAnOrder: number
  /** of the ledger: the primary and those that follow it */
  copies: number
  yuanPerCoreMonth: number
  yuanPerGbMonth: number
}

export interface Need {
  meanPerSecond: number
  peakPerSecond: number
  /** processors, at the peak: BFFs, of which each uses one; PostgreSQL's primary; Redis, of which a shard uses one */
  bffs: number
  postgresCores: number
  redisShards: number
  /** written ahead, at the peak and in a day */
  walMbPerSecond: number
  walGbPerDay: number
  gbPerDay: number
  tbPerYear: number
  yuanPerMonth: number
}

const DAY_S = 86_400
const DAYS = 365
const MONTHS = 12

export function needOf(order: Cost, quote: Cost, demand: Demand): Need {
  const { ordersPerDay, quotesBeside, peak, load, bytesAnOrder, copies } = demand
  const meanPerSecond = ordersPerDay / DAY_S
  const peakPerSecond = meanPerSecond * peak
  const each = (of: keyof Cost) => order[of] + quotesBeside * quote[of]
  const cores = (of: keyof Cost) => Math.max(1, Math.ceil((peakPerSecond * each(of)) / 1e6 / load))
  const [bffs, postgresCores, redisShards] = [cores('bffUs'), cores('postgresUs'), cores('redisUs')]
  const gbPerDay = (ordersPerDay * bytesAnOrder) / 1e9
  const processors = bffs + redisShards + postgresCores * copies
  // in the middle of the first year half of it is there
  const kept = (gbPerDay * DAYS * copies) / 2
  return {
    ...{ meanPerSecond, peakPerSecond, bffs, postgresCores, redisShards },
    walMbPerSecond: (peakPerSecond * each('walBytes')) / 1e6,
    walGbPerDay: (ordersPerDay * each('walBytes')) / 1e9,
    gbPerDay,
    tbPerYear: (gbPerDay * DAYS) / 1e3,
    yuanPerMonth: processors * demand.yuanPerCoreMonth + kept * demand.yuanPerGbMonth,
  }
}

/** The same in fen an order: what a discount is held against. */
export const fenAnOrder = ({ yuanPerMonth }: Need, { ordersPerDay }: Demand) =>
  (yuanPerMonth * 100 * MONTHS) / (ordersPerDay * DAYS)
