import { deal, dearestDeck, exposure } from '../../domain/deck'
import { bindsSecret, commitToSecret, opens, seedBy } from '../../domain/deck-proof'
import { countOf, isSealed } from '../../domain/deck-seal'
import type { DeckKeys } from '../../domain/key-ring'
import { bandCount, type Rule } from '../../domain/rule'
import { amountsOf } from '../deck/cards'
import type { AuditedCampaign, AuditedDeck } from '../ports'
import { differ, type Fault } from './fault'

/**
 * Everything that can be said of one deck: its cards, its seed, its cost. Its amounts are held against the rule of the version
 * it was dealt by; a deck may have fewer cards than that says (a budget ended), never more. Cards whose seal doesn't open are unknown.
 */
export function deckFaults(
  audited: AuditedDeck,
  campaignSecret: DeckKeys['campaignSecret'],
): { faults: Fault[]; ruleUnknown: boolean } {
  const { deck, usedSlots, rule } = audited
  const subject = `deck ${deck.campaignId}/${deck.merchantCode}/${deck.businessDate}`
  const secret = campaignSecret(deck.campaignId, deck.keyId)
  const beacon = deck.beacon ?? null
  const seed = secret && seedBy(deck.commitment, secret, { ...deck, beacon })
  const slots = countOf(deck.cards)
  const cap = Math.min(slots, rule?.slots ?? Number.POSITIVE_INFINITY)
  const terms = { ...deck, beacon, rule, slots }
  const amountsFen = amountsOf({ campaignSecret }, deck)
  const uncommitted: Fault[] = !seed
    ? [{ code: 'deck-not-committed', subject, detail: `no key of ours is called ${deck.keyId}` }]
    : opens(deck.commitment, terms, seed)
      ? []
      : [{ code: 'deck-not-committed', subject, detail: `${deck.commitment} doesn't open to it` }]
  const faults = [
    ...(amountsFen ? costFaults(audited, amountsFen, subject) : sealFaults(secret, subject)),
    ...(usedSlots.length <= cap ? [] : [over(subject, usedSlots.length, cap)]),
    ...uncommitted,
    ...(secret && uncommitted.length === 0 ? secretFaults(audited, secret, subject) : []),
    ...beaconFaults(audited, subject),
    // From a seed that isn't the deck's, other amounts follow for certain.
    ...(rule && amountsFen ? amountFaults(amountsFen, rule, uncommitted.length === 0 ? seed : undefined, subject) : []),
  ]
  return { faults, ruleUnknown: rule === null }
}

/** A key that is none of ours is told as one that the deck isn't committed under. */
function sealFaults(secret: Uint8Array | undefined, subject: string): Fault[] {
  return secret ? [{ code: 'deck-seal-broken', subject, detail: "its cards were changed, or are another deck's" }] : []
}

/** An open deck is counted at its dearest, a closed one at what was used of it. */
function costFaults(
  { deck, exposureFen, closedAt, usedSlots, returnedFen, rule }: AuditedDeck,
  amountsFen: readonly number[],
  subject: string,
): Fault[] {
  const expected = (costFen: number) => differ('exposure-not-the-cards', subject, costFen - returnedFen, exposureFen)
  if (closedAt !== null) return expected(exposure(usedSlots.map((slot) => amountsFen[slot] ?? 0)))
  // As of the version before: its cards' sum, of a deck without a seal.
  if (!isSealed(deck.cards) && exposureFen === exposure(amountsFen) - returnedFen) return []
  return rule ? expected(dearestDeck({ ...rule, slots: amountsFen.length })) : []
}

/** One process commits to the secret and another deals: their clocks differ by less. */
const SAME_INSTANT_MS = 10_000
/** A process of the version before may have dealt beside us for so long. */
const ROLL_OUT_MS = 86_400_000

/** A seed can be chosen by whoever chooses the secret: it was committed to before, under the key that the deck names. */
function secretFaults({ deck, secret }: AuditedDeck, ours: Uint8Array, subject: string): Fault[] {
  const fault = (detail: string): Fault[] => [{ code: 'secret-not-committed', subject, detail }]
  if (!bindsSecret(deck.commitment))
    return secret && deck.dealtAt > secret.at + ROLL_OUT_MS ? fault('its commitment binds its seed alone') : []
  if (!secret) return fault(`version ${deck.version} committed to no secret`)
  if (secret.at > deck.dealtAt + SAME_INSTANT_MS)
    return fault(`version ${deck.version} committed to its secret after it was dealt`)
  const [key, commitment] = [deck.keyId ?? null, commitToSecret(deck.campaignId, ours)]
  return differ(
    'secret-not-committed',
    subject,
    { key, commitment },
    { key: secret.keyId, commitment: secret.commitment },
  )
}

/** One answer for a date and all of its decks, from when it was noted on. */
function beaconFaults({ deck, noted }: AuditedDeck, subject: string): Fault[] {
  const found = deck.beacon ?? null
  const due = noted && (noted.at <= deck.dealtAt || found !== null) ? noted.pulse : null
  return bindsSecret(deck.commitment) ? differ('beacon-differs', subject, due, found) : []
}

function over(subject: string, usedSlots: number, cap: number): Fault {
  return { code: 'slots-over-cap', subject, detail: `${usedSlots} orders hold slots, the cap is ${cap}` }
}

function amountFaults(
  amountsFen: readonly number[],
  whole: Rule,
  seed: Uint8Array | undefined,
  subject: string,
): Fault[] {
  if (amountsFen.length > whole.slots)
    return [{ code: 'deck-outside-bounds', subject, detail: `${amountsFen.length} cards of ${whole.slots}` }]
  const rule = { ...whole, slots: amountsFen.length }
  const outside = amountsFen.filter((fen) => fen < rule.minFen || fen > rule.maxFen)
  if (outside.length > 0)
    return [
      { code: 'deck-outside-bounds', subject, detail: `${outside.join(', ')} of ${rule.minFen} to ${rule.maxFen}` },
    ]
  const inBand = amountsFen.filter((fen) => fen >= rule.bandMinFen && fen <= rule.bandMaxFen).length
  if (inBand < bandCount(rule))
    return [{ code: 'deck-below-band', subject, detail: `${inBand} in the band, ${bandCount(rule)} are promised` }]
  return seed ? differ('deck-not-from-seed', subject, deal(rule, seed), amountsFen) : []
}

/** I7: what the decks could cost is what is committed, and is within the budget; of the campaign and of each branch. */
export function campaignFaults({ campaignId, branches, ...whole }: AuditedCampaign): Fault[] {
  const subject = `campaign ${campaignId}`
  return [
    ...budgetFaults(subject, whole),
    ...branches.flatMap(({ branchCode, ...part }) => budgetFaults(`${subject} branch ${branchCode}`, part)),
  ]
}

function budgetFaults(
  subject: string,
  { budgetFen, committedFen, exposuresFen }: Pick<AuditedCampaign, 'budgetFen' | 'committedFen' | 'exposuresFen'>,
): Fault[] {
  const most = Math.max(committedFen, exposuresFen)
  return [
    ...differ('committed-not-the-decks', subject, exposuresFen, committedFen),
    ...(most <= budgetFen ? [] : [{ code: 'over-budget' as const, subject, detail: `${most} of ${budgetFen}` }]),
  ]
}
