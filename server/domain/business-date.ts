/** The business date (清算日期) is the calendar day in Asia/Shanghai, which has had no daylight saving since 1991. */

const SHANGHAI_OFFSET_MS = 8 * 3_600_000
export const DAY_MS = 86_400_000
/** 2000 to 2199: what lies outside was typed by mistake, and neither JavaScript nor SQL is sure of the year 0000. */
const SHAPE = /^2[01]\d{2}-\d{2}-\d{2}$/

/** Milliseconds since the epoch → `YYYY-MM-DD` in Asia/Shanghai. */
export function businessDate(nowMs: number): string {
  const day = Math.floor((nowMs + SHANGHAI_OFFSET_MS) / DAY_MS)
  // Nearly always the day that was asked for last.
  if (day !== written.day) written = { day, date: new Date(day * DAY_MS).toISOString().slice(0, 10) }
  return written.date
}
let written = { day: Number.NaN, date: '' }

/** Milliseconds since the epoch as a clock in Shanghai shows them, as if it were UTC. */
export const shanghaiMs = (atMs: number): number => atMs + SHANGHAI_OFFSET_MS

/** `2026-11-20 12:08:31` in Asia/Shanghai. */
export const timeText = (atMs: number): string =>
  new Date(shanghaiMs(atMs)).toISOString().slice(0, 19).replace('T', ' ')

/** First millisecond after the business date. */
export function endOfBusinessDate(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) - SHANGHAI_OFFSET_MS + DAY_MS
}

/** `addDays('2026-12-31', 1)` → `'2027-01-01'`. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** `daysFrom('2026-12-31', '2027-01-01')` → 1 */
export function daysFrom(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS
}

/** The later of two dates. */
export const laterOf = (a: string, b: string): string => (a > b ? a : b)

/** True for a date of the calendar from 2000 to 2199 in the form `YYYY-MM-DD`; `2026-02-30` is none, nor is anything but a string. */
export function isBusinessDate(value: unknown): value is string {
  if (typeof value !== 'string' || !SHAPE.test(value)) return false
  const ms = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === value
}
