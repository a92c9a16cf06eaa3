import { addDays, businessDate, DAY_MS, daysFrom, endOfBusinessDate, laterOf } from './business-date'

/**
 * A window (活动时段): on these weekdays, from one minute of the business date to another, Asia/Shanghai. It lies within one business
 * date, as a deck does: what goes past midnight is two of them. A campaign without any is always open.
 */
export interface Window {
  /** 1 Monday … 7 Sunday */
  weekdays: readonly number[]
  /** `HH:MM`; the first minute within it */
  from: string
  /** `HH:MM` up to `24:00`; the first minute after it */
  to: string
}

/** More are a typing error. */
export const MOST_WINDOWS = 14

const MINUTES = 1_440
const MINUTE_MS = 60_000

/** `11:30` → 690; `24:00` → 1440 */
const minuteOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/** 1970-01-01 was a Thursday. */
const weekdayOf = (date: string) => ((daysFrom('1970-01-01', date) + 3) % 7) + 1

const startOf = (date: string) => endOfBusinessDate(date) - DAY_MS

/** Whether a campaign gives discounts at the moment, ms. */
export function isOpenAt(windows: readonly Window[], at: number): boolean {
  if (windows.length === 0) return true
  const date = businessDate(at)
  const minute = Math.floor((at - startOf(date)) / MINUTE_MS)
  return onDate(windows, date).some(({ from, to }) => minuteOf(from) <= minute && minute < minuteOf(to))
}

const onDate = (windows: readonly Window[], date: string) =>
  windows.filter(({ weekdays }) => weekdays.includes(weekdayOf(date)))

/** Whether it gives any on the date: only then there are decks of it. */
export const opensOn = (windows: readonly Window[], date: string): boolean =>
  windows.length === 0 || onDate(windows, date).length > 0

/** How many dates of a period it opens on, both ends included. */
export function openDays(windows: readonly Window[], from: string, to: string): number {
  const days = Math.max(0, daysFrom(from, to) + 1)
  if (windows.length === 0) return days
  const first = weekdayOf(from)
  const open = Array.from({ length: 7 }, (_, n) => windows.some(({ weekdays }) => weekdays.includes(n + 1)))
  const rest = Array.from({ length: days % 7 }, (_, n) => open[(first - 1 + n) % 7])
  return Math.floor(days / 7) * open.filter(Boolean).length + rest.filter(Boolean).length
}

/** When it opens next after the moment, ms; null: never until the last date is over. */
export function opensNext(windows: readonly Window[], at: number, period: { startDate: string; endDate: string }) {
  const first = laterOf(businessDate(at), period.startDate)
  // every weekday comes within seven days, and the first again once its hours are past
  for (let n = 0; n <= 7; n++) {
    const date = addDays(first, n)
    if (date > period.endDate) return null
    const starts = (windows.length === 0 ? [ALWAYS] : onDate(windows, date))
      .map(({ from }) => startOf(date) + minuteOf(from) * MINUTE_MS)
      .filter((start) => start > at)
    if (starts.length > 0) return Math.min(...starts)
  }
  return null
}

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
const ALWAYS: Window = { weekdays: EVERY_DAY, from: '00:00', to: '24:00' }

/** Whether every minute of the one is one of the other too. */
export function covers(wide: readonly Window[], narrow: readonly Window[]): boolean {
  const there = minutesOf(wide)
  return minutesOf(narrow).every((open, minute) => open === 0 || there[minute] === 1)
}

/** The minutes of a week, 1 where it is open. */
function minutesOf(windows: readonly Window[]): Uint8Array {
  const minutes = new Uint8Array(7 * MINUTES)
  for (const { weekdays, from, to } of windows.length === 0 ? [ALWAYS] : windows)
    for (const day of weekdays)
      minutes.fill(1, (day - 1) * MINUTES + minuteOf(from), (day - 1) * MINUTES + minuteOf(to))
  return minutes
}

/** `field` is its path in the campaign's request; `code` is stable. */
export interface WindowFault {
  field: string
  code: 'weekday-twice' | 'span-reversed' | 'windows-overlap' | 'no-open-day'
  message: string
}

/** Every fault of windows whose times and weekdays are such. */
export function windowFaults(
  windows: readonly Window[],
  { startDate, endDate }: { startDate: string; endDate: string },
): WindowFault[] {
  const faults: WindowFault[] = []
  const add = (field: string, code: WindowFault['code'], message: string) => faults.push({ field, code, message })
  for (const [i, { weekdays, from, to }] of windows.entries()) {
    if (new Set(weekdays).size < weekdays.length) add(`windows.${i}.weekdays`, 'weekday-twice', 'a weekday comes twice')
    if (minuteOf(from) >= minuteOf(to))
      add(`windows.${i}.to`, 'span-reversed', 'a window ends on its own date: what goes past midnight is two of them')
    else if (windows.slice(0, i).some((other) => overlap(other, { weekdays, from, to })))
      add(`windows.${i}.from`, 'windows-overlap', 'another window has some of it')
  }
  if (faults.length === 0 && startDate <= endDate && openDays(windows, startDate, endDate) === 0)
    add('windows', 'no-open-day', 'no date of the campaign is on one of these weekdays')
  return faults
}

const overlap = (a: Window, b: Window) =>
  a.weekdays.some((day) => b.weekdays.includes(day)) &&
  minuteOf(a.from) < minuteOf(b.to) &&
  minuteOf(b.from) < minuteOf(a.to)

const DAY_WORDS = ['周一', '周二', '周三', '周四', '周五', '周六', '周日']

/** `周一至周五 11:00–14:00、17:00–21:00；周六、周日 全天`; '' without any. */
export function windowsWords(windows: readonly Window[]): string {
  const byDays = new Map<string, string[]>()
  const sorted = [...windows].sort(
    (a, b) => Math.min(...a.weekdays) - Math.min(...b.weekdays) || (a.from < b.from ? -1 : 1),
  )
  for (const window of sorted) {
    const days = weekdayWords(window.weekdays)
    byDays.set(days, [...(byDays.get(days) ?? []), spanWords(window)])
  }
  return [...byDays].map(([days, spans]) => `${days} ${spans.join('、')}`).join('；')
}

function spanWords({ from, to }: Window): string {
  const plain = (clock: string) => clock.replace(/^0/, '')
  return from === '00:00' && to === '24:00' ? '全天' : `${plain(from)}–${plain(to)}`
}

/** Three or more that follow one another are told by the first and the last. */
function weekdayWords(weekdays: readonly number[]): string {
  const days = EVERY_DAY.filter((day) => weekdays.includes(day))
  if (days.length === 7) return '每天'
  const runs: number[][] = []
  for (const day of days) {
    const run = runs.at(-1)
    if (run?.at(-1) === day - 1) run.push(day)
    else runs.push([day])
  }
  const word = (day: number | undefined) => DAY_WORDS[(day ?? 1) - 1]!
  return runs.flatMap((run) => (run.length < 3 ? run.map(word) : [`${word(run[0])}至${word(run.at(-1))}`])).join('、')
}
