import type { NoDiscountReason } from '../../domain/campaign'
import type { ChannelName, Verification, WalletPaid } from '../../domain/channel'
import type { OrderState } from '../../domain/order'
import type { Posting } from '../../domain/posting'
import type { Figures as OrderFigures } from '../../domain/quote'
import type { RefundShares, RefundState } from '../../domain/refund'
import type { Search, Stretch } from '../../domain/search'
import type { Bindings } from './bindings'
import type { Effects, OtherCounts } from './effect'
import type { MerchantBook } from './merchant-book'
import type { Notifications } from './notifications'
import type { Reports } from './report'
import type { Sketches } from './sketches'
import type { Templates } from './templates'
import type { Today } from './today'

/** An order as an operator may see it. Who paid, and from which account, isn't read at all. */
export interface DeskOrder extends OrderFigures {
  orderNo: string
  state: OrderState
  merchantCode: string
  merchantName: string
  businessDate: string
  channel: ChannelName
  channelTradeNo: string | null
  campaignId: string | null
  slot: number | null
  /** null: the channel has no leg for a subsidy */
  glAccount: string | null
  createdAt: number
  endedAt: number | null
  closeReason: string | null
  /** what the payer was told of why there is no discount */
  reason: NoDiscountReason | null
  verification: Verification | null
  payerRefundedFen: number
}

export interface DeskOrderDetail extends DeskOrder {
  /** a wallet's own discount on it; null: none, or nobody said */
  walletPaid: WalletPaid | null
  events: { at: number; kind: string; verb: string | null; code: string | null; conflict: string | null }[]
  postings: (Omit<Posting, 'account'> & {
    /** null is the payer's */
    account: string | null
    refundNo: string | null
    correctionId: string | null
  })[]
}

export interface DeskRefund extends RefundShares {
  refundNo: string
  orderNo: string
  merchantCode: string
  merchantName: string
  state: RefundState
  reason: string | null
  businessDate: string
  createdAt: number
  endedAt: number | null
  failReason: string | null
  channel: ChannelName
  /** of one without an ending: what kept the channel's last answer from being one; null: nothing but time, or nothing was said yet */
  lastCode: string | null
}

/** Where a page ends: what it is sorted by, newest first. */
export interface DeskCursor {
  businessDate: string
  createdAt: number
  /** of the order or the refund */
  number: string
}

/** Which orders. `branchCode`: those of the reader's branch, wherever their merchant is now; null is all. */
export interface OrderFilter {
  branchCode: string | null
  merchantCode?: string | undefined
  date?: string | undefined
  /** business dates, both included */
  from?: string | undefined
  to?: string | undefined
  /** with a card of it */
  campaignId?: string | undefined
  /** at its merchants, with or without a card */
  merchantsOf?: string | undefined
  /** of which branch, among those in sight */
  ofBranch?: string | undefined
  glAccount?: string | undefined
  orderNo?: string | undefined
  discounted?: boolean | undefined
  state?: OrderState | undefined
  /** ms */
  madeBefore?: number | undefined
  channel?: ChannelName | undefined
  /** the merchant's, that they were booked to */
  account?: string | undefined
  /** dates of decks, both included: those that use a card of them, paid for or not yet */
  deckFrom?: string | undefined
  deckTo?: string | undefined
  /** put right by an accepted difference, at their GL account */
  corrected?: boolean | undefined
  /** when their outcome was known, as their channel's books have it */
  endedOn?: string | undefined
}

/** Which refunds; `branchCode` as of {@link OrderFilter}. */
export interface RefundFilter {
  branchCode: string | null
  merchantCode?: string | undefined
  orderNo?: string | undefined
  date?: string | undefined
  state?: RefundState | undefined
  channel?: ChannelName | undefined
  endedOn?: string | undefined
  /** without those that put a difference right */
  asked?: boolean | undefined
  /** of orders with a card of it, of these business dates, of this branch and GL account, booked to this account */
  campaignId?: string | undefined
  orderFrom?: string | undefined
  orderTo?: string | undefined
  ofBranch?: string | undefined
  glAccount?: string | undefined
  account?: string | undefined
}

/** Orders and refunds for whoever answers a complaint; newest first. */
export interface OrderDesk {
  orders(filter: OrderFilter & { after?: DeskCursor | undefined; limit: number }): Promise<DeskOrder[]>
  refunds(filter: RefundFilter & { after?: DeskCursor | undefined; limit: number }): Promise<DeskRefund[]>
  /** How many {@link orders} and {@link refunds} would give, counted up to `most`. */
  countOrders(filter: OrderFilter, most: number): Promise<number>
  countRefunds(filter: RefundFilter, most: number): Promise<number>
  order(orderNo: string, branchCode: string | null): Promise<DeskOrderDetail | undefined>
  /** As far as the order is in sight; undefined as of {@link OrderDesk.order}. */
  around(input: {
    orderNo: string
    branchCode: string | null
    withinMs: number
    limit: number
  }): Promise<Around | undefined>
  /** What its channel literally answered, oldest first. */
  replies(orderNo: string): Promise<{ at: number; verb: string | null; raw: unknown }[]>
}

/** What stopped discounts, or let them go on. */
export interface Stop {
  at: number
  by: string
  /** as the log has it, e.g. `merchant.pause` */
  action: string
  /** `brake/all`, `merchant/M0001`, `campaign/food-street` */
  subject: string
  /** of a step that two people took: what it was about, e.g. `resume` */
  kind: string | null
  note: string | null
}

/** What happened at an order's merchant around the moment it was made; times in ms. */
export interface Around {
  from: number
  until: number
  /** of its day, as they were at that moment */
  decks: {
    campaignId: string
    campaignName: string
    cards: number
    /** by orders that weren't closed then; of these some had no ending yet. What quotes held unpaid is written nowhere */
    used: number
    open: number
    dealtAt: number
    closedAt: number | null
  }[]
  /** of the day until then, and of each subject the last one before; oldest first */
  stops: Stop[]
  /** oldest first */
  orders: DeskOrder[]
  /** false: there were more orders */
  whole: boolean
}

/** Where a search looks: stretches of days, at some merchants or at all (null). */
export interface SearchPlace extends Pick<Search, 'amountFen' | 'code' | 'plain'> {
  branchCode: string | null
  merchantCodes: readonly string[] | null
  stretches: readonly Stretch[]
  limit: number
}

/** The one box by which an operator finds anything. `branchCode`: as of {@link OrderDesk}. */
export interface SearchDesk {
  /** By code: each word is part of its name or code in any case, or one of the numbers is its code. */
  merchants(input: {
    branchCode: string | null
    words: readonly string[]
    numbers: readonly string[]
    limit: number
  }): Promise<{ merchantCode: string; name: string }[]>
  /** Newest first. Of a stretch with very many orders only the newest are looked at; `whole`: of none. */
  orders(place: SearchPlace): Promise<{ items: DeskOrder[]; whole: boolean }>
  /** By our numbers or the channel's, whichever they are. */
  ordersByNumber(numbers: readonly string[], branchCode: string | null, limit: number): Promise<DeskOrder[]>
  refundsByNumber(numbers: readonly string[], branchCode: string | null, limit: number): Promise<DeskRefund[]>
}

/** What the operators' desk reads and writes, beside campaigns and people. */
export interface Desk {
  sketches: Sketches
  templates: Templates
  reports: Reports
  effects: Effects
  otherCounts: OtherCounts
  merchantBook: MerchantBook
  bindings: Bindings
  orders: OrderDesk
  search: SearchDesk
  today: Today
  notifications: Notifications
}
