import { addDays, endOfBusinessDate } from '../../domain/business-date'
import type { Campaign } from '../../domain/campaign'
import { cardsWithin, type DeckId, deal } from '../../domain/deck'
import { commitToSecret, type Pulse, proverOf } from '../../domain/deck-proof'
import { sealCards } from '../../domain/deck-seal'
import type { DeckKeys } from '../../domain/key-ring'
import type { Beacon, Clock, Decks, PublishedSecret, Random, SealedDeck } from '../ports'

export interface DealerDeps extends DeckKeys {
  decks: Decks
  clock: Clock
  random: Random
  /** left out: nothing is mixed into seeds */
  beacon?: Beacon | undefined
  /** the beacon gave nothing for a date, which is dealt without it */
  onBeaconFault?: ((date: string, error: unknown) => void) | undefined
}

/** Deals one campaign's decks of one date, by a secret that was committed to before. */
export interface Dealer {
  /** A whole deck as the campaign's rule deals it now, not yet committed. */
  whole(id: DeckId): SealedDeck
  /** The largest of at most so many cards that costs no more than `roomFen` at its dearest, or null. */
  within(id: DeckId, roomFen: number, mostSlots: number): SealedDeck | null
}

/** What a version's decks will be dealt by, under the current key. */
export function newSecret(keys: DeckKeys, campaignId: string, at: number): PublishedSecret {
  return { keyId: keys.deckKeyId, commitment: commitToSecret(campaignId, keys.campaignSecret(campaignId)!), at }
}

/**
 * The version's secret is the one it committed to when it was approved; a version from before such commitments commits to one now,
 * before its next deck. So whoever holds the keys has no seed to choose, and a new master key is a campaign's from its next version on.
 * @throws Error when that secret isn't ours, or the date's pulse isn't there yet
 */
export async function dealerOf(deps: DealerDeps, campaign: Campaign, businessDate: string): Promise<Dealer> {
  const { campaignId, version, rule } = campaign
  const { decks, clock } = deps
  const { keyId, commitment } =
    (await decks.secret(campaignId, version)) ??
    (await decks.publishSecret(campaignId, version, newSecret(deps, campaignId, clock.now())))
  const secret = deps.campaignSecret(campaignId, keyId)
  if (!secret || commitToSecret(campaignId, secret) !== commitment)
    throw new Error(`campaign ${campaignId}: version ${version} committed to a secret that is none of ours`)
  const beacon = await pulseOf(deps, businessDate)
  const prover = proverOf(secret, { campaignId, version, businessDate, rule, beacon })
  const mixed = beacon && { beacon }
  const deck = ({ merchantCode }: DeckId, slots: number): SealedDeck => {
    const seed = prover.seed(merchantCode)
    const commitment = prover.commitment(merchantCode, slots, seed)
    const named = { campaignId, version, merchantCode, businessDate }
    const cards = sealCards(secret, named, deal({ ...rule, slots }, seed), deps.random(12))
    return {
      campaignId,
      merchantCode,
      businessDate,
      version,
      commitment,
      cards,
      dealtAt: clock.now(),
      keyId,
      ...mixed,
    }
  }
  return {
    whole: (id) => deck(id, rule.slots),
    within(id, roomFen, mostSlots) {
      const slots = cardsWithin({ ...rule, slots: mostSlots }, roomFen)
      return slots > 0 ? deck(id, slots) : null
    },
  }
}

/** A date's decks are dealt from an hour before it on; its pulse is of a minute before that. */
const PULSE_BEFORE_MS = 61 * 60_000
export const pulseTime = (date: string): number => endOfBusinessDate(addDays(date, -1)) - PULSE_BEFORE_MS

/** One answer for a date and everybody, whoever asks first: else whoever deals could leave out what they don't like. */
async function pulseOf({ decks, clock, beacon, onBeaconFault }: DealerDeps, date: string): Promise<Pulse | null> {
  if (!beacon) return null
  const known = await decks.pulse(date)
  if (known !== undefined) return known
  const at = pulseTime(date)
  if (clock.now() < at)
    throw new Error(`no deck is dealt for ${date} yet: its beacon's pulse is of ${new Date(at).toISOString()}`)
  const heard = await beacon.pulseAt(at).catch((error) => {
    onBeaconFault?.(date, error)
    return null
  })
  return decks.notePulse(date, heard, clock.now())
}
