import { createHmac, hash } from 'node:crypto'
import { canonical, type Plain } from './canonical'
import { commitment as commitmentOfSeed, type DeckId, deckSeed } from './deck'
import type { Rule } from './rule'

/** What a public beacon said at a moment that nobody could choose. */
export interface Pulse {
  /** the address of its chain */
  source: string
  round: number
  /** 32 bytes, hex */
  value: string
}

/** Everything that a deck is dealt by, but for its seed. */
export interface DeckTerms extends DeckId {
  /** of the campaign, as approved */
  version: number
  /** of that version, with the slots that it promises */
  rule: Rule
  /** dealt; fewer than promised where a budget ended */
  slots: number
  /** null: there was none, or it gave nothing that day */
  beacon: Pulse | null
}

/** A deck names by its commitment how seed and commitment are made; one without a tag is from before there were tags. */
const TAG = 'v2.'
const isOld = (commitment: string) => !commitment.startsWith(TAG)
/** Whether its seed follows from a secret that was committed to before, and from a beacon where there is one. */
export const bindsSecret = (commitment: string): boolean => !isOld(commitment)

/**
 * The seed of a deck: HMAC-SHA256(campaign secret, "fapai deck seed v2\n" + what names the deck and its beacon as canonical JSON).
 * 32 bytes. The secret is committed to when the campaign is approved, so a seed can't be chosen; of the beacon's pulse nobody knows then.
 */
export function seedOf(
  secret: Uint8Array,
  { campaignId, version, merchantCode, businessDate, beacon }: Omit<DeckTerms, 'rule' | 'slots'>,
): Buffer {
  const named = canonical({ campaignId, version, merchantCode, businessDate, beacon: plain(beacon) })
  return createHmac('sha256', secret).update(`fapai deck seed v2\n${named}`).digest()
}

/** `v2.` and SHA-256("fapai deck v2\n" + terms and seed as canonical JSON) in hex: it opens to one deck, and tells nothing of it. */
export function commitTo(terms: DeckTerms, seed: Uint8Array): string {
  const { campaignId, version, merchantCode, businessDate, slots, beacon } = terms
  const opening = canonical({
    ...{ campaignId, version, merchantCode, businessDate, slots },
    rule: ruleOnly(terms.rule),
    beacon: plain(beacon),
    seed: Buffer.from(seed).toString('hex'),
  })
  return TAG + hash('sha256', `fapai deck v2\n${opening}`)
}

/** {@link seedOf} and {@link commitTo} of a campaign's decks of a date. */
export interface Prover {
  seed(merchantCode: string): Buffer
  commitment(merchantCode: string, slots: number, seed: Uint8Array): string
}

/**
 * What such decks share is written once and not for each: of a hundred thousand these texts took as long as their hashes. The names stand
 * in the order that {@link canonical} gives them.
 */
export function proverOf(secret: Uint8Array, shared: Omit<DeckTerms, 'merchantCode' | 'slots'>): Prover {
  const { campaignId, version, businessDate, beacon } = shared
  const day = membersOf({ beacon: plain(beacon), businessDate, campaignId })
  const [rule, last] = [membersOf({ rule: ruleOnly(shared.rule) }), membersOf({ version })]
  const begun = (merchantCode: string) => `{${day},"merchantCode":${JSON.stringify(merchantCode)}`
  return {
    seed: (merchantCode) =>
      createHmac('sha256', secret)
        .update(`fapai deck seed v2\n${begun(merchantCode)},${last}}`)
        .digest(),
    commitment(merchantCode, slots, seed) {
      const bound = `${membersOf({ seed: Buffer.from(seed).toString('hex'), slots })},${last}`
      return TAG + hash('sha256', `fapai deck v2\n${begun(merchantCode)},${rule},${bound}}`)
    },
  }
}

/** A canonical object without its braces. */
const membersOf = (value: { readonly [name: string]: Plain }) => canonical(value).slice(1, -1)

/** The seed of a deck that was dealt, made as its commitment says. */
export function seedBy(
  commitment: string,
  secret: Uint8Array,
  deck: DeckId & { version: number; beacon: Pulse | null },
): Buffer {
  return isOld(commitment) ? deckSeed(secret, deck, deck.version) : seedOf(secret, deck)
}

/** Whether a commitment is that of the terms and the seed. An old one binds the seed alone; no other is that of a rule nobody knows. */
export function opens(
  commitment: string,
  terms: Omit<DeckTerms, 'rule'> & { rule: Rule | null },
  seed: Uint8Array,
): boolean {
  if (isOld(commitment)) return commitment === commitmentOfSeed(seed)
  const { rule } = terms
  return rule !== null && commitment === commitTo({ ...terms, rule }, seed)
}

/** `s1.` and SHA-256("fapai campaign secret v1\n" + the campaign and its secret as canonical JSON) in hex; public from its approval on. */
export function commitToSecret(campaignId: string, secret: Uint8Array): string {
  const opening = canonical({ campaignId, secret: Buffer.from(secret).toString('hex') })
  return `s1.${hash('sha256', `fapai campaign secret v1\n${opening}`)}`
}

/** Without what a stored rule might have besides. */
function ruleOnly(rule: Rule) {
  const { thresholdFen, slots, minFen, maxFen, bandMinFen, bandMaxFen, bandPercent, payerPercent } = rule
  return { thresholdFen, slots, minFen, maxFen, bandMinFen, bandMaxFen, bandPercent, payerPercent }
}

const plain = (beacon: Pulse | null) => beacon && { source: beacon.source, round: beacon.round, value: beacon.value }
