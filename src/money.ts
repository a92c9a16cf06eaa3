/** `123456` fen → `"1,234.56"`: always two decimals, thousands grouped. Integer arithmetic only. */
export function yuan(fen: number): string {
  const abs = Math.abs(fen)
  const whole = String((abs - (abs % 100)) / 100).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return `${fen < 0 ? '-' : ''}${whole}.${String(abs % 100).padStart(2, '0')}`
}

/** `50` fen → `"0.5"`, `500` → `"5"`: as in a sentence, without decimals that say nothing. */
export function plainYuan(fen: number): string {
  return yuan(fen)
    .replace(/\.00$/, '')
    .replace(/(\.\d)0$/, '$1')
}

/** The most that a quote debits, fen: all of the amount where the discount isn't told yet. */
export function mostFen(quote: { amountFen: number; payableFen: number | null }): number {
  return quote.payableFen ?? quote.amountFen
}
