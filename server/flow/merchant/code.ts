import { createHash } from 'node:crypto'
import type { Random } from '../ports'

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

/** Each character equally likely: a byte above the last whole multiple of the alphabet is thrown away. */
export function newCode(random: Random): string {
  const fair = 256 - (256 % CODE_LETTERS.length)
  let code = ''
  while (code.length < CODE_LENGTH)
    for (const byte of random(CODE_LENGTH))
      if (byte < fair && code.length < CODE_LENGTH) code += CODE_LETTERS[byte % CODE_LETTERS.length]
  return code
}
