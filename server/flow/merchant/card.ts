import { createHmac } from 'node:crypto'
import type { CardsEffect, CardsWanted, Random } from '../ports'
import { CODE_LENGTH, hashOfCode, newCode, WORD_LENGTH } from './code'

/**
 * A binding card (绑定卡) is printed with a shop's poster and is good for days. It is half of a code: the other half, the word (激活码), is told to
 * the shop by the one who approved, when they know whom they speak to. So a sheet that was photographed, and whoever printed it, give
 * nobody a shop. Both halves of all merchants come from two seeds, of which one operator sees the first's cards and the other the second's words.
 */

/** A food street is walked along in a week; two are the most that a card may lie about. */
export const CARD_DAYS = { usual: 7, most: 14 }
/** Sheets that a printer takes at once, and a review that a person can read. */
export const MOST_CARDS = 500

const DAY_MS = 86_400_000

export const cardOf = (seed: string, merchantCode: string) => newCode(stream(seed, `card ${merchantCode}`), CODE_LENGTH)
export const wordOf = (seed: string, merchantCode: string) => newCode(stream(seed, `word ${merchantCode}`), WORD_LENGTH)

export function cardsEffect(first: string, second: string, { days, merchantCodes }: CardsWanted): CardsEffect {
  const cards = merchantCodes.map((merchantCode) => {
    const card = cardOf(first, merchantCode)
    return { merchantCode, cardHash: hashOfCode(card), codeHash: hashOfCode(card + wordOf(second, merchantCode)) }
  })
  return { cards, lifeMs: days * DAY_MS }
}

/** Bytes that nobody has without the seed. */
function stream(seed: string, purpose: string): Random {
  let block = 0
  return (bytes) => createHmac('sha256', seed).update(`${purpose} ${block++}`).digest().subarray(0, bytes)
}
