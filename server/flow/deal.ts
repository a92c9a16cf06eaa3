import { addDays, endOfBusinessDate } from '../domain/business-date'
import type { Campaign } from '../domain/campaign'
import { commitment, type DeckId, deal, deckSeed, exposure } from '../domain/deck'
import type { Clock, Ledger, Slots } from './ports'

export interface DealDeps {
  ledger: Ledger
  slots: Slots
  clock: Clock
  /** the campaign's secret, derived from a key outside the database */
  campaignSecret(campaignId: string): Uint8Array
}

/** A loaded deck outlives its business date, so that orders still unknown at midnight find their slot. */
const KEEP_DAYS = 2

/**
 * Makes a deck ready to be taken from: commits it against the budget if nobody has (I7), then loads it into the slot store
 * without the slots that orders hold. Safe to run at any time and from several processes: the ledger lets one commit, the
 * slot store lets one load, and a deck that Redis lost is the same deck again.
 */
export async function dealDeck(deps: DealDeps, campaign: Campaign, id: DeckId): Promise<'ready' | 'budget-exhausted'> {
  const dealt = await deps.ledger.deck(id)
  const version = dealt?.version ?? campaign.version
  const seed = deckSeed(deps.campaignSecret(id.campaignId), id, version)
  // A deck dealt under an earlier version of the rule stands as it was dealt; only today's rule can be dealt from.
  const amountsFen = dealt && version !== campaign.version ? dealt.amountsFen : deal(campaign.rule, seed)
  if (dealt && dealt.commitment !== commitment(seed))
    throw new Error(`deck ${id.campaignId}/${id.merchantCode}/${id.businessDate} doesn't follow from its seed`)
  if (!dealt) {
    const deck = { ...id, version, commitment: commitment(seed), amountsFen, dealtAt: deps.clock.now() }
    const result = await deps.ledger.commitDeck(deck, exposure(amountsFen))
    if (result === 'budget-exhausted') return result
  }
  const used = await deps.ledger.usedSlots(id)
  await deps.slots.load(id, amountsFen, used, endOfBusinessDate(addDays(id.businessDate, KEEP_DAYS)))
  return 'ready'
}
