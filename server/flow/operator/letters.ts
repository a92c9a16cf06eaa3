import type { Random } from '../ports'

/** No letters that look like another one, small only; 32 of them, so that each is 5 bits of a byte without bias. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'

/** 16 letters in fours, 80 bits: read out over the telephone or written down, used once. */
export function letters(random: Random): string {
  const all = Array.from(random(16), (byte) => LETTERS[byte % LETTERS.length])
  return all.join('').replace(/.{4}(?=.)/g, '$&-')
}

/** Whether it may be such, as {@link letters} without their hyphens. */
export const isLetters = (text: string) => text.length === 16 && [...text].every((one) => LETTERS.includes(one))
