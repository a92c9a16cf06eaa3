import { halfWidth } from '../half-width'
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

/** Half-width, with the point of a Chinese keyboard, and without the currency before it. */
const plainYuan = (text: string) => halfWidth(text).replaceAll('。', '.').trim().replace(/^¥\s*/, '')

/** Commas between thousands and nowhere else: no yuan has three decimals, so `1,234` can't be meant for `1.234`. */
const YUAN = /^([1-9]\d{0,2}(?:,\d{3}){1,3}|\d{1,12})(?:\.(\d{1,2}))?$/

/**
 * `¥1,200.50`, `1200.5`, `１２００．５` as a person types yuan → 120050 fen; null when it is no amount. `9,5` is none: with the comma left out it
 * would be ten times as much (docs/decisions/0019). Never a float.
 */
export function fenOf(text: string): number | null {
  const parts = YUAN.exec(plainYuan(text))
  if (!parts) return null
  return Number(parts[1]!.replaceAll(',', '')) * 100 + Number((parts[2] ?? '').padEnd(2, '0'))
}

/** Why {@link fenOf} takes it for no amount. */
export function yuanFault(text: string, example = '10 或 9.50'): string {
  const said = plainYuan(text)
  if (/^[\d,]+\.\d{3,}$/.test(said)) return '最多两位小数'
  if (/^[\d.]*,[\d.,]*$/.test(said)) return '逗号只用来分千位，例如 1,234.50；小数点请用“.”'
  return /\d\s+\d/.test(said) ? '金额中间不能有空格' : `请填写金额，例如 ${example}`
}

/** Fen as a field holds them: `120050` → `1200.50`, `1000` → `10`. */
export function yuanInput(fen: number): string {
  const whole = String((fen - (fen % 100)) / 100)
  return fen % 100 === 0 ? whole : `${whole}.${String(fen % 100).padStart(2, '0')}`
}

/** A whole number as typed; null when it is none. */
export function wholeOf(text: string): number | null {
  const said = halfWidth(text).trim()
  return /^-?\d{1,9}$/.test(said) ? Number(said) : null
}

/** Why {@link wholeOf} takes it for none. */
export const wholeFault = (text: string) => (/[,，]/.test(text) ? '请填写整数，不用逗号' : '请填写整数')

/** How many orders a merchant may have in a day, the contract's. */
const MOST_ORDERS = 10_000

/** How many orders a day are assumed, as typed: `15`, `9.5`; null when it is no such number. */
export function ordersOf(text: string): number | null {
  const said = halfWidth(text).replaceAll('。', '.').trim()
  const orders = /^\d{1,5}(\.\d{1,3})?$/.test(said) ? Number(said) : null
  return orders !== null && orders <= MOST_ORDERS ? orders : null
}
