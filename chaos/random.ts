import { createHash } from 'node:crypto'

/** Whole numbers that follow from their names alone, so that a printed seed replays what was drawn from it. */
export interface Rng {
  /** uniform over 0 … bound − 1; the modulo's bias, under one in 10⁵ here, doesn't matter to a fault */
  below(bound: number): number
  /** both ends included */
  between(min: number, max: number): number
  /** true so many times in a hundred */
  chance(percent: number): boolean
  pick<T>(list: readonly T[]): T
  shuffled<T>(list: readonly T[]): T[]
}

/** SHA-256 of the names and a counter, read as 32-bit words. The same names give the same numbers; others, others. */
export function rng(...names: (string | number)[]): Rng {
  const name = names.join('|')
  let block = Buffer.alloc(0)
  let counter = 0
  let offset = 0
  const word = () => {
    if (offset === block.length) {
      block = createHash('sha256').update(`${name}|${counter++}`).digest()
      offset = 0
    }
    offset += 4
    return block.readUInt32BE(offset - 4)
  }
  const below = (bound: number) => word() % bound
  return {
    below,
    between: (min, max) => min + below(max - min + 1),
    chance: (percent) => below(100) < percent,
    pick: (list) => list[below(list.length)]!,
    shuffled(list) {
      const all = [...list]
      for (let i = all.length - 1; i > 0; i--) {
        const j = below(i + 1)
        const held = all[i]!
        all[i] = all[j]!
        all[j] = held
      }
      return all
    },
  }
}
