import type { Campaign } from '../../domain/campaign'
import { type DeckId, deal } from '../../domain/deck'
import { opens, seedBy } from '../../domain/deck-proof'
import { openCards } from '../../domain/deck-seal'
import type { DeckKeys } from '../../domain/key-ring'
import type { Rule } from '../../domain/rule'
import type { DealtDeck, Decks, Ledger } from '../ports'

export interface TrustDeps extends Pick<DeckKeys, 'campaignSecret'> {
  ledger: Ledger
  decks: Pick<Decks, 'ruleOf'>
}

/** A deck from whose cards one may be paid. */
export interface TrustedDeck {
  /** what payers are told of it */
  commitment: string
  /** of each slot */
  amountsFen: Uint16Array
  /** on which connection the slot store's deck was last held against the ledger */
  comparedOn?: number | undefined
}

/** Decks, of which twenty cards, a commitment and a name are some 300 bytes; the oldest leaves, and is opened again. */
const MAX_REMEMBERED = 100_000
/** By ledger, and so one a process: a deck that was dealt never changes. */
const memories = new WeakMap<Ledger, Map<string, TrustedDeck>>()
const keyOf = (id: DeckId) => [id.campaignId, id.merchantCode, id.businessDate].join('|')

/** A deck that {@link trust} has looked at in this process; undefined: none. */
export function trustedDeck(ledger: Ledger, id: DeckId): TrustedDeck | undefined {
  return memories.get(ledger)?.get(keyOf(id))
}

/** The slot store's deck has been held against the ledger, on this connection; undefined: it missed something since. */
export function noteCompared(ledger: Ledger, id: DeckId, connection: number | undefined): void {
  const deck = trustedDeck(ledger, id)
  if (deck) deck.comparedOn = connection
}

/**
 * Opens a dealt deck, holds it against its seed, and remembers it.
 * @throws Error when it isn't the one that its seed deals, or its seal doesn't open: nobody may be paid from it
 */
export async function trust(deps: TrustDeps, campaign: Campaign, deck: DealtDeck): Promise<void> {
  const amountsFen = amountsOf(deps, deck)
  const named = `deck ${deck.campaignId}/${deck.merchantCode}/${deck.businessDate}`
  if (!amountsFen) throw new Error(`${named}: its seal doesn't open under key ${deck.keyId}`)
  if (!(await follows(deps, campaign, deck, amountsFen))) throw new Error(`${named} doesn't follow from its seed`)
  const memory = memories.get(deps.ledger) ?? new Map<string, TrustedDeck>()
  memories.set(deps.ledger, memory)
  memory.set(keyOf(deck), { commitment: deck.commitment, amountsFen: Uint16Array.from(amountsFen) })
  if (memory.size > MAX_REMEMBERED) memory.delete(memory.keys().next().value!)
}

/** What lies in a deck, fen; undefined: its seal is another deck's, was changed, or is of a key that is none of ours. */
export function amountsOf({ campaignSecret }: Pick<DeckKeys, 'campaignSecret'>, deck: DealtDeck) {
  return openCards(campaignSecret(deck.campaignId, deck.keyId), deck, deck.cards)
}

/** Whether the cards are what the deck's seed deals by the rule of its version. Where that was never kept, the seed must do. */
async function follows(
  { campaignSecret, decks }: TrustDeps,
  campaign: Campaign,
  deck: DealtDeck,
  amountsFen: readonly number[],
): Promise<boolean> {
  const secret = campaignSecret(deck.campaignId, deck.keyId)
  if (!secret) return false
  const beacon = deck.beacon ?? null
  const seed = seedBy(deck.commitment, secret, { ...deck, beacon })
  const rule = deck.version === campaign.version ? campaign.rule : await decks.ruleOf(deck.campaignId, deck.version)
  const terms = { ...deck, beacon, rule: rule ?? null, slots: amountsFen.length }
  return opens(deck.commitment, terms, seed) && (!rule || isDealtBy(rule, seed, amountsFen))
}

/** True for the cards that the seed deals by the rule, or by the same rule for fewer slots. */
function isDealtBy(rule: Rule, seed: Uint8Array, amountsFen: readonly number[]): boolean {
  const slots = amountsFen.length
  return slots > 0 && slots <= rule.slots && String(deal({ ...rule, slots }, seed)) === String(amountsFen)
}
