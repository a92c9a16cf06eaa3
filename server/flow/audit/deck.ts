import { commitment, deal, deckSeed, exposure } from '../../domain/deck'
import type { DeckKeys } from '../../domain/key-ring'
import { bandCount, type Rule } from '../../domain/rule'
import type { AuditedCampaign, AuditedDeck, DealtDeck } from '../ports'
import { differ, type Fault } from './fault'

/**
 * Everything that can be said of one deck: its cards, its seed, its cost. Its amounts are held against the rule of the version
 * it was dealt by; a deck may have fewer cards than that says (a budget ended), never more.
 */
export function deckFaults(
  { deck, exposureFen, closedAt, usedSlots, usedFen, rule }: AuditedDeck,
  campaignSecret: DeckKeys['campaignSecret'],
): { faults: Fault[]; ruleUnknown: boolean } {
  const subject = `deck ${deck.campaignId}/${deck.merchantCode}/${deck.businessDate}`
  const secret = campaignSecret(deck.campaignId, deck.keyId)
  const seed = secret && deckSeed(secret, deck, deck.version)
  const cap = Math.min(deck.amountsFen.length, rule?.slots ?? Number.POSITIVE_INFINITY)
  const uncommitted = seed
    ? differ('deck-not-committed', subject, commitment(seed), deck.commitment)
    : [{ code: 'deck-not-committed' as const, subject, detail: `no key of ours is called ${deck.keyId}` }]
  const costFen = closedAt === null ? exposure(deck.amountsFen) : usedFen
  const faults = [
    ...differ('exposure-not-the-cards', subject, costFen, exposureFen),
    ...(usedSlots <= cap ? [] : [over(subject, usedSlots, cap)]),
    ...uncommitted,
    // From a seed that isn't the deck's, other amounts follow for certain.
    ...(rule ? amountFaults(deck, rule, uncommitted.length === 0 ? seed : undefined, subject) : []),
  ]
  return { faults, ruleUnknown: rule === null }
}

function over(subject: string, usedSlots: number, cap: number): Fault {
  return { code: 'slots-over-cap', subject, detail: `${usedSlots} orders hold slots, the cap is ${cap}` }
}

function amountFaults({ amountsFen }: DealtDeck, whole: Rule, seed: Uint8Array | undefined, subject: string): Fault[] {
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
