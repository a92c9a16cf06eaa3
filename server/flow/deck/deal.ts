import { addDays, businessDate, endOfBusinessDate } from '../../domain/business-date'
import type { Campaign } from '../../domain/campaign'
import { type DeckId, dearestDeck } from '../../domain/deck'
import { countOf } from '../../domain/deck-seal'
import {
  type BudgetOf,
  type Clock,
  type CommitResult,
  type DealtDeck,
  isTrusted,
  type Ledger,
  type Shortage,
  type ShortDeck,
  type Slots,
} from '../ports'
import { noteCompared, trust } from './cards'
import { type Dealer, type DealerDeps, dealerOf } from './dealer'
import { type TeachDeps, teachUsed } from './teach'

export interface DealDeps extends DealerDeps {
  ledger: Ledger
  slots: Slots
}

/** `waiting`: the budgets don't cover it now and may soon */
export type Readiness = 'ready' | 'budget-exhausted' | 'waiting'

/** A loaded deck outlives its business date, so that orders still unknown at midnight find their slot. */
const KEEP_DAYS = 2
export const forgottenAt = (date: string): number => endOfBusinessDate(addDays(date, KEEP_DAYS))

/**
 * Makes a deck ready to be taken from: commits it against the budgets if nobody has (I7), then loads it into the slot store
 * without the slots that orders hold, and lets this process pay from its cards. Where the budgets don't cover all of it, the largest deck is dealt that they cover, and
 * what is missing is recorded; but nobody goes short of money that is yet to come back: that is `waiting`. Safe to run at any time and from several processes: the ledger lets one commit, the slot
 * store lets one load, a deck that Redis lost is the same deck again, one of which it lost
 * orders is taught them, and one that was dealt never changes.
 * @throws Error when the stored deck isn't the one that its seed deals: nobody may be paid from it; or when none is stored and
 * the clock is doubtful
 */
export async function dealDeck(deps: DealDeps & TeachDeps, campaign: Campaign, id: DeckId): Promise<Readiness> {
  const dealt = await deps.ledger.deck(id)
  if (!dealt && !isTrusted(deps.clock)) throw new Error(`no deck is dealt for ${id.businessDate}: the clocks disagree`)
  const deck = dealt ?? (await commitDeck(deps, await dealerOf(deps, campaign, id.businessDate), campaign, id))
  if ('kind' in deck) {
    if (deck.kind === 'waiting') return deck.kind
    await deps.decks.noteShortages([shortageOf(deps, campaign, id, deck.by)])
    return deck.kind
  }
  const connection = deps.slots.connection()
  await trust(deps, campaign, deck)
  const used = await deps.ledger.usedSlots(id)
  const loaded = await deps.slots.load(id, countOf(deck.cards), used, forgottenAt(id.businessDate))
  if (loaded === 'already-loaded') await teachUsed(deps, id, used)
  noteCompared(deps.ledger, id, connection)
  return 'ready'
}

export type Exhausted = Extract<CommitResult, { kind: 'budget-exhausted' }>

/**
 * Whether a deck that the budgets don't cover may be covered later without anybody's doing: the day it is for hasn't begun, so
 * that the one before could still give money back, or has begun and not all has come back (docs/decisions/0054).
 */
export async function mayComeBack(
  { decks, clock }: Pick<DealDeps, 'decks' | 'clock'>,
  { campaignId, businessDate: date }: Omit<DeckId, 'merchantCode'>,
): Promise<boolean> {
  return date > businessDate(clock.now()) || (await decks.returning(campaignId, date))
}

/**
 * Commits the deck whole, or else, once nothing more comes back, as large as the budgets let it be. The deck as it was committed, by
 * us or by another process in this instant, perhaps under a newer version of the rule: that is the one that counts.
 */
export async function commitDeck(
  deps: DealDeps,
  dealer: Dealer,
  campaign: Campaign,
  id: DeckId,
): Promise<DealtDeck | Exhausted | { kind: 'waiting' }> {
  let deck = dealer.whole(id)
  let short: ShortDeck | undefined
  let allBack = false
  // Each turn but one deals fewer cards, so it ends however many others draw on the same budget.
  for (;;) {
    const slots = countOf(deck.cards)
    const result = await deps.ledger.commitDeck(deck, dearestDeck({ ...campaign.rule, slots }), short)
    if (result.kind === 'committed') return deck
    if (result.kind === 'already-committed') return (await deps.ledger.deck(id))!
    // Of a day's own budget nothing ever comes back.
    if (!allBack && result.by !== 'day') {
      if (await mayComeBack(deps, id)) return { kind: 'waiting' }
      // Some of it may have come between our asking for a whole deck and now: so whole once more.
      allBack = true
      continue
    }
    const shorter = dealer.within(id, result.remainingFen, slots - 1)
    if (!shorter) return result
    deck = shorter
    short = { wantedSlots: campaign.rule.slots, by: result.by }
  }
}

/** What is to be recorded of a merchant without a deck. */
export function shortageOf(deps: { clock: Clock }, campaign: Campaign, id: DeckId, by: BudgetOf): Shortage {
  const { campaignId, merchantCode, businessDate } = id
  const wantedSlots = campaign.rule.slots
  return { campaignId, merchantCode, businessDate, wantedSlots, dealtSlots: 0, by, notedAt: deps.clock.now() }
}
