import { CHANNEL_LABELS } from '../../domain/channel'
import { oddsOf } from '../../domain/odds'
import { openAction } from '../../domain/order'
import type { Quote } from '../../domain/quote'
import type { Refund } from '../../domain/refund'
import type { Settlement } from '../../domain/settlement'
import { type AccountChange, TAIL } from '../../flow/change/show'
import type { Availability } from '../../flow/deck/availability'
import type { MerchantDay, Rules, Shopfront } from '../../flow/merchant/show'
import type { PayersOrder } from '../../flow/payment/show'
import type { UserRole } from '../../flow/ports'
import type { RefundableOrder } from '../../flow/refund/preview'
import type { RefundedOrder } from '../../flow/refund/refunded'
import type {
  CardView,
  MerchantOrderDetail,
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
  { quote, availableAt, words }: { quote: Quote; availableAt: number | null; words?: string | null },
  quoteId: string,
): QuoteView {
  const { figures, expiresAt, reason, discountRange = null, businessDate } = quote
  return {
    quoteId,
    ...figures,
    ...(discountRange && HIDDEN),
    expiresAt: iso(expiresAt),
    reason,
    availableAt: isoOrNull(availableAt),
    ...(words && { reasonWords: words }),
    discountRange,
    card: quote.card && presentCard(quote.card, businessDate),
  }
}

function presentCard({ campaignId, slot, commitment }: NonNullable<Quote['card']>, businessDate: string): CardView {
  return { campaignId, businessDate, slotNumber: slot + 1, commitment: commitment ?? null }
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
    card: order.card && presentCard(order.card, order.card.businessDate),
    businessDate: order.businessDate,
    createdAt: iso(order.createdAt),
    endedAt: isoOrNull(order.endedAt),
    closeReason: order.closeReason,
    verification: order.verification,
    action: action && { ...action, expiresAt: iso(action.expiresAt) },
  }
}

export function presentMerchant({ merchant, channels, offer }: Shopfront, bankName: string): MerchantView {
  return {
    code: merchant.merchantCode,
    name: merchant.name,
    branchName: merchant.branchName,
    bankName,
    channels: channels.map((channel) => ({ ...channel, label: CHANNEL_LABELS[channel.name] })),
    offer: offer && {
      campaignId: offer.campaign.campaignId,
      campaignName: offer.campaign.name,
      headline: offer.headline,
      thresholdFen: offer.campaign.rule.thresholdFen,
      maxPayerDiscountFen: offer.maxPayerDiscountFen,
      usual: offer.usual,
      merchantPercent: 100 - offer.campaign.rule.payerPercent,
      ...presentAvailability(offer),
      paused: offer.campaign.state === 'paused',
    },
  }
}

const presentAvailability = ({ slots, remaining, reason, availableAt, words }: Availability) => ({
  slotsToday: slots,
  remainingToday: remaining,
  reason,
  availableAt: isoOrNull(availableAt),
  ...(words && { reasonWords: words }),
})

export function presentRules({ campaign, headline, sections, deckToday, secret, today }: Rules): RulesView {
  const { campaignId, name, startDate, endDate } = campaign
  return {
    campaignId,
    campaignName: name,
    headline,
    startDate,
    endDate,
    sections,
    odds: oddsOf(campaign.rule),
    secretCommitment: secret?.commitment ?? null,
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
  role: UserRole,
  accountChange: MerchantSummaryView['accountChange'],
): MerchantSummaryView {
  const { merchant, businessDate, summary, settlements, slots, today, campaign, heldUntil } = day
  const { merchantCode, name: merchantName, branchName } = merchant
  // why discounts are stopped is between the bank and the owner
  const owner = role === 'owner'
  const hold = owner && heldUntil !== null ? { until: heldUntil, branchName } : null
  const left = today && presentAvailability(today)
  const byAccount = settlements.map((one) => ({ ...presentSettlement(one), accountTail: one.account.slice(-TAIL) }))
  const figures = { ...summary, settlements: byAccount }
  const accountTail = merchant.account.slice(-TAIL)
  return {
    merchantCode,
    merchantName,
    role,
    accountTail,
    businessDate,
    ...figures,
    slots,
    today: left,
    campaign: campaign && presentOwnCampaign(campaign, owner),
    hold,
    accountChange,
  }
}

function presentOwnCampaign(
  { name, startDate, endDate, paused }: NonNullable<MerchantDay['campaign']>,
  owner: boolean,
) {
  return { name, startDate, endDate, paused: owner ? paused : null }
}

export function presentSettlement({ account: _, rewardCount: __, ...settlement }: Settlement) {
  return settlement
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

export function presentMerchantOrderDetail({
  order,
  refunds,
  leftFen,
  mayRefund,
}: RefundableOrder): MerchantOrderDetail {
  const accountTail = order.accounts.merchant.slice(-TAIL)
  const shown = { accountTail, refundableFen: leftFen, mayRefund, refunds: refunds.map(presentRefund) }
  return { ...presentMerchantOrder(order), ...shown }
}

export function presentRefund(refund: Refund): RefundView {
  const { refundNo, orderNo, state, shares, reason, businessDate, failReason } = refund
  const times = { createdAt: iso(refund.createdAt), endedAt: isoOrNull(refund.endedAt) }
  return { refundNo, orderNo, state, ...shares, reason, businessDate, ...times, failReason }
}
