import { addDays, endOfBusinessDate } from '../domain/business-date'
import type { Campaign } from '../domain/campaign'
import { commitment, type DeckId, deal, deckSeed, exposure } from '../domain/deck'
import type { Clock, DealtDeck, Ledger, Slots } from './ports'

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
 * @throws Error when the stored deck isn't the one that its seed deals: nobody may be paid from it
 */
export async function dealDeck(deps: DealDeps, campaign: Campaign, id: DeckId): Promise<'ready' | 'budget-exhausted'> {
  const seedOf = (version: number) => deckSeed(deps.campaignSecret(id.campaignId), id, version)
  const dealt = await deps.ledger.deck(id)
  if (dealt && !follows(dealt, campaign, seedOf(dealt.version)))
    throw new Error(`deck ${id.campaignId}/${id.merchantCode}/${id.businessDate} doesn't follow from its seed`)
  const amountsFen = dealt?.amountsFen ?? deal(campaign.rule, seedOf(campaign.version))
  if (!dealt) {
    const { version } = campaign
    const deck = { ...id, version, commitment: commitment(seedOf(version)), amountsFen, dealtAt: deps.clock.now() }
    const result = await deps.ledger.commitDeck(deck, exposure(amountsFen))
    if (result === 'budget-exhausted') return result
    // Another process dealt it in this instant, perhaps under a newer version of the rule: its deck is the one that counts.
    if (result === 'already-committed') return dealDeck(deps, campaign, id)
  }
  const used = await deps.ledger.usedSlots(id)
  await deps.slots.load(id, amountsFen, used, endOfBusinessDate(addDays(id.businessDate, KEEP_DAYS)))
  return 'ready'
}

/** A deck dealt under an earlier version stands as it was dealt; only today's rule can be dealt from again to compare. */
function follows(dealt: DealtDeck, campaign: Campaign, seed: Uint8Array): boolean {
  if (dealt.commitment !== commitment(seed)) return false
  return dealt.version !== campaign.version || String(deal(campaign.rule, seed)) === String(dealt.amountsFen)
}
