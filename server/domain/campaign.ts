import type { ChannelName } from './channel'
import { plainYuan, splitDiscount } from './money'
import { bandCount, largestCard, type Period, type Rule, smallestCard } from './rule'
import { isOpenAt, type Window, windowsWords } from './window'

export type CampaignState = 'draft' | 'submitted' | 'approved' | 'running' | 'paused' | 'ended'

export interface Campaign extends Period {
  campaignId: string
  /** raised by each reviewed edit; part of every deck's seed */
  version: number
  name: string
  organiser: string
  state: CampaignState
  rule: Rule
  /** the most the campaign may cost in all (I7) */
  budgetFen: number
  /** the most that the decks of one business date may cost; null is no bound of its own */
  dailyBudgetFen: number | null
  /** when it gives discounts; none is always */
  windows: readonly Window[]
  /** discounts one payer may use at one merchant in a business day; null is no limit */
  maxPerPayerPerDay: number | null
  /** discounts one payer may use in a business day at all of its merchants together; null is no limit */
  maxPerPayerPerCampaignDay: number | null
  /** orders paid through these may take a card */
  channels: readonly ChannelName[]
}

/** Why a quote carries no discount. Stable codes: pages, tests and reports name them. */
export const NO_DISCOUNT_REASONS = [
  'not-in-campaign',
  'campaign-not-started',
  'campaign-paused',
  'campaign-ended',
  /** it is on, and not at this weekday or hour */
  'outside-window',
  'channel-not-eligible',
  'below-threshold',
  'limit-reached',
  'holding-limit',
  'own-shop',
  /** it is held back from this payer, or at this merchant; who asks is told whom to ask */
  'not-eligible',
  'all-held',
  'sold-out',
  'budget-exhausted',
  'discount-unavailable',
] as const
export type NoDiscountReason = (typeof NO_DISCOUNT_REASONS)[number]

/**
 * Decides from the order's own parameters whether it may take a card; null means it may.
 * Whether a card is left is the deck's to say (`sold-out`, `all-held`, `limit-reached`, `holding-limit`, `budget-exhausted`).
 */
export function disqualify(
  campaign: Campaign | undefined,
  order: { channel: ChannelName; amountFen: number; businessDate: string; at: number },
): NoDiscountReason | null {
  if (!campaign) return 'not-in-campaign'
  const closed = closedAt(campaign, order.businessDate, order.at)
  if (closed) return closed
  if (!campaign.channels.includes(order.channel)) return 'channel-not-eligible'
  if (order.amountFen < campaign.rule.thresholdFen) return 'below-threshold'
  return null
}

/** Why the campaign gives nobody a card on the date; null: it may. */
export function closedOn(
  campaign: Campaign,
  date: string,
): 'campaign-ended' | 'campaign-paused' | 'campaign-not-started' | null {
  if (date > campaign.endDate) return 'campaign-ended'
  const state = stateOn(campaign, date)
  if (state === 'ended' || state === 'paused') return `campaign-${state}`
  return state === 'running' && date >= campaign.startDate ? null : 'campaign-not-started'
}

/** Why it gives nobody a card at the moment, ms, of the date; null: it may. */
export function closedAt(campaign: Campaign, date: string, at: number): ReturnType<typeof closedOn> | 'outside-window' {
  return closedOn(campaign, date) ?? (isOpenAt(campaign.windows, at) ? null : 'outside-window')
}

/** Why there is none, where that follows from the campaign's own terms and pages have no words for it; null: they have. */
export function reasonWords({ windows, dailyBudgetFen }: Campaign, reason: NoDiscountReason | null): string | null {
  if (reason === 'outside-window') return `优惠时段是${windowsWords(windows)}`
  return reason === 'budget-exhausted' && dailyBudgetFen !== null ? '今天的活动经费已用完' : null
}

/** The state on a date: an approved campaign starts and a campaign past its end has ended, even if no job has said so yet. */
export function stateOn(campaign: Pick<Campaign, 'state' | 'startDate' | 'endDate'>, date: string): CampaignState {
  const { state, startDate, endDate } = campaign
  if (state === 'draft' || state === 'submitted' || state === 'ended') return state
  if (date > endDate) return 'ended'
  return state === 'approved' && date >= startDate ? 'running' : state
}

/** What a brake makes of a state: what would give discounts, or is going to, is paused. */
export function heldState(state: CampaignState): CampaignState {
  return state === 'approved' || state === 'running' ? 'paused' : state
}

/**
 * The most a payer can get: the payer's share of the largest card that a deck can hold. `slots`: cards of the deck in question;
 * a short one may have none beyond the band. Nought is no deck: then it is what the campaign's can hold. Never derived from a dealt deck's own cards, which are nobody's to know yet.
 */
export function maxPayerDiscountFen(rule: Rule, slots = rule.slots): number {
  return splitDiscount(largestCard({ ...rule, slots: slots || rule.slots }), rule.payerPercent).payerFen
}

/** Between what a payer gets at the least and at the most, fen, both included; of whatever deck of the rule. */
export function payerDiscountRange(rule: Rule): { minFen: number; maxFen: number } {
  return { minFen: splitDiscount(smallestCard(rule), rule.payerPercent).payerFen, maxFen: maxPayerDiscountFen(rule) }
}

/**
 * Between what most payers get, fen, both included: the payers' share of the band, where more than half of a deck's cards lie in it and it
 * says more than the least and the most do. Null: nothing can be said of most.
 */
export function usualPayerRange(rule: Rule, slots = rule.slots): { minFen: number; maxFen: number } | null {
  const { minFen, maxFen, bandMinFen, bandMaxFen, payerPercent } = rule
  const dealt = { ...rule, slots: slots || rule.slots }
  const isAll = bandMinFen === minFen && bandMaxFen === maxFen
  if (payerPercent === 0 || isAll || bandCount(dealt) * 2 <= dealt.slots) return null
  const payerFen = (fen: number) => splitDiscount(fen, payerPercent).payerFen
  return { minFen: payerFen(bandMinFen), maxFen: payerFen(bandMaxFen) }
}

/** The honest headline, derived from the rule and never typed: "满10元最高减5元"; see {@link maxPayerDiscountFen}. */
export function headline(rule: Rule, slots = rule.slots): string {
  const mostFen = maxPayerDiscountFen(rule, slots)
  const of = `满${plainYuan(rule.thresholdFen)}元`
  // from before such a rule was refused
  return mostFen === 0 ? `${of}奖励商户` : `${of}最高减${plainYuan(mostFen)}元`
}
