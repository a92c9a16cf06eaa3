import * as plain from '../dates'
import { serverNow } from '../server-time'

/** Dates and times as the console writes and reads them: in Chinese, whatever the browser's language is. */

export { addDays, dateOf, duration, timeOfDay } from '../dates'

/** `2026-11-09` → `2026年11月9日`; what is no date is left as it is. */
export function dayText(date: string): string {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date)
  return parts ? `${parts[1]}年${Number(parts[2])}月${Number(parts[3])}日` : date
}

/** `2026-11-09` → `11月9日` */
export const monthDay = (date: string) => dayText(date).replace(/^\d{4}年/, '')

/** Both included; the year is said once where it is the same. */
export function dayRange(from: string, to: string): string {
  if (from === to) return dayText(from)
  return `${dayText(from)} 至 ${from.slice(0, 4) === to.slice(0, 4) ? monthDay(to) : dayText(to)}`
}

/** Of a list from a day on, until a day, or both; undefined without either. */
export function periodWords(from: string, to: string): string | undefined {
  if (from && to) return dayRange(from, to)
  return from ? `${dayText(from)} 起` : to ? `到 ${dayText(to)} 为止` : undefined
}

/** ISO moment → `2026年11月20日 12:08:31` in Shanghai. */
export function dateTime(iso: string): string {
  const [date, time] = plain.dateTime(iso).split(' ') as [string, string]
  return `${dayText(date)} ${time}`
}

/** A moment as a person says it in passing: `12:03` of today, `11月20日 12:03` of another day. */
export function clock(atMs: number): string {
  const text = dateTime(new Date(atMs).toISOString()).slice(0, -3)
  const today = `${dayText(plain.dateOf(serverNow()))} `
  return text.startsWith(today) ? text.slice(today.length) : text.replace(/^\d{4}年/, '')
}

/** What a date field takes; both included, and either may be missing. */
export interface DateLimits {
  min?: string | undefined
  max?: string | undefined
}

const within = (date: string, { min, max }: DateLimits) => !(min && date < min) && !(max && date > max)

/** `whole`: nothing can follow it, so that it needn't be waited for. */
export type TypedDate = { date: string; whole: boolean } | null

/**
 * A date as a person types it: `2026-11-29`, `20261129`, `2026年11月29日`, `2026/11/29`, `11月29日`, `11-29`, with full-width digits too.
 * Without a year it is this year's, or the next one's or the last one's where only that lies within the limits.
 */
export function typedDate(text: string, today: string, limits: DateLimits = {}): TypedDate {
  const said = text.normalize('NFKC').replace(/\s/g, '')
  const whole = /^(?:\d{8}|\d{4}[-/.]\d\d[-/.]\d\d|.*[日号])$/.test(said)
  const full = /^(\d{4})(\d\d)(\d\d)$/.exec(said) ?? /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?$/.exec(said)
  if (full) {
    const date = dateFrom(Number(full[1]), Number(full[2]), Number(full[3]))
    return date === null ? null : { date, whole }
  }
  const short = /^(\d{1,2})[-/.月](\d{1,2})[日号]?$/.exec(said)
  if (!short) return null
  const year = Number(today.slice(0, 4))
  const dates = [year, year + 1, year - 1].flatMap((one) => dateFrom(one, Number(short[1]), Number(short[2])) ?? [])
  const date = dates.find((one) => within(one, limits)) ?? dates[0]
  return date === undefined ? null : { date, whole }
}

/** Null when there is no such day. */
function dateFrom(year: number, month: number, day: number): string | null {
  const at = new Date(Date.UTC(year, month - 1, day))
  const real = year >= 1900 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day
  return real ? at.toISOString().slice(0, 10) : null
}

/** Why it can't be that date; undefined when it can. */
export function outside(date: string, { min, max }: DateLimits): string | undefined {
  if (min && date < min) return `不能早于 ${dayText(min)}`
  return max && date > max ? `不能晚于 ${dayText(max)}` : undefined
}

/** Moves a date by months; the 31st becomes the last of a shorter one. */
export function addMonths(date: string, months: number): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(year, month + months, 0))
  return `${last.toISOString().slice(0, 8)}${String(Math.min(day, last.getUTCDate())).padStart(2, '0')}`
}

/** The weeks of a date's month, Monday first; days of other months are null. */
export function weeksOf(date: string): (string | null)[][] {
  const first = `${date.slice(0, 8)}01`
  const days = Number(plain.addDays(addMonths(first, 1), -1).slice(8))
  const before = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7
  return Array.from({ length: Math.ceil((before + days) / 7) }, (_, week) =>
    Array.from({ length: 7 }, (_, at) => {
      const day = week * 7 + at - before
      return day >= 0 && day < days ? plain.addDays(first, day) : null
    }),
  )
}
