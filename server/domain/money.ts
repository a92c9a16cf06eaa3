/** Money is integer fen everywhere; yuan exists only where a person reads it. */

/** True for a safe integer number of fen, zero or more. */
export function isFen(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** `123456` fen → `"1,234.56"`; always two decimals, sign kept. Integer arithmetic only. */
export function formatYuan(fen: number): string {
  if (!Number.isSafeInteger(fen)) throw new TypeError(`not an integer amount of fen: ${fen}`)
  const abs = Math.abs(fen)
  const yuan = String((abs - (abs % 100)) / 100).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return `${fen < 0 ? '-' : ''}${yuan}.${String(abs % 100).padStart(2, '0')}`
}

/** `1000` → `"10"`, `950` → `"9.5"`: yuan as a headline says it, without trailing zeros. */
export function plainYuan(fen: number): string {
  return formatYuan(fen)
    .replaceAll(',', '')
    .replace(/\.?0+$/, '')
}

export interface Split {
  payerFen: number
  merchantFen: number
}

/**
 * Splits a discount between payer and merchant (I3): the two shares sum to the discount and the odd fen goes to the payer.
 * @param payerPercent whole percent of the discount that is the payer's, 0–100
 */
export function splitDiscount(discountFen: number, payerPercent: number): Split {
  const merchantFen = Math.floor((discountFen * (100 - payerPercent)) / 100)
  return { payerFen: discountFen - merchantFen, merchantFen }
}
