import { businessDate } from '../../domain/business-date'
import {
  type Campaign,
  disqualify,
  type NoDiscountReason,
  payerDiscountRange,
  reasonWords,
} from '../../domain/campaign'
import type { ChannelName } from '../../domain/channel'
import type { DeckId } from '../../domain/deck'
import { holdsBack } from '../../domain/held'
import { figures, type Quote } from '../../domain/quote'
import { opensNext } from '../../domain/window'
import { trustedDeck } from '../deck/cards'
import type { DealDeps } from '../deck/deal'
import { dealOnce } from '../deck/deal-once'
import { type HeldShare, isUnusual, noteHeld, type Unusual } from '../deck/held'
import { usedUp } from '../deck/used-up'
import { type Catalog, type Channels, LedgerUnavailable, type Load, type Shop, type Take, unlessAway } from '../ports'
import { type PayCodeRefusal, type ReadPayCodeDeps, scannedPayCode } from './pay-code'

export interface QuoteDeps extends DealDeps, Pick<ReadPayCodeDeps, 'openPayCode'> {
  catalog: Catalog
  /** a quote was made: null: with a card, or why without; for the metrics */
  onQuoted?(reason: NoDiscountReason | null): void
  /** a discount that could not be given for a fault of ours, for the log and the metrics */
  onUnavailable(error: unknown): void
  /** so much is held unpaid that amounts are hidden: people should look. `merchantCode`: null where it is the campaign as a whole */
  onHoarding(seen: { campaignId: string; merchantCode: string | null } & HeldShare): void
  channels: Channels
  load: Load
  limits: QuoteLimits
}

export interface QuoteLimits {
  /** how long a slot is kept for its payer, ms */
  leaseTtlMs: number
  /** a quote ends this much before its lease, so that an honest payer never loses a card between seeing and paying */
  leaseMarginMs: number
  /** cards that one payer may hold unpaid at a time */
  maxHeld: number
  /** how long one payer may hold cards of one merchant unpaid in a day, ms */
  holdingMs: number
  /** the same over all merchants, each lease counted whole */
  holdingInAllMs: number
  /** while as much is held unpaid, amounts are shown to those alone whom the bank or we have known before */
  merchantUnusual: Unusual
  campaignUnusual: Unusual
}

export type QuoteResult =
  /**
   * `availableAt`: of `all-held`, when the first card comes back, ms, unless it is used; of `sold-out`, when the next day's are dealt;
   * null while nobody can know. `words`: of a reason that pages have none for
   */
  | { kind: 'quoted'; quote: Quote; availableAt: number | null; words?: string | null }
  | { kind: 'merchant-not-found' }
  /** of the code that was scanned; also one for another amount */
  | { kind: PayCodeRefusal }
  /** no payer may pay so much through the channel in a day */
  | { kind: 'amount-above-limit'; limitFen: number }

export interface QuoteInput {
  payerId: string
  merchantCode: string
  amountFen: number
  channel: ChannelName
  /** a code for one payment, as it was scanned; undefined: the shop's own code, and the payer says the amount */
  payCode?: string | undefined
}

/**
 * Quotes an amount: qualifies it against the campaign and takes the payer's card, if there is one. Writes nothing to SQL.
 * @throws LedgerUnavailable when whether a code for one payment is used can't be known
 */
export async function quote(deps: QuoteDeps, input: QuoteInput): Promise<QuoteResult> {
  const { payerId, merchantCode, amountFen, channel, payCode } = input
  const limitFen = deps.channels.get(channel)?.limits.dailyPerPayerFen
  if (limitFen !== undefined && amountFen > limitFen) return { kind: 'amount-above-limit', limitFen }
  const at = deps.clock.now()
  const date = businessDate(at)
  const shop = await shopOf(deps, merchantCode, date)
  if (!shop || shop.merchant.disabled) return { kind: 'merchant-not-found' }
  const scanned = payCode === undefined ? null : await scannedPayCode(deps, merchantCode, payCode)
  if (scanned?.kind === 'refused') return { kind: scanned.code }
  if (scanned && scanned.code.amountFen !== amountFen) return { kind: 'pay-code-invalid' }
  const { branchCode } = shop.merchant
  const drawn = await draw(deps, shop, {
    payerId,
    merchantCode,
    amountFen,
    channel,
    businessDate: date,
    at,
    branchCode,
  })
  deps.onQuoted?.(drawn.kind === 'none' ? drawn.reason : null)
  const isCard = drawn.kind === 'card'
  const leaseMs = isCard ? drawn.leaseMs : deps.limits.leaseTtlMs
  const until = scanned?.code.expiresAt ?? Number.POSITIVE_INFINITY
  // Field by field: what is spread together V8 keeps as a dictionary, and making that and writing it as JSON took a thirtieth of a quote.
  const quote: Quote = {
    nonce: scanned?.nonce ?? Buffer.from(deps.random(12)).toString('base64url'),
    payerId,
    merchantCode,
    channel,
    businessDate: date,
    expiresAt: Math.min(until, at + leaseMs - deps.limits.leaseMarginMs),
    figures: isCard
      ? figures(amountFen, drawn.discountFen, drawn.campaign.rule.payerPercent)
      : figures(amountFen, 0, 100),
    card: isCard ? { campaignId: drawn.campaign.campaignId, slot: drawn.slot, commitment: drawn.commitment } : null,
    reason: isCard ? null : drawn.reason,
  }
  if (!isCard) return { kind: 'quoted', quote, availableAt: drawn.availableAt ?? null, words: drawn.words ?? null }
  if (drawn.hidden) quote.discountRange = payerDiscountRange(drawn.campaign.rule)
  return { kind: 'quoted', quote, availableAt: null }
}

/** A card that the channel can't book would be held for nothing. */
const NOT_ELIGIBLE: NoDiscountReason = 'channel-not-eligible'

type Drawn =
  | {
      kind: 'card'
      campaign: Campaign
      slot: number
      discountFen: number
      leaseMs: number
      hidden: boolean
      commitment: string
    }
  | { kind: 'none'; reason: NoDiscountReason; availableAt?: number | null; words?: string | null }

/** With the error for which nothing but the merchant is known. */
type FoundShop = Shop | (Pick<Shop, 'merchant'> & { error: unknown })

/** Whom the payer pays is known though their campaign isn't (I9). @throws LedgerUnavailable */
async function shopOf({ catalog }: QuoteDeps, merchantCode: string, date: string): Promise<FoundShop | undefined> {
  try {
    return await catalog.shop(merchantCode, date)
  } catch (error) {
    if (error instanceof LedgerUnavailable) throw error
    const merchant = await catalog.merchant(merchantCode)
    return merchant && { merchant, error }
  }
}

/** Marketing never blocks payment (I9): whatever fails here, a bug included, is reported and a quote without discount. */
async function draw(
  deps: QuoteDeps,
  shop: FoundShop,
  order: Parameters<typeof disqualify>[1] & { payerId: string; merchantCode: string; branchCode: string },
): Promise<Drawn> {
  try {
    if ('error' in shop) throw shop.error
    const { campaign, staff } = shop
    const reason =
      disqualify(campaign, order) ?? (deps.channels.get(order.channel)?.carriesDiscount ? null : NOT_ELIGIBLE)
    if (reason || !campaign) return none(campaign, reason ?? 'not-in-campaign', order.at)
    if (!deps.load.drawsCards()) return { kind: 'none', reason: 'discount-unavailable' }
    const { campaignId } = campaign
    const held = await deps.catalog.held(order.businessDate)
    if (staff.includes(order.payerId)) return { kind: 'none', reason: 'own-shop' }
    if (holdsBack(held, campaignId, order)) return { kind: 'none', reason: 'not-eligible' }
    return await take(
      deps,
      campaign,
      { campaignId, merchantCode: order.merchantCode, businessDate: order.businessDate },
      order,
    )
  } catch (error) {
    deps.onUnavailable(error)
    return { kind: 'none', reason: 'discount-unavailable' }
  }
}

/** Why there is none, with what a page can't say by itself. */
function none(campaign: Campaign | undefined, reason: NoDiscountReason, at: number): Drawn & { kind: 'none' } {
  const said = campaign ? reasonWords(campaign, reason) : null
  const availableAt = campaign && reason === 'outside-window' ? opensNext(campaign.windows, at, campaign) : null
  return { kind: 'none', reason, availableAt, words: said }
}

async function take(
  deps: QuoteDeps,
  campaign: Campaign,
  deck: DeckId,
  { payerId, branchCode }: { payerId: string; branchCode: string },
): Promise<Drawn> {
  const { leaseTtlMs, leaseMarginMs, maxHeld, holdingMs, holdingInAllMs } = deps.limits
  const { maxPerPayerPerDay: maxPerPayer, maxPerPayerPerCampaignDay: maxPerCampaign } = campaign
  const terms = { leaseTtlMs, maxPerPayer, maxPerCampaign, maxHeld, holdingMs, holdingInAllMs }
  const once = () => deps.slots.take(deck, payerId, terms)
  // What its cards are worth is known before one is taken: none is held for a quote that can't say its amount.
  let cards = trustedDeck(deps.ledger, deck)
  const isCurrent = cards?.comparedOn === deps.slots.connection()
  let taken: Take = isCurrent ? await once() : { kind: 'no-deck' }
  if (taken.kind === 'no-deck') {
    // Dealt on first use when the day-start job has not come to it, or when Redis lost it; opened when this process hasn't yet, and
    // held against the ledger once a connection: Redis may have come back as it was some time ago.
    const dealt = await dealOnce(deps, campaign, deck)
    if (dealt === 'budget-exhausted') return none(campaign, dealt, deps.clock.now())
    // What yesterday's cards still hold of the budget comes back in minutes.
    if (dealt === 'waiting') return { kind: 'none', reason: 'all-held' }
    cards = trustedDeck(deps.ledger, deck)
    taken = await once()
  }
  switch (taken.kind) {
    case 'taken': {
      // The last of what one may hold, and too short to be paid in.
      if (taken.leaseMs <= leaseMarginMs) return { kind: 'none', reason: 'holding-limit' }
      const { slot, leaseMs } = taken
      const discountFen = cards?.amountsFen[slot]
      if (!cards || discountFen === undefined)
        throw new Error(`deck ${deck.campaignId}/${deck.merchantCode} has no slot ${slot}`)
      const hidden = isHoarded(deps, deck, taken) && !(await isKnown(deps, payerId))
      return { kind: 'card', campaign, slot, discountFen, leaseMs, hidden, commitment: cards.commitment }
    }
    case 'all-held':
      return { kind: 'none', reason: taken.kind, availableAt: deps.clock.now() + taken.returnsInMs }
    case 'limit-reached':
    case 'holding-limit':
      return { kind: 'none', reason: taken.kind }
    case 'sold-out':
      return { kind: 'none', ...(await usedUp(deps, campaign, deck, branchCode)) }
    case 'no-deck':
      // It vanished again between load and take; the next quote deals it once more.
      return { kind: 'none', reason: 'discount-unavailable' }
  }
}

/**
 * Whether payers are told only within which range the discount lies: while more is held unpaid than is usual, so that whoever
 * holds cards to pick among them sees nothing to pick by. Not from those whose agreement the bank has made, or who have
 * paid before; only then anybody asks who they are.
 */
function isHoarded(
  { limits, slots, clock, onHoarding }: QuoteDeps,
  deck: DeckId,
  { held, left }: Extract<Take, { kind: 'taken' }>,
): boolean {
  const { campaignId, merchantCode } = deck
  const here = { held, untaken: held + left }
  const inAll = noteHeld(slots, deck, here, clock.now(), limits.leaseTtlMs)
  if (isUnusual(here, limits.merchantUnusual)) onHoarding({ campaignId, merchantCode, ...here })
  else if (isUnusual(inAll, limits.campaignUnusual))
    onHoarding({ campaignId, merchantCode: null, held: inAll.held, untaken: inAll.untaken })
  else return false
  return true
}

/** A ledger that is away knows nobody. */
function isKnown({ catalog, ledger }: QuoteDeps, payerId: string): Promise<boolean> {
  const known = async () =>
    (await catalog.agreements(payerId)).some(({ endedAt }) => endedAt === null) ||
    (await ledger.payerOrders(payerId, { state: 'paid' }, undefined, 1)).items.length > 0
  return unlessAway(known(), false)
}
