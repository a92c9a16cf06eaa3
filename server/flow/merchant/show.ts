import { businessDate } from '../../domain/business-date'
import { type Campaign, closedOn, headline, maxPayerDiscountFen, usualPayerRange } from '../../domain/campaign'
import { OWN_CHANNEL } from '../../domain/channel'
import type { DeckId } from '../../domain/deck'
import { countOf } from '../../domain/deck-seal'
import { disclosure, type Section } from '../../domain/disclosure'
import { heldKey } from '../../domain/held'
import type { Refund } from '../../domain/refund'
import type { Rule } from '../../domain/rule'
import { type DaySums, type Settlement, sumsOf } from '../../domain/settlement'
import { opensOn } from '../../domain/window'
import { type Availability, availability } from '../deck/availability'
import type {
  Catalog,
  Channel,
  Channels,
  Clock,
  DealtDeck,
  Decks,
  Ledger,
  Merchant,
  PublishedSecret,
  RefundLedger,
  Slots,
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
  /** those that are open and pay this merchant, the ones with the discount first; `carriesDiscount`: what is offered can be had by paying so */
  channels: (Pick<Channel, 'name' | 'needs' | 'carriesDiscount'> & { jumps: boolean })[]
  offer: ({ campaign: Campaign } & Promised & Availability) | null
}

/** What the rule lets be said of today's deck before a card is drawn. */
interface Promised {
  headline: string
  maxPayerDiscountFen: number
  usual: ReturnType<typeof usualPayerRange>
}

/** A merchant as a payer finds it; the offer is there while a campaign runs or is paused. */
export async function shopfront(deps: ShowDeps, merchantCode: string): Promise<Shopfront | undefined> {
  const merchant = await deps.catalog.merchant(merchantCode)
  if (!merchant || merchant.disabled) return undefined
  const date = businessDate(deps.clock.now())
  const campaign = await deps.catalog.campaignFor(merchantCode, date)
  const offering = campaign && offered(campaign, date) ? campaign : undefined
  const channels = [...deps.channels.values()]
    .filter(({ name }) => name === OWN_CHANNEL || merchant.walletAccounts[name] !== undefined)
    .map(({ name, needs, carriesDiscount, jumps = false }) => {
      return { name, needs, jumps, carriesDiscount: carriesDiscount && (offering?.channels.includes(name) ?? false) }
    })
    .sort((a, b) => Number(b.carriesDiscount) - Number(a.carriesDiscount))
  if (!offering) return { merchant, channels, offer: null }
  const today = await availability(deps, offering, merchant, date)
  return { merchant, channels, offer: { campaign: offering, ...promised(offering.rule, today.slots), ...today } }
}

const promised = (rule: Rule, slots: number): Promised => ({
  headline: headline(rule, slots),
  maxPayerDiscountFen: maxPayerDiscountFen(rule, slots),
  usual: usualPayerRange(rule, slots),
})

/** While it runs or is paused. */
function offered(campaign: Campaign, date: string): boolean {
  const closed = closedOn(campaign, date)
  return closed === null || closed === 'campaign-paused'
}

/** The bank, and how to reach it; what it hasn't said is null. */
export function bankContact(bank: { bankName: string; bankPhone: string | null; bankComplaints: string | null }) {
  return { name: bank.bankName, phone: bank.bankPhone, complaints: bank.bankComplaints }
}

export interface Rules {
  campaign: Campaign
  headline: string
  sections: Section[]
  deckToday: DealtDeck | undefined
  /** what the campaign's version committed to when it was approved; undefined: nothing yet */
  secret: PublishedSecret | undefined
  today: Availability
}

/** The public rules of the campaign at a merchant, with what its approval committed to, and today's deck once it is dealt. */
export async function rules(deps: ShowDeps, merchantCode: string): Promise<Rules | undefined> {
  const date = businessDate(deps.clock.now())
  const [merchant, campaign] = await Promise.all([
    deps.catalog.merchant(merchantCode),
    deps.catalog.campaignFor(merchantCode, date),
  ])
  if (!merchant || !campaign) return undefined
  const [deckToday, secret, today] = await Promise.all([
    deps.ledger.deck({ campaignId: campaign.campaignId, merchantCode, businessDate: date }),
    deps.decks.secret(campaign.campaignId, campaign.version),
    availability(deps, campaign, merchant, date),
  ])
  const { rule } = campaign
  return { campaign, headline: headline(rule, today.slots), sections: disclosure(campaign), deckToday, secret, today }
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

/** What the bank has paused: the campaign (or all of them), or discounts at this shop. */
export type PausedWhat = 'campaign' | 'shop'

export interface MerchantDay {
  merchant: Merchant
  businessDate: string
  /** the day in all, and by channel and account */
  summary: DaySums
  settlements: Settlement[]
  slots: { total: number; used: number } | null
  /** what can still be given; null of another day, and where there is no campaign */
  today: Availability | null
  /** today's, as far as a shop hears of it; null: another day, or none */
  campaign: (Pick<Campaign, 'name' | 'startDate' | 'endDate'> & { paused: PausedWhat | null }) | null
  /** until when further discounts are held back here, the date included; null: they aren't, or it is another day */
  heldUntil: string | null
}

/**
 * One business date of a merchant: totals of its paid orders, its deck if one was dealt, and of today what is left of it. Which campaign
 * applies is a question of today: on a day that is over all counts that was dealt.
 */
export async function merchantDay(
  deps: ShowDeps,
  merchantCode: string,
  date?: string,
): Promise<MerchantDay | undefined> {
  const now = businessDate(deps.clock.now())
  const day = date ?? now
  const merchant = await deps.catalog.merchant(merchantCode)
  if (!merchant) return undefined
  const campaign = await deps.catalog.campaignFor(merchantCode, day)
  const id = campaign && { campaignId: campaign.campaignId, merchantCode, businessDate: day }
  const [settlements, dealt, today, held, braked] = await Promise.all([
    deps.ledger.merchantSettlements(merchantCode, day),
    day < now ? deps.decks.usedAt(merchantCode, day) : id ? deckUse(deps, id) : null,
    campaign && day === now ? availability(deps, campaign, merchant, day) : null,
    deps.catalog.held(now),
    deps.catalog.braked(merchantCode),
  ])
  // Today's deck, though nobody has drawn from it yet, is what payers are promised; a day that passed without one had none.
  const deals = campaign && offered(campaign, day) && opensOn(campaign.windows, day)
  const promised = deals && today ? { total: today.slots, used: 0 } : null
  const heldUntil = (id && day === now && held.merchants.get(heldKey(id.campaignId, merchantCode))) || null
  const summary = sumsOf(settlements)
  const paused = today?.reason === 'campaign-paused' ? (braked ? 'shop' : 'campaign') : null
  const shown = campaign && today ? { ...campaign, paused: paused as PausedWhat | null } : null
  // A campaign that was ended today may leave the place to one that begins later; what was dealt is there all the same.
  const left = day === now && id && !dealt && !promised ? await deps.decks.usedAt(merchantCode, day) : null
  const slots = dealt ?? promised ?? left
  return { merchant, businessDate: day, summary, settlements, slots, today, campaign: shown, heldUntil }
}

async function deckUse(deps: ShowDeps, deck: DeckId): Promise<MerchantDay['slots']> {
  const dealt = await deps.ledger.deck(deck)
  return dealt ? { total: countOf(dealt.cards), used: (await deps.ledger.usedSlots(deck)).length } : null
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
