import { spending } from './spending'
import { studentQuantile } from './student-t'

/**
 * Whether a campaign moved payers to the bank's own channel, and how sure that is: a difference in differences over merchants, since
 * it is merchants that were drawn (Donald & Lang, Review of Economics and Statistics 89 (2007): few clusters are compared by a t of
 * their means). What moves both arms alike (season, a new app) cancels.
 */

/** Orders of a merchant in a stretch of time through whatever channel, and those of them through the bank's own. */
export interface Use {
  orders: number
  own: number
}

/** What was counted of a merchant: before the campaign, and between one look and the next. */
export interface Measured {
  control: boolean
  before: Use
  /** of the days up to the first look, then from each to the next */
  since: readonly Use[]
}

/** In percentage points of the own-channel share: how much more it grew at the campaign's merchants. */
export interface Effect {
  points: number
  low: number
  high: number
}

export interface Look {
  /** each merchant counts once */
  each: Effect | null
  /** each counts by its orders before the campaign, which the campaign can't have changed */
  weighted: Effect | null
  treatedMerchants: number
  controlMerchants: number
}

/** Fewer in an arm say nothing of how merchants differ, and three that happened to agree would look like certainty. */
export const LEAST_MERCHANTS = 4
/** A look with less error than that to spend has no interval that says anything. */
const LEAST_ERROR = 1e-12
/** A share can't move further. */
const MOST_POINTS = 100

/**
 * What is known at each look. `days`: after how many of the `allDays` planned at approval each look is. Intervals cover the true effects
 * at all looks together with 95 % ({@link spending}), so nobody makes chance look like success by looking each day. Null: too few
 * merchants with orders before and since ({@link LEAST_MERCHANTS}), merchants that all changed alike, or too early to say.
 */
export function effects(merchants: readonly Measured[], days: readonly number[], allDays: number): Look[] {
  const errors = spending(days.map((day) => day / allDays))
  return days.map((_, k) => {
    const [treated, control] = [changes(merchants, false, k), changes(merchants, true, k)]
    const counts = { treatedMerchants: treated.length, controlMerchants: control.length }
    const each = (all: Change[]) => all.map((one) => ({ ...one, weight: 1 }))
    return {
      each: effect(each(treated), each(control), errors[k]!),
      weighted: effect(treated, control, errors[k]!),
      ...counts,
    }
  })
}

/** Own-channel orders of all, 0…1; null without orders: unknown, not nought. */
export function shareOf({ orders, own }: Use): number | null {
  return orders === 0 ? null : own / orders
}

export function summed(uses: readonly Use[]): Use {
  return uses.reduce<Use>((sum, one) => ({ orders: sum.orders + one.orders, own: sum.own + one.own }), NO_USE)
}
export const NO_USE: Use = { orders: 0, own: 0 }

/** How a merchant's share changed, in percentage points. */
interface Change {
  points: number
  weight: number
}

function changes(merchants: readonly Measured[], control: boolean, look: number): Change[] {
  return merchants.flatMap((one) => {
    if (one.control !== control) return []
    const [was, is] = [shareOf(one.before), shareOf(summed(one.since.slice(0, look + 1)))]
    return was === null || is === null ? [] : [{ points: 100 * (is - was), weight: one.before.orders }]
  })
}

function effect(treated: readonly Change[], control: readonly Change[], error: number): Effect | null {
  if (Math.min(treated.length, control.length) < LEAST_MERCHANTS || error < LEAST_ERROR) return null
  const [a, b] = [armOf(treated), armOf(control)]
  const variance = a.variance + b.variance
  // Merchants that all changed alike to the last digit were invented, or hardly any has orders.
  if (variance === 0 || Math.min(a.df, b.df) < 1) return null
  // Welch and Satterthwaite: the arms may vary differently.
  const df = variance ** 2 / (a.variance ** 2 / a.df + b.variance ** 2 / b.df)
  const half = studentQuantile(error, df) * Math.sqrt(variance)
  const points = a.mean - b.mean
  return { points, low: Math.max(-MOST_POINTS, points - half), high: Math.min(MOST_POINTS, points + half) }
}

/** Mean, the variance of the mean, and its degrees of freedom; of unequal weights those of as many equal ones as say as much (Kish 1965). */
function armOf(all: readonly Change[]): { mean: number; variance: number; df: number } {
  const sum = (of: (one: Change) => number) => all.reduce((total, one) => total + of(one), 0)
  const weight = sum((one) => one.weight)
  const mean = sum((one) => one.weight * one.points) / weight
  const count = weight ** 2 / sum((one) => one.weight ** 2)
  const spread = sum((one) => (one.weight * (one.points - mean)) ** 2) / weight ** 2
  return { mean, variance: (spread * count) / (count - 1), df: count - 1 }
}

/** The chance of seeing an effect as large as is told. */
const POWER_TAIL = 0.4 // two-sided: 20 % below, so 80 % power

/**
 * The smallest effect, in points, that so many merchants would show with a chance of 80 % at the last look, if merchants go on to differ
 * as they did before ({@link spreadOf}). Null with too few of them.
 */
export function detectablePoints(
  { treated, control, spread }: { treated: number; control: number; spread: number },
  days: readonly number[],
  allDays: number,
): number | null {
  if (Math.min(treated, control) < LEAST_MERCHANTS || days.length === 0) return null
  const error = spending(days.map((day) => day / allDays)).at(-1)!
  const df = treated + control - 2
  const deviations = studentQuantile(error, df) + studentQuantile(POWER_TAIL, df)
  return deviations * spread * Math.sqrt(1 / treated + 1 / control)
}

/** How much merchants' shares move apart in as long a time without a campaign, points: the deviation of their changes; null of too few. */
export function spreadOf(merchants: readonly Measured[]): number | null {
  const look = (merchants[0]?.since.length ?? 0) - 1
  const all = [...changes(merchants, false, look), ...changes(merchants, true, look)].map(({ points }) => points)
  if (all.length < LEAST_MERCHANTS) return null
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length
  return Math.sqrt(all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (all.length - 1))
}

/** What an own-channel order more has cost, fen; the range that the effect's interval gives it. */
export interface CostPerOrder {
  orders: number
  costFen: number
  perOrderFen: number
  lowFen: number
  /** null: perhaps there were none more */
  highFen: number | null
}

/** `during`: all known orders at the campaign's merchants since it began, which `costFen` is of. Null where no more than without it were seen. */
export function costPerOrder(costFen: number, during: number, weighted: Effect | null): CostPerOrder | null {
  if (!weighted || weighted.points <= 0 || during === 0) return null
  const more = (points: number) => (points / 100) * during
  const per = (points: number) => Math.round(costFen / more(points))
  return {
    orders: Math.round(more(weighted.points)),
    costFen,
    perOrderFen: per(weighted.points),
    lowFen: per(weighted.high),
    highFen: weighted.low > 0 ? per(weighted.low) : null,
  }
}

/** At most so many looks: more would widen each interval by more than they tell sooner. */
const MOST_LOOKS = 10

/** After which days of a campaign of `allDays` its effect is looked at: evenly, the last at its end. Fixed at approval, whoever looks. */
export function lookDays(allDays: number): number[] {
  const count = Math.min(MOST_LOOKS, allDays)
  return Array.from({ length: count }, (_, k) => Math.ceil(((k + 1) * allDays) / count))
}
