import { dearestDeck } from '../server/domain/deck'
import * as street from '../server/sandbox/food-street'
import type { SeedCampaign } from '../server/store/sql/seed'
import { COUNTERS } from './payers'

/** Whose budget runs out in the run. */
export const SCARCE = 'scarce-street'

/** A run may go on over a midnight. */
const DATES = 2

/**
 * What is on at the merchants of a run. A day's decks are dealt from any merchant on (`flow/deck/deal-day.ts`), so whom a budget that doesn't reach
 * for all leaves without one is chance: with one for everybody, three of ten runs had no deck at a counter where anybody went. So the
 * case's campaign can pay for every deck at its dearest, the street's own included, and running out is tried at one of the {@link COUNTERS}
 * that are open at a time: of theirs half have a deck, one a shorter one, and the others none.
 */
export function campaignsOf(merchantCodes: readonly string[], now: number): SeedCampaign[] {
  const isScarce = (_: string, i: number) => i % COUNTERS === COUNTERS - 1
  const scarce = merchantCodes.filter(isScarce)
  const ample = merchantCodes.filter((code, i) => !isScarce(code, i))
  const campaign = street.campaign(now)
  const deckFen = dearestDeck(campaign.rule)
  const decks = ample.length + street.merchants.length
  return [
    { ...campaign, budgetFen: DATES * decks * deckFen, merchantCodes: ample },
    {
      ...campaign,
      campaignId: SCARCE,
      name: '名额有限',
      budgetFen: Math.floor((scarce.length / 2 + 1 / 4) * deckFen),
      merchantCodes: scarce,
    },
  ]
}
