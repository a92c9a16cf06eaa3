import type { CampaignDetail } from '@contract'
import { halfWidth } from '../half-width'

/** Windows (活动时段) as operators read and type them. The server's own words (domain/window.ts) are the payers'; a test holds both together. */
export type Window = CampaignDetail['windows'][number]

export const DAYS = ['周一', '周二', '周三', '周四', '周五', '周六', '周日'] as const
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]

/** `周一至周五 11:00–14:00；周六、周日 全天`; without any: always. */
export function windowsWords(windows: readonly Window[]): string {
  if (windows.length === 0) return '每天全天'
  const first = ({ weekdays }: Window) => Math.min(...weekdays)
  const sorted = [...windows].sort((a, b) => first(a) - first(b) || (a.from < b.from ? -1 : 1))
  const spans = new Map<string, string[]>()
  for (const window of sorted) {
    const days = daysWords(window.weekdays)
    spans.set(days, [...(spans.get(days) ?? []), spanWords(window)])
  }
  return [...spans].map(([days, of]) => `${days} ${of.join('、')}`).join('；')
}

function spanWords({ from, to }: Window): string {
  if (from === '00:00' && to === '24:00') return '全天'
  return [from, to].map((clock) => clock.replace(/^0/, '')).join('–')
}

/** Three or more in a row by the first and the last. */
function daysWords(weekdays: readonly number[]): string {
  if (EVERY_DAY.every((day) => weekdays.includes(day))) return '每天'
  const runs: number[][] = []
  for (const day of EVERY_DAY.filter((one) => weekdays.includes(one))) {
    if (runs.at(-1)?.at(-1) === day - 1) runs.at(-1)!.push(day)
    else runs.push([day])
  }
  const word = (day: number) => DAYS[day - 1]!
  return runs.flatMap((run) => (run.length < 3 ? run.map(word) : [`${word(run[0]!)}至${word(run.at(-1)!)}`])).join('、')
}

/** `9:30`, `０９：３０`, `930`, `24` → `09:30`, `24:00`; null for what is no time of a day. */
export function clockOf(text: string): string | null {
  const [, hour, minute = '0'] = /^(\d{1,2})(?::?(\d{2}))?$/.exec(halfWidth(text).trim()) ?? []
  if (hour === undefined || Number(minute) > 59 || Number(hour) * 60 + Number(minute) > 1_440) return null
  return `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
}

/** What goes past midnight is two windows: until midnight, and on the days after from midnight on. */
export function atMidnight({ weekdays, from, to }: Window): Window[] {
  const next = weekdays.map((day) => (day % 7) + 1).sort((a, b) => a - b)
  const evening = { weekdays, from, to: '24:00' }
  return to === '00:00' ? [evening] : [evening, { weekdays: next, from: '00:00', to }]
}
