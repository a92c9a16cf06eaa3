import type { CampaignSecretView, DeckView } from '@contract'
import { yuan } from '../../money'
import { SHA_256 } from '../../sentences'
import { dealFrom, promisedInBand, seedBytes } from './deal'
import { commitmentOf, isOld, secretCommitment, seedFrom } from './opening'

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

/** What a payer was told with their card, as the link from their receipt brings it. */
export interface Told {
  commitment: string
  /** counted from 1 */
  slotNumber: number
  discountFen: number
}

/** Of a faulty rule nothing can be dealt, and trying might not end. */
function isDealable(rule: DeckView['rule']): boolean {
  const { minFen, bandMinFen, bandMaxFen, maxFen, slots, bandPercent } = rule
  const ordered = minFen >= 1 && minFen <= bandMinFen && bandMinFen <= bandMaxFen && bandMaxFen <= maxFen
  return ordered && maxFen <= 65_535 && slots >= 1 && slots <= 1_000 && bandPercent >= 0 && bandPercent <= 100
}

/**
 * Proves a deck from what is published of it and nothing else, in the reader's own browser; a payer's card with it, and once the
 * campaign's secret is published, that the seed wasn't chosen.
 */
export function prove(deck: Revealed, told: Told | null, secrets: CampaignSecretView | null): Proof {
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
  const checks = [
    committed(deck, seed),
    same(deck, shouldBeFen),
    inBand(deck),
    inBounds(deck),
    ...(told ? [card(deck, dealt, told)] : []),
    ...derived(deck, secrets),
  ]
  return { holds: checks.every((check) => check.holds), checks, shouldBeFen }
}

function committed(deck: Revealed, seed: Uint8Array): Check {
  const { commitment } = deck
  const holds = commitmentOf(deck, seed) === commitment
  const what = isOld(commitment) ? '种子' : '活动、版本、规则、份数、日期、商户和种子合在一起'
  const text = `${what}的 ${SHA_256} ${holds ? '就是' : '不是'}发牌时公布的承诺值`
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

function inBounds({ rule, wantedSlots, amountsFen }: Revealed): Check {
  const bounded = amountsFen.every((fen) => fen >= rule.minFen && fen <= rule.maxFen)
  const few = rule.slots <= wantedSlots
  const much = few ? '' : `；规则只有 ${wantedSlots} 份，这里有 ${rule.slots} 份`
  const text = `${bounded ? '每份都' : '有的不'}在 ¥${yuan(rule.minFen)}–¥${yuan(rule.maxFen)} 之间${much}`
  return { holds: bounded && few, title: '上下限', text }
}

/** The payer's own: told of this deck before it was revealed, and the card that lies there. */
function card({ commitment }: Revealed, dealt: number[], told: Told): Check {
  const { slotNumber, discountFen } = told
  const isDeck = told.commitment === commitment
  const due = dealt[slotNumber - 1]
  const isCard = due === discountFen
  const texts = [
    isDeck ? '付款时告诉您的承诺值就是这副牌的' : '付款时告诉您的承诺值不是这副牌的',
    isCard
      ? `第 ${slotNumber} 份正是您享受的 ¥${yuan(discountFen)}`
      : `第 ${slotNumber} 份按种子应${due === undefined ? '没有这一份' : `为 ¥${yuan(due)}`}，您享受的是 ¥${yuan(discountFen)}`,
  ]
  return { holds: isDeck && isCard, title: '您的这一份', text: texts.join('；') }
}

/** Nothing to say while the campaign goes on. */
function derived(deck: Revealed, secrets: CampaignSecretView | null): Check[] {
  const known = secrets?.versions.find((one) => one.version === deck.version)
  const secret = known?.secret ? seedBytes(known.secret) : undefined
  if (!secrets || !known || !secret) return []
  const isSecret = secretCommitment(deck, secret) === known.commitment
  const isSeed = seedFrom(secret, deck) === deck.seed
  const text = !isSecret
    ? '公布的活动密钥与活动批准时公布的承诺值不同'
    : isSeed
      ? '种子由活动批准时就已承诺的密钥推出，没有挑选过'
      : '种子不是由活动密钥推出的'
  return [{ holds: isSecret && isSeed, title: '种子来历', text }]
}
