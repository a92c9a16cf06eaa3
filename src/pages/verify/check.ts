import type { DeckView } from '@contract'
import { yuan } from '../../money'
import { dealFrom, promisedInBand, seedBytes, sha256Hex } from './deal'

export interface Check {
  holds: boolean
  title: string
  /** what was found, in words */
  text: string
}

export interface Proof {
  holds: boolean
  checks: Check[]
  /** by slot, from 0: what the seed deals there, where that is another card; null: no card at all */
  shouldBeFen: Map<number, number | null>
}

/** A deck whose day is over. */
export type Revealed = DeckView & { seed: string; amountsFen: number[] }

/** Of a faulty rule nothing can be dealt, and trying might not end. */
function isDealable(rule: DeckView['rule']): boolean {
  const { minFen, bandMinFen, bandMaxFen, maxFen, slots, bandPercent } = rule
  const ordered = minFen >= 1 && minFen <= bandMinFen && bandMinFen <= bandMaxFen && bandMaxFen <= maxFen
  return ordered && maxFen <= 65_535 && slots >= 1 && slots <= 1_000 && bandPercent >= 0 && bandPercent <= 100
}

/** Proves a deck from what is published of it and nothing else, in the reader's own browser. */
export function prove(deck: Revealed): Proof {
  const { rule, amountsFen } = deck
  const seed = seedBytes(deck.seed)
  if (!seed || !isDealable(rule)) {
    const text = '公布的种子或规则不完整，无法重新发牌'
    return { holds: false, checks: [{ holds: false, title: '种子和规则', text }], shouldBeFen: new Map() }
  }
  const dealt = dealFrom(rule, seed)
  const shouldBeFen = new Map<number, number | null>()
  for (let slot = 0; slot < Math.max(dealt.length, amountsFen.length); slot++)
    if (dealt[slot] !== amountsFen[slot]) shouldBeFen.set(slot, dealt[slot] ?? null)
  const checks = [committed(deck, seed), same(deck, shouldBeFen), inBand(deck), inBounds(deck)]
  return { holds: checks.every((check) => check.holds), checks, shouldBeFen }
}

function committed({ commitment }: Revealed, seed: Uint8Array): Check {
  const holds = sha256Hex(seed) === commitment
  const text = holds ? '种子的 SHA-256 就是发牌时公布的承诺值' : '种子的 SHA-256 与发牌时公布的承诺值不同'
  return { holds, title: '承诺值', text }
}

function same({ rule, amountsFen }: Revealed, shouldBeFen: Proof['shouldBeFen']): Check {
  const holds = shouldBeFen.size === 0
  const card = ([slot, fen]: [number, number | null]) => {
    const published = amountsFen[slot]
    const is = published === undefined ? '没有公布' : `公布的是 ¥${yuan(published)}`
    return `第 ${slot + 1} 份${is}，按种子应${fen === null ? '没有这一份' : `为 ¥${yuan(fen)}`}`
  }
  const text = holds ? `${rule.slots} 份金额都能由种子重新发出` : [...shouldBeFen].map(card).join('；')
  return { holds, title: '金额', text }
}

function inBand({ rule, amountsFen }: Revealed): Check {
  const found = amountsFen.filter((fen) => fen >= rule.bandMinFen && fen <= rule.bandMaxFen).length
  const promised = promisedInBand(rule)
  const text = `${found} 份在 ¥${yuan(rule.bandMinFen)}–¥${yuan(rule.bandMaxFen)} 之间，承诺至少 ${promised} 份`
  return { holds: found >= promised, title: '区间', text }
}

function inBounds({ rule, amountsFen }: Revealed): Check {
  const holds = amountsFen.every((fen) => fen >= rule.minFen && fen <= rule.maxFen)
  const text = `${holds ? '每份都' : '有的不'}在 ¥${yuan(rule.minFen)}–¥${yuan(rule.maxFen)} 之间`
  return { holds, title: '上下限', text }
}
