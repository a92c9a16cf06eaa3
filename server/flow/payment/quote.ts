import { businessDate } from '../../domain/business-date'
import { type Campaign, disqualify, type NoDiscountReason } from '../../domain/campaign'
import type { ChannelName } from '../../domain/channel'
import type { DeckId } from '../../domain/deck'
import { figures, type Quote } from '../../domain/quote'
import { usedUp } from '../deck/availability'
import type { DealDeps } from '../deck/deal'
import { dealOnce } from '../deck/deal-once'
import type { Catalog, Channels, Load, Random } from '../ports'

export interface QuoteDeps extends DealDeps {
  catalog: Catalog
  random: Random
  /** a discount that could not be given for a fault of ours, for the log and the metrics */
  onUnavailable(error: unknown): void
  channels: Channels
  load: Load
  limits: QuoteLimits
}

export interface QuoteLimits {
  /** how long a slot is kept for its payer, ms */
  leaseTtlMs: number
  /** a quote ends this much before its lease, so that an honest payer never loses a card between seeing and paying */
  leaseMarginMs: number
}

export type QuoteResult =
  | { kind: 'quoted'; quote: Quote }
  | { kind: 'merchant-not-found' }
  /** no payer may pay so much through the channel in a day */
  | { kind: 'amount-above-limit'; limitFen: number }

/** Quotes an amount: qualifies it against the campaign and takes the payer's card, if there is one. Writes nothing to SQL. */
export async function quote(
  deps: QuoteDeps,
  input: { payerId: string; merchantCode: string; amountFen: number; channel: ChannelName },
): Promise<QuoteResult> {
  const limitFen = deps.channels.get(input.channel)?.limits.dailyPerPayerFen
  if (limitFen !== undefined && input.amountFen > limitFen) return { kind: 'amount-above-limit', limitFen }
  const merchant = await deps.catalog.merchant(input.merchantCode)
  if (!merchant) return { kind: 'merchant-not-found' }
  const now = deps.clock.now()
  const date = businessDate(now)
  const drawn = await draw(deps, { ...input, businessDate: date })
  const common = {
    nonce: Buffer.from(deps.random(12)).toString('base64url'),
    payerId: input.payerId,
    merchantCode: input.merchantCode,
    channel: input.channel,
    businessDate: date,
  }
  if (drawn.kind === 'none') {
    const expiresAt = now + deps.limits.leaseTtlMs - deps.limits.leaseMarginMs
    const plain = figures(input.amountFen, 0, 100)
    return { kind: 'quoted', quote: { ...common, expiresAt, figures: plain, card: null, reason: drawn.reason } }
  }
  return {
    kind: 'quoted',
    quote: {
      ...common,
      expiresAt: now + drawn.leaseMs - deps.limits.leaseMarginMs,
      figures: figures(input.amountFen, drawn.discountFen, drawn.campaign.rule.payerPercent),
      card: { campaignId: drawn.campaign.campaignId, slot: drawn.slot },
      reason: null,
    },
  }
}

/** A card that the channel can't book would be held for nothing. */
const NOT_ELIGIBLE: NoDiscountReason = 'channel-not-eligible'

type Drawn =
  | { kind: 'card'; campaign: Campaign; slot: number; discountFen: number; leaseMs: number }
  | { kind: 'none'; reason: NoDiscountReason }

/** Marketing never blocks payment (I9): whatever fails here, a bug included, is reported and a quote without discount. */
async function draw(
  deps: QuoteDeps,
  order: { payerId: string; merchantCode: string; amountFen: number; channel: ChannelName; businessDate: string },
): Promise<Drawn> {
  try {
    const campaign = await deps.catalog.campaignFor(order.merchantCode, order.businessDate)
    const reason =
      disqualify(campaign, order) ?? (deps.channels.get(order.channel)?.carriesDiscount ? null : NOT_ELIGIBLE)
    if (reason || !campaign) return { kind: 'none', reason: reason ?? 'not-in-campaign' }
    if (!deps.load.drawsCards()) return { kind: 'none', reason: 'discount-unavailable' }
    if ((await deps.catalog.staff(order.merchantCode)).includes(order.payerId))
      return { kind: 'none', reason: 'own-shop' }
    const { campaignId } = campaign
    return await take(
      deps,
      campaign,
      { campaignId, merchantCode: order.merchantCode, businessDate: order.businessDate },
      order.payerId,
    )
  } catch (error) {
    deps.onUnavailable(error)
    return { kind: 'none', reason: 'discount-unavailable' }
  }
}

async function take(deps: QuoteDeps, campaign: Campaign, deck: DeckId, payerId: string): Promise<Drawn> {
  const once = () => deps.slots.take(deck, payerId, deps.limits.leaseTtlMs, campaign.maxPerPayerPerDay)
  let taken = await once()
  if (taken.kind === 'no-deck') {
    // Dealt on first use when the day-start job has not come to it, or when Redis lost it.
    if ((await dealOnce(deps, campaign, deck)) === 'budget-exhausted')
      return { kind: 'none', reason: 'budget-exhausted' }
    taken = await once()
  }
  switch (taken.kind) {
    case 'taken':
      return { kind: 'card', campaign, slot: taken.slot, discountFen: taken.discountFen, leaseMs: taken.leaseMs }
    case 'all-held':
    case 'limit-reached':
      return { kind: 'none', reason: taken.kind }
    case 'sold-out':
      return { kind: 'none', reason: await usedUp(deps, deck) }
    case 'no-deck':
      // It vanished again between load and take; the next quote deals it once more.
      return { kind: 'none', reason: 'discount-unavailable' }
  }
}
