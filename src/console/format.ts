import { yuan } from '../money'

/** Figures as a person reads them. Amounts come in fen, shares from 0 to 1. */

export const yuanText = (fen: number) => `¥${yuan(fen)}`

/** As postings are written: `-380` → `−3.80`, `380` → `+3.80`, nought without a sign. */
export const signedYuan = (fen: number) => `${fen > 0 ? '+' : fen < 0 ? '−' : ''}${yuan(Math.abs(fen))}`

/** A sum of postings: as {@link signedYuan}, without the plus. */
export const sumYuan = (fen: number) => `${fen < 0 ? '−' : ''}${yuan(Math.abs(fen))}`

/** `0.1423` → `14.2%`; a share that isn't known is a dash, which is not nought. */
export const percentText = (share: number | null, decimals = 1) =>
  share === null ? '—' : `${(share * 100).toFixed(decimals)}%`

/** `11.62` → `+11.6` */
export const signed = (points: number) => `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points).toFixed(1)}`

/** `1234567` → `1,234,567` */
export const count = (n: number) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** `¥1,200.50`, `1200.5`, `1 200` as a person types yuan → 120050 fen; null when it is no amount. Never a float. */
export function fenOf(text: string): number | null {
  const plain = text.replace(/[¥￥,，\s]/g, '')
  const parts = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(plain)
  if (!parts) return null
  return Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0'))
}

/** Fen as a field holds them: `120050` → `1200.50`, `1000` → `10`. */
export function yuanInput(fen: number): string {
  const whole = String((fen - (fen % 100)) / 100)
  return fen % 100 === 0 ? whole : `${whole}.${String(fen % 100).padStart(2, '0')}`
}

/** A whole number as typed; null when it is none. */
export const wholeOf = (text: string) => (/^-?\d{1,9}$/.test(text.trim()) ? Number(text.trim()) : null)
