import { studentQuantile } from './student-t'

/** Whether a campaign moved payers to the bank's own channel, and how sure that is. */

/** Paid orders of a merchant in a stretch of time, and those of them paid through the bank's own channel. */
export interface Use {
  orders: number
  own: number
}

/** A merchant's orders before the campaign, during it and after it. */
export interface MerchantUse {
  before: Use
  during: Use
  after: Use
}

export interface Lift {
  /** percentage points by which the own-channel share grew more at the campaign's merchants than at the others */
  points: number
  /** the 95 % confidence interval of it */
  low: number
  high: number
  /** merchants that could be compared: with orders before and during */
  treatedMerchants: number
  controlMerchants: number
}

const CONFIDENCE = 0.95

/**
 * Difference in differences: each merchant's share during minus its share before, averaged over the campaign's merchants,
 * minus the same of those left out of it. What moves both alike (season, a new app) cancels. A merchant counts once, however
 * busy, since it is merchants that were chosen; the interval is Welch's, which lets the two arms vary differently.
 * Null with fewer than two comparable merchants in either arm: then nothing can be said of how sure it is.
 */
export function lift(treated: readonly MerchantUse[], control: readonly MerchantUse[]): Lift | null {
  const [a, b] = [momentsOf(changes(treated)), momentsOf(changes(control))]
  if (a.count < 2 || b.count < 2) return null
  const points = a.mean - b.mean
  const half = halfWidth(a, b)
  return {
    points,
    low: points - half,
    high: points + half,
    treatedMerchants: a.count,
    controlMerchants: b.count,
  }
}

/** Own-channel orders of all, 0…1; null without orders: unknown, not nought. */
export function shareOf({ orders, own }: Use): number | null {
  return orders === 0 ? null : own / orders
}

/** In percentage points, of each merchant that has orders before and during. */
function changes(merchants: readonly MerchantUse[]): number[] {
  return merchants.flatMap(({ before, during }) => {
    const [was, is] = [shareOf(before), shareOf(during)]
    return was === null || is === null ? [] : [100 * (is - was)]
  })
}

interface Moments {
  count: number
  mean: number
  /** of the sample, with count − 1 */
  variance: number
}

function momentsOf(values: readonly number[]): Moments {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { count, mean, variance: squares / (count - 1) }
}

/** Welch's t with the degrees of freedom by Welch and Satterthwaite. */
function halfWidth(a: Moments, b: Moments): number {
  const [va, vb] = [a.variance / a.count, b.variance / b.count]
  const variance = va + vb
  // Every merchant changed alike, as in an invented example: there is no spread to be unsure about.
  if (variance === 0) return 0
  const df = variance ** 2 / (va ** 2 / (a.count - 1) + vb ** 2 / (b.count - 1))
  return studentQuantile(CONFIDENCE, df) * Math.sqrt(variance)
}
