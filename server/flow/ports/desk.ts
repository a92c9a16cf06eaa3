import type { ChannelName, Verification, WalletPaid } from '../../domain/channel'
import type { OrderState } from '../../domain/order'
import type { Posting } from '../../domain/posting'
import type { Figures as OrderFigures } from '../../domain/quote'
import type { RefundShares, RefundState } from '../../domain/refund'
import type { Bindings } from './bindings'
import type { MerchantBook } from './merchant-book'
import type { Reports } from './report'

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
  verification: Verification | null
  payerRefundedFen: number
}

export interface DeskOrderDetail extends DeskOrder {
  /** a wallet's own discount on it; null: none, or nobody said */
  walletPaid: WalletPaid | null
  events: { at: number; kind: string; verb: string | null; conflict: string | null }[]
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
}

/** Where a page ends: what it is sorted by, newest first. */
export interface DeskCursor {
  businessDate: string
  createdAt: number
  /** of the order or the refund */
  number: string
}

/** Orders and refunds for whoever answers a complaint; newest first. `branchCode` is theirs, wherever their merchant is now. */
export interface OrderDesk {
  orders(filter: {
    branchCode: string | null
    merchantCode?: string | undefined
    date?: string | undefined
    campaignId?: string | undefined
    orderNo?: string | undefined
    discounted?: boolean | undefined
    state?: OrderState | undefined
    after?: DeskCursor | undefined
    limit: number
  }): Promise<DeskOrder[]>
  order(orderNo: string, branchCode: string | null): Promise<DeskOrderDetail | undefined>
  refunds(filter: {
    branchCode: string | null
    merchantCode?: string | undefined
    orderNo?: string | undefined
    date?: string | undefined
    state?: RefundState | undefined
    after?: DeskCursor | undefined
    limit: number
  }): Promise<DeskRefund[]>
}

/** What the operators' desk reads and writes, beside campaigns and people. */
export interface Desk {
  reports: Reports
  merchantBook: MerchantBook
  bindings: Bindings
  orders: OrderDesk
}
