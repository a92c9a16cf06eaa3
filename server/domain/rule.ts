import { addDays, isBusinessDate } from './business-date'
import { splitDiscount } from './money'

/** What a deck is dealt from. Amounts in fen; every bound is inclusive. */
export interface Rule {
  /** orders below this don't qualify */
  thresholdFen: number
  /** cards in each merchant's deck of a day: the daily cap (I1) */
  slots: number
  minFen: number
  maxFen: number
  bandMinFen: number
  bandMaxFen: number
  /** at least this share of a deck lies in the band (I2); whole percent */
  bandPercent: number
  /** the payer's share of the discount; the rest is the merchant's reward; whole percent */
  payerPercent: number
}

export interface Period {
  /** first and last business date, both included */
  startDate: string
  endDate: string
}

/** One fault of a rule, naming its field; `code` is stable. */
export interface RuleFault {
  field: keyof Rule | keyof Period
  code: string
  message: string
}

/** A deck is sealed as 16-bit amounts (deck-seal.ts): ¥655.35, above any static-code payment. */
export const MAX_AMOUNT_FEN = 65_535
/** Slots are numbered in 16 bits too, but a deck of over a thousand cards is a typing error, not a campaign. */
export const MAX_SLOTS = 1_000

/** Number of cards inside the band: ⌈percent × slots⌉, or all of them when nothing lies outside the band. */
export function bandCount(rule: Rule): number {
  const outside = rule.bandMinFen - rule.minFen + (rule.maxFen - rule.bandMaxFen)
  return outside === 0 ? rule.slots : Math.ceil((rule.bandPercent * rule.slots) / 100)
}

/** The largest and the smallest card that a deck of the rule can hold: beyond the band only where the band isn't all of it, and within it only where it isn't nothing. */
export function largestCard(rule: Rule): number {
  const { maxFen, bandMinFen, bandMaxFen } = rule
  const inBand = bandCount(rule)
  if (inBand === rule.slots) return bandMaxFen
  return inBand > 0 || maxFen > bandMaxFen ? maxFen : bandMinFen - 1
}

export function smallestCard(rule: Rule): number {
  const { minFen, bandMinFen, bandMaxFen } = rule
  const inBand = bandCount(rule)
  if (inBand === rule.slots) return bandMinFen
  return inBand > 0 || minFen < bandMinFen ? minFen : bandMaxFen + 1
}

/** Ten years: longer is a typing error, and all that is planned for the period stays bounded. */
export const MOST_DAYS = 3_660

export interface PeriodFault extends RuleFault {
  field: keyof Period
  code: 'not-a-date' | 'dates-reversed' | 'too-long'
}

/** Every fault of a period, be it a new campaign's or what an amendment makes of one. */
export function periodFaults(period: Period): PeriodFault[] {
  const none = (['startDate', 'endDate'] as const).filter((field) => !isBusinessDate(period[field]))
  const message = 'must be a date, YYYY-MM-DD, from 2000 to 2199'
  if (none.length > 0) return none.map((field) => ({ field, code: 'not-a-date', message: `${field} ${message}` }))
  const { startDate, endDate } = period
  const last = addDays(startDate, MOST_DAYS - 1)
  if (startDate > endDate) return [{ field: 'endDate', code: 'dates-reversed', message: 'endDate is before startDate' }]
  if (endDate <= last) return []
  return [{ field: 'endDate', code: 'too-long', message: `a campaign lasts at most ${MOST_DAYS} days, to ${last}` }]
}

/** Every fault of the rule and its period; an empty list means decks can be dealt from it and I1–I3 hold for each. */
export function ruleFaults(rule: Rule & Period): RuleFault[] {
  const faults: RuleFault[] = []
  const add = (field: RuleFault['field'], code: string, message: string) => faults.push({ field, code, message })
  const whole = (field: keyof Rule, min: number, max: number) => {
    const value = rule[field]
    if (!Number.isSafeInteger(value) || value < min || value > max)
      add(field, 'out-of-range', `${field} must be a whole number from ${min} to ${max}`)
  }
  whole('thresholdFen', 1, 100_000_000)
  whole('slots', 1, MAX_SLOTS)
  for (const field of ['minFen', 'maxFen', 'bandMinFen', 'bandMaxFen'] as const) whole(field, 1, MAX_AMOUNT_FEN)
  whole('bandPercent', 0, 100)
  whole('payerPercent', 0, 100)
  const period = periodFaults(rule)
  faults.push(...period.filter((one) => one.code === 'not-a-date'))
  if (faults.length > 0) return faults
  if (rule.minFen > rule.maxFen) add('maxFen', 'range-reversed', 'maxFen is below minFen')
  if (rule.bandMinFen > rule.bandMaxFen) add('bandMaxFen', 'band-reversed', 'bandMaxFen is below bandMinFen')
  if (rule.bandMinFen < rule.minFen) add('bandMinFen', 'band-outside-range', 'the band starts below minFen')
  if (rule.bandMaxFen > rule.maxFen) add('bandMaxFen', 'band-outside-range', 'the band ends above maxFen')
  if (rule.thresholdFen - splitDiscount(rule.maxFen, rule.payerPercent).payerFen < 1)
    add(
      'thresholdFen',
      'payable-below-one-fen',
      "an order at the threshold would leave nothing to pay: raise it above the payer's largest share",
    )
  return [...faults, ...period]
}
