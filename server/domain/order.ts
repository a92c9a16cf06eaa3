import { isBusinessDate } from './business-date'
import type { NoDiscountReason } from './campaign'
import { type ChannelName, type Misfit, misfitOf, type PayerAction, type Seen, type Verification } from './channel'
import { never } from './never'
import { type Accounts, type Posting, postingsOf } from './posting'
import type { Figures } from './quote'

export type OrderState = 'paying' | 'paid' | 'closed'

/** An order (支付订单). Figures in fen; times in ms since the epoch. */
export interface Order {
  /** ours, and the channel's idempotency key; stored before anything is sent (I6) */
  orderNo: string
  quoteNonce: string
  payerId: string
  /** with what the payer pays: an agreement at the bank, a wallet's id of the payer */
  payerRef: string
  merchantCode: string
  channel: ChannelName
  /** when it was opened for payment: the day on which it counts for payer, merchant, reports and limits */
  businessDate: string
  figures: Figures
  /** of the deck of its own date: yesterday's, where midnight lay between quote and payment. `commitment`: of that deck, as its payer was told */
  card: { campaignId: string; businessDate: string; slot: number; commitment?: string } | null
  reason: NoDiscountReason | null
  /** the accounts of the clearing, fixed when the order was opened */
  accounts: Accounts
  /**
   * Whose account its subsidy comes from and whose operators see it: of its card's deck, else the merchant's when it was opened,
   * wherever the merchant is now. Null: nobody knows any more.
   */
  branchCode: string | null
  state: OrderState
  createdAt: number
  /** when it is closed at the channel unless the payer has acted, ms; null: nobody has to */
  payBy: number | null
  /** what the payer must do; null once it has ended */
  action: PayerAction | null
  endedAt: number | null
  channelTradeNo: string | null
  /** how the channel made sure of the payer; null while it isn't paid, and where the channel didn't say */
  verification: Verification | null
  /** the channel's stable code for a refusal, e.g. `insufficient-funds` */
  closeReason: string | null
}

/** What a channel said of an order. Only the first two, verified, end it (I5). */
export type Outcome =
  | { kind: 'succeeded'; channelTradeNo: string }
  /** `code`: ours, or {@link unfamiliarDecline}: a verified decline is one whatever its code */
  | { kind: 'declined'; code: string }
  | { kind: 'pending' }
  | { kind: 'unknown'; code: string }

/** How an order closes, or a refund fails, that two people decided was never booked: no statement holds it, and the channel says nothing. */
export const NOT_BOOKED = 'not-booked'

export type Decision =
  | { kind: 'end'; state: 'paid'; channelTradeNo: string; postings: Posting[] }
  | { kind: 'end'; state: 'closed'; closeReason: string }
  /** nothing definite: hold the slot and ask again */
  | { kind: 'hold' }
  /** the news agrees with how the order ended */
  | { kind: 'nothing' }
  /** the news contradicts the ending, or is of another amount or payee: never changes the order, must be seen by people */
  | { kind: 'conflict'; code: 'success-after-close' | 'decline-after-paid' | 'other-trade-no' | 'unnamed' | Misfit }

/**
 * The only rule by which an order ends, whoever brings the news. `seen`: the order as the channel has it. A success must name
 * it, and it must be ours to the fen; of a decline that names it the same is asked.
 */
export function decide(order: Order, outcome: Outcome, seen?: Seen): Decision {
  switch (outcome.kind) {
    case 'pending':
    case 'unknown':
      return order.state === 'paying' ? { kind: 'hold' } : { kind: 'nothing' }
    case 'succeeded':
      switch (order.state) {
        case 'paying': {
          const code = seen ? misfitWith(order, seen) : 'unnamed'
          if (code) return { kind: 'conflict', code }
          return { kind: 'end', state: 'paid', channelTradeNo: outcome.channelTradeNo, postings: postingsOf(order) }
        }
        case 'paid':
          return order.channelTradeNo === outcome.channelTradeNo
            ? { kind: 'nothing' }
            : { kind: 'conflict', code: 'other-trade-no' }
        case 'closed':
          return { kind: 'conflict', code: 'success-after-close' }
        default:
          return never(order.state)
      }
    case 'declined':
      switch (order.state) {
        case 'paying': {
          const code = seen ? misfitWith(order, seen) : null
          return code ? { kind: 'conflict', code } : { kind: 'end', state: 'closed', closeReason: outcome.code }
        }
        case 'paid':
          return { kind: 'conflict', code: 'decline-after-paid' }
        case 'closed':
          return { kind: 'nothing' }
        default:
          return never(order.state)
      }
    default:
      return never(outcome)
  }
}

function misfitWith({ figures, accounts }: Order, seen: Seen): Misfit | null {
  return misfitOf(seen, { amountFen: figures.payableFen, payee: accounts.merchant })
}

/** When an order that waits for its payer is closed at the channel, ms: at its own end, else at that of what is to be done. */
export function actBy({ payBy, action }: Pick<Order, 'payBy' | 'action'>): number | null {
  return payBy ?? action?.expiresAt ?? null
}

/** What the payer can still do, if anything. */
export function openAction({ state, action }: Order, now: number): PayerAction | null {
  return state === 'paying' && action && action.expiresAt > now ? action : null
}

/** 32 symbols without I, L, O, U (Crockford), so that a number can be read out over the telephone. */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A symbol, and five random bits, of each byte. */
export function symbolsOf(random: Uint8Array): string {
  return Array.from(random, (byte) => SYMBOLS[byte & 31]).join('')
}

/** `F20261121-7K3M-92QX-4T8B`: the business date and 60 random bits, from at least 12 random bytes. */
export function newOrderNo(date: string, random: Uint8Array): string {
  const symbols = symbolsOf(random.subarray(0, 12))
  const group = (at: number) => symbols.slice(at, at + 4)
  return `F${date.replaceAll('-', '')}-${group(0)}-${group(4)}-${group(8)}`
}

const ORDER_NO = /^F(\d{4})(\d{2})(\d{2})(-[0-9A-HJKMNP-TV-Z]{4}){3}$/

/** The business date that an order's number tells; undefined: it is no number of ours. */
export function dateOfOrderNo(orderNo: string): string | undefined {
  const [, year, month, day] = ORDER_NO.exec(orderNo) ?? []
  const date = `${year}-${month}-${day}`
  return isBusinessDate(date) ? date : undefined
}
