/** `123456` fen → `"1,234.56"`: always two decimals, thousands grouped. Integer arithmetic only. */
export function yuan(fen: number): string {
  const abs = Math.abs(fen)
  const whole = String((abs - (abs % 100)) / 100).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return `${fen < 0 ? '-' : ''}${whole}.${String(abs % 100).padStart(2, '0')}`
}
