import { createHash } from 'node:crypto'
import type { Random } from '../ports'

/** A binding code: what it is made of, and what is kept of it. */

/** Digits and letters that nobody mistakes for one another, on paper or by telephone: no 0 O, no 1 I L. */
export const CODE_LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
/** 31⁸ ≈ 8.5 × 10¹¹: with ten guesses an hour, a code that lives for minutes isn't found. */
export const CODE_LENGTH = 8
/** What is told beside a card: 31⁴ ≈ 920,000, five tries a card. Who photographed 300 of them finds one in 600 such sheets. */
export const WORD_LENGTH = 4
/** Long enough for a telephone call, short enough that a note found later is worth nothing. */
export const CODE_LIFE_MS = 15 * 60_000

/** Small letters, those of full width, spaces and dashes are as good. */
const typedOf = (code: string) => code.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '')

export function hashOfCode(code: string): string {
  return createHash('sha256').update(typedOf(code)).digest('hex')
}

/** The hash of the card that a code begins with; undefined: it is as long as no card's. */
export function hashOfCard(code: string): string | undefined {
  const typed = typedOf(code)
  return typed.length === CODE_LENGTH + WORD_LENGTH ? hashOfCode(typed.slice(0, CODE_LENGTH)) : undefined
}

/** Each character equally likely: a byte above the last whole multiple of the alphabet is thrown away. */
export function newCode(random: Random, length = CODE_LENGTH): string {
  const fair = 256 - (256 % CODE_LETTERS.length)
  let code = ''
  while (code.length < length)
    for (const byte of random(length))
      if (byte < fair && code.length < length) code += CODE_LETTERS[byte % CODE_LETTERS.length]
  return code
}
