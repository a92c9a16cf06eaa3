import { serverNow } from './api'

/** Asia/Shanghai has had no daylight saving since 1991, and a mini-program has no Intl: shift and read as UTC. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000
const DAY_MS = 86_400_000

function shanghai(atMs: number): string {
  return new Date(atMs + SHANGHAI_OFFSET_MS).toISOString()
}

/** Business date of a moment, `YYYY-MM-DD`; `days` moves it: −1 is the day before. */
export function dateOf(atMs: number, days = 0): string {
  return shanghai(atMs + days * DAY_MS).slice(0, 10)
}

/** `2026-11-20`, −1 → `2026-11-19` */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** ISO moment → `2026-11-20 12:08:31` in Shanghai. */
export function dateTime(iso: string): string {
  return shanghai(Date.parse(iso)).slice(0, 19).replace('T', ' ')
}

/** ISO moment → `12:08:31` in Shanghai. */
export function timeOfDay(iso: string): string {
  return shanghai(Date.parse(iso)).slice(11, 19)
}

/** `118` s → `1 分 58 秒`; below a minute only seconds. */
export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return minutes > 0 ? `${minutes} 分 ${seconds % 60} 秒` : `${seconds} 秒`
}

/** A moment as a person says it in passing: `12:03` of today, `11-20 12:03` of another day. */
export function clock(atMs: number): string {
  const text = shanghai(atMs).slice(0, 16).replace('T', ' ')
  return text.startsWith(dateOf(serverNow())) ? text.slice(11) : text.slice(5)
}
