import { type Campaign, closedAt, type NoDiscountReason, reasonWords } from '../../domain/campaign'
import { cardsWithin, type DeckId } from '../../domain/deck'
import { countOf } from '../../domain/deck-seal'
import { heldKey } from '../../domain/held'
import { opensNext } from '../../domain/window'
import { type Catalog, type Decks, type Ledger, type Merchant, type Slots, unlessAway } from '../ports'
import { type UsedUp, usedUp } from './used-up'

export interface AvailabilityDeps {
  catalog: Pick<Catalog, 'held'>
  ledger: Ledger
  decks: Decks
  slots: Slots
  clock: { now(): number }
}

/** What a campaign can still give at a merchant on the day. Every page and every quote says of it the same. */
export interface Availability {
  /** cards of the day's deck; fewer than the rule says where a budget ends */
  slots: number
  /** how many of them can still be given: those that no order has, held ones included; null while it can't be known */
  remaining: number | null
  /** why nobody who comes now gets one, as a quote would say it; null: somebody does */
  reason: NoDiscountReason | null
  /** of `all-held`: when the first card comes back, ms, unless it is used; of `sold-out`: when the next day's are dealt; null while nobody can know */
  availableAt: number | null
  /** why, where pages have no words for it */
  words: string | null
}

type Left = Omit<Availability, 'words'>

/**
 * What can be given now, and if nothing, why: closed by the campaign itself, or held back at the merchant; from the slot store,
 * where held cards may come back; from the ledger where the deck isn't loaded; and before it is dealt what the budgets cover
 * for certain. A store that is away is a reason too (I9).
 */
export async function availability(
  deps: AvailabilityDeps,
  campaign: Campaign,
  { merchantCode, branchCode }: Merchant,
  businessDate: string,
): Promise<Availability> {
  const { campaignId, rule } = campaign
  const { merchants } = await deps.catalog.held(businessDate)
  const held = merchants.has(heldKey(campaignId, merchantCode)) ? ('not-eligible' as const) : null
  const now = deps.clock.now()
  const closed = closedAt(campaign, businessDate, now) ?? held
  const id = { campaignId, merchantCode, businessDate }
  const open = await unlessAway(
    left(
      deps,
      id,
      () => promised(deps, campaign, id, branchCode),
      () => usedUp(deps, campaign, id, branchCode),
      rule.slots,
    ),
    { slots: rule.slots, remaining: null, reason: 'discount-unavailable' as const, availableAt: null },
  )
  const words = reasonWords(campaign, closed ?? open.reason)
  if (!closed) return { ...open, words }
  const availableAt = closed === 'outside-window' ? opensNext(campaign.windows, now, campaign) : null
  return { slots: open.slots, remaining: 0, reason: closed, availableAt, words }
}

/** How many cards there will be, and whether more may come: what bounds a day by itself gives nothing back. */
async function promised(deps: AvailabilityDeps, { rule }: Campaign, id: DeckId, branchCode: string) {
  const { fen, by } = await deps.decks.room(id.campaignId, branchCode, id.businessDate)
  const slots = cardsWithin(rule, fen)
  const waits = slots < rule.slots && by !== 'day' && (await deps.decks.returning(id.campaignId, id.businessDate))
  return { slots, waits }
}

/** `promise`: how many cards there will be once it is dealt, and whether there may be more; `ended`: what becomes of it once all are orders'; `whole`: cards of the rule. */
async function left(
  deps: AvailabilityDeps,
  id: DeckId,
  promise: () => Promise<{ slots: number; waits: boolean }>,
  ended: () => Promise<UsedUp>,
  whole: number,
): Promise<Left> {
  const count = await deps.slots.count(id)
  if (count) {
    const { free, leased, used, returnsInMs } = count
    const availableAt = returnsInMs === null ? null : deps.clock.now() + returnsInMs
    return answer(free + leased + used, used, ended, { free, availableAt })
  }
  const dealt = await deps.ledger.deck(id)
  if (dealt) return answer(countOf(dealt.cards), (await deps.ledger.usedSlots(id)).length, ended)
  const { slots, waits } = await promise()
  if (waits) return { slots: whole, remaining: null, reason: 'all-held', availableAt: null }
  return { slots, remaining: slots, reason: slots > 0 ? null : 'budget-exhausted', availableAt: null }
}

async function answer(
  slots: number,
  used: number,
  ended: () => Promise<UsedUp>,
  { free, availableAt }: { free: number; availableAt: number | null } = { free: slots - used, availableAt: null },
): Promise<Left> {
  const remaining = slots - used
  if (free > 0) return { slots, remaining, reason: null, availableAt: null }
  return remaining > 0
    ? { slots, remaining, reason: 'all-held', availableAt }
    : { slots, remaining, ...(await ended()) }
}
