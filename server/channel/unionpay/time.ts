/** Times as UnionPay writes them: Beijing's. */

const BEIJING_MS = 8 * 3_600_000
const HOUR_MS = 3_600_000
/** Its days end an hour before midnight: what comes later is the next one's. */
export const CUT_BEFORE_MS = HOUR_MS
const DAY_MS = 24 * HOUR_MS

/** `20261128120000` */
export function timeOf(at: number): string {
  return new Date(at + BEIJING_MS).toISOString().slice(0, 19).replace(/\D/g, '')
}

/** The number of its day. */
export function settleDayOf(at: number): number {
  return Math.floor((at + BEIJING_MS + CUT_BEFORE_MS) / DAY_MS)
}

/** The moment of a row's `MMDDhhmmss`, ms: the one that is nearest to its statement's date, since it names no year. */
export function momentOf(text: string, date: string): number {
  const [month, day, hour, minute, second] = text.match(/\d\d/g)!.map(Number)
  const near = Date.parse(`${date}T00:00:00Z`)
  const year = Number(date.slice(0, 4))
  const at = [year - 1, year, year + 1].map((y) => Date.UTC(y, month! - 1, day, hour, minute, second) - BEIJING_MS)
  return at.reduce((best, one) => (Math.abs(one - near) < Math.abs(best - near) ? one : best))
}
