import type { NoDiscountReason } from './campaign'
import type { ChannelName } from './channel'
import { splitDiscount } from './money'

/** A quote (优惠试算) is a signed statement of these figures, bound to its payer; it is stored nowhere. */
export interface Quote {
  /** unique; an order keeps it, so a quote becomes one order at the most */
  nonce: string
  payerId: string
  merchantCode: string
  channel: ChannelName
  /** the day of the deck that its card is of */
  businessDate: string
  /** milliseconds since the epoch; a margin before the slot's lease ends */
  expiresAt: number
  figures: Figures
  /** the card it holds, with its deck's commitment; null when it carries no discount */
  card: { campaignId: string; slot: number; commitment?: string } | null
  /** there while its payer is told only that what they save lies in it (fen, both ends included), and no figure but the amount */
  discountRange?: { minFen: number; maxFen: number }
  /** why there is no discount; null when there is one */
  reason: NoDiscountReason | null
}

/** The figures of one payment, in fen. I3: payer share + merchant share = discount. */
export interface Figures {
  amountFen: number
  discountFen: number
  payerDiscountFen: number
  merchantRewardFen: number
  payableFen: number
  merchantReceivesFen: number
}

/** Derives every figure from the amount typed and the card drawn (0 for none). */
export function figures(amountFen: number, discountFen: number, payerPercent: number): Figures {
  const { payerFen, merchantFen } = splitDiscount(discountFen, payerPercent)
  return {
    amountFen,
    discountFen,
    payerDiscountFen: payerFen,
    merchantRewardFen: merchantFen,
    payableFen: amountFen - payerFen,
    merchantReceivesFen: amountFen + merchantFen,
  }
}
