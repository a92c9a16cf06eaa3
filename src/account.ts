import { halfWidth } from './half-width'

/** The number of a card or account as a person types it: groups of four digits. */

/** `"6222 0200-12"` → `"6222020012"`; at most 32 digits, the contract's bound. */
export function digitsOf(text: string, most = 32): string {
  return halfWidth(text).replace(/\D/g, '').slice(0, most)
}

/** The number of a mobile telephone, without the country that is pasted or filled in before it. */
export const mobileOf = (text: string): string => digitsOf(halfWidth(text).replace(/^\s*\+86/, ''), 15)

/** `"6222020012"` → `"6222 0200 12"` */
export function grouped(digits: string): string {
  return digits.replace(/(\d{4})(?=\d)/g, '$1 ')
}

/**
 * False for a number with the length of a card (16–19 digits) whose check digit doesn't fit (ISO/IEC 7812, Luhn): most likely a slip.
 * Accounts of passbooks have no such digit, so it's a hint and never a refusal.
 */
export function fitsCard(digits: string): boolean {
  if (digits.length < 16 || digits.length > 19) return true
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
