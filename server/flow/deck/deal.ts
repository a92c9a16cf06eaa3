import { addDays, endOfBusinessDate } from '../../domain/business-date'
import type { Campaign } from '../../domain/campaign'
import { commitment, type DeckId, deal, dealWithin, deckSeed, exposure } from '../../domain/deck'
import type { DeckKeys } from '../../domain/key-ring'
import type { Rule } from '../../domain/rule'
import {
  type BudgetOf,
  type Clock,
  type CommitResult,
  type DealtDeck,
  type Decks,
  isTrusted,
  type Ledger,
  type Shortage,
  type ShortDeck,
  type Slots,
} from '../ports'

export interface DealDeps extends DeckKeys {
  ledger: Ledger
  decks: Decks
  slots: Slots
  clock: Clock
}

/** A loaded deck outlives its business date, so that orders still unknown at midnight find their slot. */
const KEEP_DAYS = 2
export const forgottenAt = (date: string): number => endOfBusinessDate(addDays(date, KEEP_DAYS))

/**
 * Makes a deck ready to be taken from: commits it against the budgets if nobody has (I7), then loads it into the slot store
 * without the slots that orders hold. Where the budgets don't cover all of it, the largest deck is dealt that they cover, and
 * what is missing is recorded. Safe to run at any time and from several processes: the ledger lets one commit, the slot
 * store lets one load, a deck that Redis lost is the same deck again, and one that was dealt never changes.
 * @throws Error when the stored deck isn't the one that its seed deals: nobody may be paid from it; or when none is stored and
 * the clock is doubtful
 */
export async function dealDeck(deps: DealDeps, campaign: Campaign, id: DeckId): Promise<'ready' | 'budget-exhausted'> {
  const dealt = await deps.ledger.deck(id)
  if (!dealt && !isTrusted(deps.clock)) throw new Error(`no deck is dealt for ${id.businessDate}: the clocks disagree`)
  const deck = dealt ?? (await commitDeck(deps, campaign, id))
  if ('kind' in deck) {
    await deps.decks.noteShortages([shortageOf(deps, campaign, id, deck.by)])
    return deck.kind
  }
  if (!(await follows(deps, campaign, deck)))
    throw new Error(`deck ${id.campaignId}/${id.merchantCode}/${id.businessDate} doesn't follow from its seed`)
  const used = await deps.ledger.usedSlots(id)
  await deps.slots.load(id, deck.amountsFen, used, forgottenAt(id.businessDate))
  return 'ready'
}

/** A whole deck as the campaign's rule deals it now, not yet committed. */
export function newDeck(deps: DeckKeys & { clock: Clock }, campaign: Campaign, id: DeckId): DealtDeck {
  const seed = deckSeed(deps.campaignSecret(id.campaignId)!, id, campaign.version)
  const { version, rule } = campaign
  const [keyId, dealtAt] = [deps.deckKeyId, deps.clock.now()]
  return { ...id, version, commitment: commitment(seed), amountsFen: deal(rule, seed), dealtAt, keyId }
}

export type Exhausted = Extract<CommitResult, { kind: 'budget-exhausted' }>

/**
 * Commits the deck whole, or else as large as the budgets let it be. The deck as it was committed, by us or by another
 * process in this instant, perhaps under a newer version of the rule: that is the one that counts.
 */
export async function commitDeck(deps: DealDeps, campaign: Campaign, id: DeckId): Promise<DealtDeck | Exhausted> {
  const seed = deckSeed(deps.campaignSecret(id.campaignId)!, id, campaign.version)
  let deck = newDeck(deps, campaign, id)
  let short: ShortDeck | undefined
  // Each turn deals fewer cards, so it ends however many others draw on the same budget.
  for (;;) {
    const result = await deps.ledger.commitDeck(deck, exposure(deck.amountsFen), short)
    if (result.kind === 'committed') return deck
    if (result.kind === 'already-committed') return (await deps.ledger.deck(id))!
    const amountsFen = dealWithin(campaign.rule, seed, result.remainingFen, deck.amountsFen.length)
    if (!amountsFen) return result
    deck = { ...deck, amountsFen }
    short = { wantedSlots: campaign.rule.slots, by: result.by }
  }
}

/** What is to be recorded of a merchant without a deck. */
export function shortageOf(deps: { clock: Clock }, campaign: Campaign, id: DeckId, by: BudgetOf): Shortage {
  const { campaignId, merchantCode, businessDate } = id
  const wantedSlots = campaign.rule.slots
  return { campaignId, merchantCode, businessDate, wantedSlots, dealtSlots: 0, by, notedAt: deps.clock.now() }
}

/** Whether the stored deck is what its seed deals by the rule of its version. Where that was never kept, the seed must do. */
async function follows(deps: DealDeps, campaign: Campaign, deck: DealtDeck): Promise<boolean> {
  const secret = deps.campaignSecret(deck.campaignId, deck.keyId)
  if (!secret) return false
  const seed = deckSeed(secret, deck, deck.version)
  if (deck.commitment !== commitment(seed)) return false
  const rule =
    deck.version === campaign.version ? campaign.rule : await deps.decks.ruleOf(deck.campaignId, deck.version)
  return !rule || isDealtBy(rule, seed, deck.amountsFen)
}

/** True for the cards that the seed deals by the rule, or by the same rule for fewer slots. */
export function isDealtBy(rule: Rule, seed: Uint8Array, amountsFen: readonly number[]): boolean {
  const slots = amountsFen.length
  return slots > 0 && slots <= rule.slots && String(deal({ ...rule, slots }, seed)) === String(amountsFen)
}
