import { createHash } from 'node:crypto'

/** A binding code: what it is made of, and what is kept of it. */

/** Digits and letters that nobody mistakes for one another, on paper or by telephone: no 0 O, no 1 I L. */
export const CODE_LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
/** 31⁸ ≈ 8.5 × 10¹¹: with ten guesses an hour, a code that lives for minutes isn't found. */
export const CODE_LENGTH = 8
/** Long enough for a telephone call, short enough that a note found later is worth nothing. */
export const CODE_LIFE_MS = 15 * 60_000

/** Small letters, spaces and dashes are as good. */
export function hashOfCode(code: string): string {
  const typed = code.toUpperCase().replace(/[\s-]/g, '')
  return createHash('sha256').update(typed).digest('hex')
}
