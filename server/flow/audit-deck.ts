import { commitment, deal, deckSeed, exposure } from '../domain/deck'
import { bandCount, type Rule } from '../domain/rule'
import { differ, type Fault } from './audit-fault'
import type { AuditedCampaign, AuditedDeck, DealtDeck } from './ports'

/**
 * Everything that can be said of one deck: its cards, its seed, its cost. Its amounts are held against the rule only when it
 * was dealt by the version that is the campaign's now, for an older rule isn't kept.
 */
export function deckFaults(
  { deck, exposureFen, usedSlots, rule: current }: AuditedDeck,
  campaignSecret: (campaignId: string) => Uint8Array,
): { faults: Fault[]; ruleUnknown: boolean } {
  const subject = `deck ${deck.campaignId}/${deck.merchantCode}/${deck.businessDate}`
  const seed = deckSeed(campaignSecret(deck.campaignId), deck, deck.version)
  const rule = current?.version === deck.version ? current.rule : null
  const cap = Math.min(deck.amountsFen.length, rule?.slots ?? Number.POSITIVE_INFINITY)
  const uncommitted = differ('deck-not-committed', subject, commitment(seed), deck.commitment)
  const faults = [
    ...differ('exposure-not-the-cards', subject, exposure(deck.amountsFen), exposureFen),
    ...(usedSlots <= cap ? [] : [over(subject, usedSlots, cap)]),
    ...uncommitted,
    // From a seed that isn't the deck's, other amounts follow for certain.
    ...(rule ? amountFaults(deck, rule, uncommitted.length === 0 ? seed : null, subject) : []),
  ]
  return { faults, ruleUnknown: rule === null }
}

function over(subject: string, usedSlots: number, cap: number): Fault {
  return { code: 'slots-over-cap', subject, detail: `${usedSlots} orders hold slots, the cap is ${cap}` }
}

function amountFaults({ amountsFen }: DealtDeck, rule: Rule, seed: Uint8Array | null, subject: string): Fault[] {
  const outside = amountsFen.filter((fen) => fen < rule.minFen || fen > rule.maxFen)
  if (outside.length > 0)
    return [
      { code: 'deck-outside-bounds', subject, detail: `${outside.join(', ')} of ${rule.minFen} to ${rule.maxFen}` },
    ]
  const inBand = amountsFen.filter((fen) => fen >= rule.bandMinFen && fen <= rule.bandMaxFen).length
  if (inBand < bandCount(rule))
    return [{ code: 'deck-below-band', subject, detail: `${inBand} in the band, ${bandCount(rule)} are promised` }]
  return seed === null ? [] : differ('deck-not-from-seed', subject, deal(rule, seed), amountsFen)
}

/** I7: what the decks could cost is what is committed, and is within the budget. */
export function campaignFaults({ campaignId, budgetFen, committedFen, exposuresFen }: AuditedCampaign): Fault[] {
  const subject = `campaign ${campaignId}`
  const most = Math.max(committedFen, exposuresFen)
  return [
    ...differ('committed-not-the-decks', subject, exposuresFen, committedFen),
    ...(most <= budgetFen ? [] : [{ code: 'over-budget' as const, subject, detail: `${most} of ${budgetFen}` }]),
  ]
}
