import { businessDate } from '../../domain/business-date'
import { type Campaign, headline, maxPayerDiscountFen, stateOn } from '../../domain/campaign'
import type { DeckId } from '../../domain/deck'
import { disclosure, type Section } from '../../domain/disclosure'
import type { Refund } from '../../domain/refund'
import {
  type Catalog,
  type Channel,
  type Channels,
  type Clock,
  type DealtDeck,
  type Decks,
  type Ledger,
  type Merchant,
  type MerchantSummary,
  type RefundLedger,
  type Slots,
  unlessAway,
} from '../ports'
import { allWithRefunds, type RefundedOrder, withRefunds } from '../refund/refunded'

/**
 * What anybody sees of a merchant, and a merchant of its day. Every figure comes from the order itself (I10), never from a page's
 * own arithmetic.
 */
export interface ShowDeps {
  catalog: Catalog
  ledger: Ledger
  decks: Decks
  refunds: RefundLedger
  slots: Slots
  clock: Clock
  channels: Channels
}

export interface Shopfront {
  merchant: Merchant
  /** those that are open here, the ones with the discount first */
  channels: Pick<Channel, 'name' | 'needs'>[]
  offer: {
    campaign: Campaign
    headline: string
    maxPayerDiscountFen: number
    /** cards of the day's deck; fewer than the rule says where the budget ended */
    slots: number
    /** cards nobody used or holds; null while it can't be known */
    remaining: number | null
  } | null
}

/** A merchant as a payer finds it; the offer is there while a campaign runs or is paused. */
export async function shopfront(deps: ShowDeps, merchantCode: string): Promise<Shopfront | undefined> {
  const merchant = await deps.catalog.merchant(merchantCode)
  if (!merchant) return undefined
  const date = businessDate(deps.clock.now())
  const campaign = await deps.catalog.campaignFor(merchantCode, date)
  const open = [...deps.channels.values()]
  if (!campaign || !offered(campaign, date)) return { merchant, channels: open, offer: null }
  const today = await deckToday(deps, campaign, { campaignId: campaign.campaignId, merchantCode, businessDate: date })
  const offer = {
    campaign,
    headline: headline(campaign.rule),
    maxPayerDiscountFen: maxPayerDiscountFen(campaign.rule),
    ...today,
  }
  const withDiscount = ({ name }: Channel) => Number(campaign.channels.includes(name))
  const channels = open.sort((a, b) => withDiscount(b) - withDiscount(a))
  return { merchant, channels, offer }
}

function offered(campaign: Campaign, date: string): boolean {
  const state = stateOn(campaign, date)
  return (state === 'running' || state === 'paused') && date >= campaign.startDate
}

async function deckToday(
  deps: ShowDeps,
  campaign: Campaign,
  id: DeckId,
): Promise<{ slots: number; remaining: number | null }> {
  return unlessAway(countedToday(deps, campaign, id), { slots: campaign.rule.slots, remaining: null })
}

async function countedToday(deps: ShowDeps, campaign: Campaign, id: DeckId) {
  const count = await deps.slots.count(id)
  if (count) return { slots: count.free + count.leased + count.used, remaining: count.free }
  const slots = await cardsToday(deps, campaign, id)
  return { slots, remaining: slots - (await deps.ledger.usedSlots(id)).length }
}

/** A deck that isn't dealt yet is promised whole, unless the budget didn't cover one when somebody last tried. */
async function cardsToday(deps: ShowDeps, campaign: Campaign, id: DeckId): Promise<number> {
  const dealt = await deps.ledger.deck(id)
  if (dealt) return dealt.amountsFen.length
  return (await deps.decks.shortage(id)) ? 0 : campaign.rule.slots
}

export interface Rules {
  campaign: Campaign
  headline: string
  sections: Section[]
  deckToday: DealtDeck | undefined
}

/** The public rules of the campaign at a merchant, with the commitment of today's deck once it is dealt. */
export async function rules(deps: ShowDeps, merchantCode: string): Promise<Rules | undefined> {
  const date = businessDate(deps.clock.now())
  const campaign = await deps.catalog.campaignFor(merchantCode, date)
  if (!campaign) return undefined
  const deckToday = await deps.ledger.deck({ campaignId: campaign.campaignId, merchantCode, businessDate: date })
  return { campaign, headline: headline(campaign.rule), sections: disclosure(campaign), deckToday }
}

/** The order as its merchant may see it. */
export async function merchantOrder(
  deps: Pick<ShowDeps, 'ledger' | 'refunds'>,
  merchantCode: string,
  orderNo: string,
): Promise<RefundedOrder | undefined> {
  const order = await deps.ledger.order(orderNo)
  return order?.merchantCode === merchantCode ? withRefunds(deps, order) : undefined
}

/** The failed refunds of an order have no bound of their own; nobody reads further. */
const MAX_LISTED = 200

/** The refunds of a merchant's order, newest first; undefined when there is no such order of theirs. */
export async function merchantRefunds(
  deps: ShowDeps,
  merchantCode: string,
  orderNo: string,
): Promise<Refund[] | undefined> {
  const order = await deps.ledger.order(orderNo)
  return order?.merchantCode === merchantCode ? deps.refunds.refundsOf(orderNo, MAX_LISTED) : undefined
}

export interface MerchantDay {
  merchant: Merchant
  businessDate: string
  summary: MerchantSummary
  slots: { total: number; used: number } | null
}

/** One business date of a merchant: totals of its paid orders and its deck, if one was dealt. */
export async function merchantDay(
  deps: ShowDeps,
  merchantCode: string,
  date?: string,
): Promise<MerchantDay | undefined> {
  const day = date ?? businessDate(deps.clock.now())
  const merchant = await deps.catalog.merchant(merchantCode)
  if (!merchant) return undefined
  const campaign = await deps.catalog.campaignFor(merchantCode, day)
  const [summary, slots] = await Promise.all([
    deps.ledger.merchantSummary(merchantCode, day),
    campaign ? deckUse(deps, campaign, { campaignId: campaign.campaignId, merchantCode, businessDate: day }) : null,
  ])
  return { merchant, businessDate: day, summary, slots }
}

/** Today's deck, though nobody has drawn from it yet, is what payers are promised; a day that passed without one had none. */
async function deckUse(deps: ShowDeps, campaign: Campaign, deck: DeckId): Promise<MerchantDay['slots']> {
  const dealt = await deps.ledger.deck(deck)
  if (dealt) return { total: dealt.amountsFen.length, used: (await deps.ledger.usedSlots(deck)).length }
  const today = businessDate(deps.clock.now())
  const promised = deck.businessDate === today && offered(campaign, today)
  return promised ? { total: await cardsToday(deps, campaign, deck), used: 0 } : null
}

/** A page of the day's paid orders, newest first, each with what of it went back. */
export async function merchantOrders(
  deps: ShowDeps,
  merchantCode: string,
  date: string | undefined,
  cursor: string | undefined,
): Promise<{ items: RefundedOrder[]; nextCursor?: string }> {
  const day = date ?? businessDate(deps.clock.now())
  return allWithRefunds(deps, await deps.ledger.merchantOrders(merchantCode, day, cursor, 20))
}
