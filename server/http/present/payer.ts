import { CHANNEL_LABELS } from '../../domain/channel'
import { openAction } from '../../domain/order'
import type { Quote } from '../../domain/quote'
import type { Refund } from '../../domain/refund'
import type { AccountChange } from '../../flow/change/show'
import type { Availability } from '../../flow/deck/availability'
import type { MerchantDay, Rules, Shopfront } from '../../flow/merchant/show'
import type { PayersOrder } from '../../flow/payment/show'
import type { RefundedOrder } from '../../flow/refund/refunded'
import type {
  MerchantOrderView,
  MerchantSummaryView,
  MerchantView,
  OrderView,
  QuoteView,
  RefundView,
  RulesView,
} from '../contract'
import { iso, isoOrNull } from './iso'

/** The only door out: what each reader may see of our nouns, and in which form. */

/** What hides the discount hides every figure that it follows from. */
const HIDDEN = {
  discountFen: null,
  payerDiscountFen: null,
  merchantRewardFen: null,
  payableFen: null,
  merchantReceivesFen: null,
}

export function presentQuote(
  { quote, availableAt }: { quote: Quote; availableAt: number | null },
  quoteId: string,
): QuoteView {
  const { figures, expiresAt, reason, discountRange = null } = quote
  return {
    quoteId,
    ...figures,
    ...(discountRange && HIDDEN),
    expiresAt: iso(expiresAt),
    reason,
    availableAt: isoOrNull(availableAt),
    discountRange,
  }
}

export function presentOrder({ order, merchant, agreement }: PayersOrder, now: number): OrderView {
  const action = openAction(order, now)
  return {
    orderNo: order.orderNo,
    state: order.state,
    merchantCode: order.merchantCode,
    merchantName: merchant?.name ?? order.merchantCode,
    branchName: merchant?.branchName ?? '',
    channel: order.channel,
    bankName: agreement?.bankName ?? null,
    accountTail: agreement?.accountTail ?? null,
    ...order.figures,
    refundedFen: order.refunded.payerFen,
    reason: order.reason,
    slotNumber: order.card ? order.card.slot + 1 : null,
    businessDate: order.businessDate,
    createdAt: iso(order.createdAt),
    endedAt: isoOrNull(order.endedAt),
    closeReason: order.closeReason,
    verification: order.verification,
    action: action && { ...action, expiresAt: iso(action.expiresAt) },
  }
}

export function presentMerchant({ merchant, channels, offer }: Shopfront): MerchantView {
  return {
    code: merchant.merchantCode,
    name: merchant.name,
    branchName: merchant.branchName,
    channels: channels.map((channel) => ({ ...channel, label: CHANNEL_LABELS[channel.name] })),
    offer: offer && {
      campaignId: offer.campaign.campaignId,
      campaignName: offer.campaign.name,
      headline: offer.headline,
      thresholdFen: offer.campaign.rule.thresholdFen,
      maxPayerDiscountFen: offer.maxPayerDiscountFen,
      ...presentAvailability(offer),
      paused: offer.campaign.state === 'paused',
    },
  }
}

const presentAvailability = ({ slots, remaining, reason, availableAt }: Availability) => ({
  slotsToday: slots,
  remainingToday: remaining,
  reason,
  availableAt: isoOrNull(availableAt),
})

export function presentRules({ campaign, headline, sections, deckToday, today }: Rules): RulesView {
  const { campaignId, name, startDate, endDate } = campaign
  return {
    campaignId,
    campaignName: name,
    headline,
    startDate,
    endDate,
    sections,
    deckToday: deckToday
      ? { businessDate: deckToday.businessDate, commitment: deckToday.commitment, dealtAt: iso(deckToday.dealtAt) }
      : null,
    today: presentAvailability(today),
  }
}

export function presentAccountChange({ effectiveAt, ...change }: AccountChange) {
  return { ...change, effectiveAt: iso(effectiveAt) }
}

export function presentMerchantDay(
  day: MerchantDay,
  accountChange: MerchantSummaryView['accountChange'],
): MerchantSummaryView {
  const { merchant, businessDate, summary, slots, today, heldUntil } = day
  const { merchantCode, name: merchantName, branchName } = merchant
  const hold = heldUntil === null ? null : { until: heldUntil, branchName }
  const left = today && presentAvailability(today)
  return { merchantCode, merchantName, businessDate, ...summary, slots, today: left, hold, accountChange }
}

export function presentMerchantOrder(order: RefundedOrder): MerchantOrderView {
  const { amountFen, merchantRewardFen, merchantReceivesFen } = order.figures
  return {
    orderNo: order.orderNo,
    channel: order.channel,
    amountFen,
    merchantRewardFen,
    merchantReceivesFen,
    refundedFen: order.refunded.payerFen,
    returnedFen: order.refunded.merchantFen,
    paidAt: iso(order.endedAt ?? order.createdAt),
  }
}

export function presentRefund(refund: Refund): RefundView {
  const { refundNo, orderNo, state, shares, reason, businessDate, failReason } = refund
  const times = { createdAt: iso(refund.createdAt), endedAt: isoOrNull(refund.endedAt) }
  return { refundNo, orderNo, state, ...shares, reason, businessDate, ...times, failReason }
}
