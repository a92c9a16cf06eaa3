import { createHmac } from 'node:crypto'
import type { Rule } from '../../server/domain/rule'

/**
 * A second dealer, written from the description in docs and not from `deck.ts`: whole arrays and big integers where the
 * other has a cursor and arithmetic. An auditor who re-deals a published seed would write something like it.
 * Also tells how many words of the stream were rejected, so a test knows that it met the rare case.
 */
export function referenceDeck(rule: Rule, seed: Uint8Array): { amounts: number[]; rejected: number } {
  const stream = wordsOf(seed)
  let rejected = 0
  const draw = (choices: number): number => {
    const size = BigInt(choices)
    for (;;) {
      const word = stream.next().value as bigint
      const run = word / size
      // Accepted only when its run of `choices` words lies wholly below 2^32.
      if ((run + 1n) * size <= 1n << 32n) return Number(word - run * size)
      rejected++
    }
  }

  const all = span(rule.minFen, rule.maxFen)
  const inside = span(rule.bandMinFen, rule.bandMaxFen)
  const outside = all.filter((fen) => fen < rule.bandMinFen || fen > rule.bandMaxFen)
  const inBand = outside.length === 0 ? rule.slots : Number((BigInt(rule.bandPercent * rule.slots) + 99n) / 100n)

  const sorted = span(1, rule.slots).map((nth) => {
    const choices = nth <= inBand ? inside : outside
    return choices[draw(choices.length)]!
  })
  // Fisher–Yates: the last place first, each filled by one of the cards not placed yet.
  const amounts: number[] = []
  while (sorted.length > 1) {
    const chosen = draw(sorted.length)
    const last = sorted.pop()!
    amounts.unshift(chosen === sorted.length ? last : sorted.splice(chosen, 1, last)[0]!)
  }
  return { amounts: [...sorted, ...amounts], rejected }
}

const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** HMAC-SHA256(seed, 0), HMAC-SHA256(seed, 1), … with the counter in four bytes, cut into 32-bit big-endian words. */
function* wordsOf(seed: Uint8Array): Generator<bigint> {
  for (let counter = 0; ; counter++) {
    const message = Buffer.from(counter.toString(16).padStart(8, '0'), 'hex')
    const block = createHmac('sha256', seed).update(message).digest('hex')
    for (const word of block.match(/.{8}/g)!) yield BigInt(`0x${word}`)
  }
}
