import type { DeckId } from '../../domain/deck'
import type { Slots } from '../ports'

/**
 * How much is held unpaid, as this process sees it: every take tells how it stands at its deck, whoever holds it, so nobody is asked for
 * it. A deck that no take here was of for the length of a lease counts as not held: what was leased there has ended, or is
 * renewed through another process, which sees it.
 */

/** Cards held unpaid, of those that no order has. */
export interface HeldShare {
  held: number
  untaken: number
}

/** More than `percent` of what is left, and no fewer than `least`. */
export interface Unusual {
  percent: number
  least: number
}

export function isUnusual({ held, untaken }: HeldShare, { percent, least }: Unusual): boolean {
  return held >= least && held * 100 > percent * untaken
}

/** Merchants of a campaign; the one that was looked at longest ago leaves. */
const MAX_DECKS = 100_000

interface Watched extends HeldShare {
  businessDate: string
  decks: Map<string, HeldShare>
  /** those with something held, the oldest news first: until when it can be held */
  holding: Map<string, number>
}
/** By slot store, and so one a process; then by campaign. */
const memories = new WeakMap<Slots, Map<string, Watched>>()

/** Takes note of a deck at a moment, ms, with leases of so long at the most; tells how its campaign stands. */
export function noteHeld(
  slots: Slots,
  { campaignId, merchantCode, businessDate }: DeckId,
  deck: HeldShare,
  now: number,
  leaseTtlMs: number,
): HeldShare {
  const campaigns = memories.get(slots) ?? new Map<string, Watched>()
  memories.set(slots, campaigns)
  let watched = campaigns.get(campaignId)
  if (watched?.businessDate !== businessDate) {
    for (const [id, other] of campaigns) if (other.businessDate < businessDate) campaigns.delete(id)
    watched = { businessDate, held: 0, untaken: 0, decks: new Map(), holding: new Map() }
    campaigns.set(campaignId, watched)
  }
  forget(watched, merchantCode)
  watched.decks.set(merchantCode, deck)
  watched.held += deck.held
  watched.untaken += deck.untaken
  if (deck.held > 0) watched.holding.set(merchantCode, now + leaseTtlMs)
  if (watched.decks.size > MAX_DECKS) forget(watched, watched.decks.keys().next().value!)
  expire(watched, now)
  return watched
}

/** How many cards are held unpaid, by campaign. */
export function heldNow(slots: Slots, now: number): { campaignId: string; held: number }[] {
  return [...(memories.get(slots) ?? [])].map(([campaignId, watched]) => {
    expire(watched, now)
    return { campaignId, held: watched.held }
  })
}

function forget(watched: Watched, merchantCode: string): void {
  const before = watched.decks.get(merchantCode)
  if (!before) return
  watched.held -= before.held
  watched.untaken -= before.untaken
  watched.decks.delete(merchantCode)
  watched.holding.delete(merchantCode)
}

function expire(watched: Watched, now: number): void {
  for (const [merchantCode, until] of watched.holding) {
    if (until > now) return
    const { held, untaken } = watched.decks.get(merchantCode)!
    watched.held -= held
    watched.decks.set(merchantCode, { held: 0, untaken })
    watched.holding.delete(merchantCode)
  }
}
