import { type Campaign, closedOn, type NoDiscountReason } from '../../domain/campaign'
import { cardsWithin, type DeckId } from '../../domain/deck'
import { countOf } from '../../domain/deck-seal'
import { heldKey } from '../../domain/held'
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
}

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
  const closed = closedOn(campaign, businessDate) ?? held
  const id = { campaignId, merchantCode, businessDate }
  const open = await unlessAway(
    left(
      deps,
      id,
      async () => cardsWithin(rule, await deps.decks.room(campaignId, branchCode)),
      () => usedUp(deps, campaign, id, branchCode),
      rule.slots,
    ),
    { slots: rule.slots, remaining: null, reason: 'discount-unavailable' as const, availableAt: null },
  )
  return closed ? { slots: open.slots, remaining: 0, reason: closed, availableAt: null } : open
}

/** `promised`: how many cards there will be once it is dealt; `ended`: what becomes of it once all are orders'; `whole`: cards of the rule. */
async function left(
  deps: AvailabilityDeps,
  id: DeckId,
  promised: () => Promise<number>,
  ended: () => Promise<UsedUp>,
  whole: number,
): Promise<Availability> {
  const count = await deps.slots.count(id)
  if (count) {
    const { free, leased, used, returnsInMs } = count
    const availableAt = returnsInMs === null ? null : deps.clock.now() + returnsInMs
    return answer(free + leased + used, used, ended, { free, availableAt })
  }
  const dealt = await deps.ledger.deck(id)
  if (dealt) return answer(countOf(dealt.cards), (await deps.ledger.usedSlots(id)).length, ended)
  const slots = await promised()
  if (slots < whole && (await deps.decks.returning(id.campaignId, id.businessDate)))
    return { slots: whole, remaining: null, reason: 'all-held', availableAt: null }
  return { slots, remaining: slots, reason: slots > 0 ? null : 'budget-exhausted', availableAt: null }
}

async function answer(
  slots: number,
  used: number,
  ended: () => Promise<UsedUp>,
  { free, availableAt }: { free: number; availableAt: number | null } = { free: slots - used, availableAt: null },
): Promise<Availability> {
  const remaining = slots - used
  if (free > 0) return { slots, remaining, reason: null, availableAt: null }
  return remaining > 0
    ? { slots, remaining, reason: 'all-held', availableAt }
    : { slots, remaining, ...(await ended()) }
}
