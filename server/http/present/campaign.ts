import { headline, maxPayerDiscountFen } from '../../domain/campaign'
import { type Amendment, amendmentSeen, type Change } from '../../domain/campaign-life'
import { disclosure } from '../../domain/disclosure'
import { opensOn, type Window, windowsWords } from '../../domain/window'
import type { Seen } from '../../flow/campaign/access'
import type { CampaignDetail as Detail, MerchantOfDay } from '../../flow/campaign/campaigns'
import type { Comparison } from '../../flow/campaign/compare'
import type { ReviewItem as Item } from '../../flow/campaign/review'
import type { HistoryItem } from '../../flow/ports'
import type {
  CampaignDetail,
  CampaignHistory,
  CampaignMerchant,
  CampaignSummary,
  ChangeView,
  ReviewComparison,
  ReviewItem,
} from '../contract'
import { presentBrake } from './brake'
import { iso, isoOrNull } from './iso'

/** Campaigns as operators see them. */

function presentChange({ unseen, ...change }: Change, campaignName: string): ChangeView {
  const { madeAt, reviewedAt } = change
  const seen = amendmentSeen({ ...change, ...(unseen && { unseen }) })
  const amendment = seen && presentAmendment(seen)
  return { ...change, amendment, campaignName, madeAt: iso(madeAt), reviewedAt: isoOrNull(reviewedAt) }
}

export function presentCampaign({ record, state }: Seen): CampaignSummary {
  const { campaignId, name, startDate, endDate, branchCode, budgetFen, committedFen, merchantCount, priority } = record
  return {
    campaignId,
    revision: record.revision,
    name,
    state,
    startDate,
    endDate,
    branchCode,
    headline: headline(record.rule),
    budgetFen,
    committedFen,
    merchantCount,
    priority,
    openChange: record.open && presentChange(record.open, name),
    behind: record.behind && presentChange(record.behind, name),
    brake: record.brake && presentBrake(record.brake),
    updatedAt: iso(record.updatedAt),
  }
}

export function presentDetail(detail: Detail): CampaignDetail {
  const { record, overlaps, today, daysLeft } = detail
  const { organiser, version, rule, channels, controlCount, madeBy, approvedBy } = record
  const { maxPerPayerPerDay, maxPerPayerPerCampaignDay, dailyBudgetFen, windows } = record
  return {
    ...presentCampaign(detail),
    organiser,
    version,
    rule,
    dailyBudgetFen,
    windows: presentWindows(windows),
    windowsWords: windowsWords(windows) || null,
    openToday: opensOn(windows, detail.date),
    branchBudgets: record.branches,
    maxPerPayerPerDay,
    maxPerPayerPerCampaignDay,
    channels: [...channels],
    controlCount,
    maxPayerDiscountFen: maxPayerDiscountFen(rule),
    disclosure: disclosure(record),
    overlaps,
    madeBy,
    approvedBy,
    today,
    daysLeft,
  }
}

function presentAmendment({ windows, ...amendment }: Amendment): NonNullable<ChangeView['amendment']> {
  return { ...amendment, ...(windows && { windows: presentWindows(windows) }) }
}

/** The contract's own, which may be written to. */
export const presentWindows = (windows: readonly Window[]) =>
  windows.map(({ weekdays, ...span }) => ({ weekdays: [...weekdays], ...span }))

export function presentHistory(items: readonly HistoryItem[]): CampaignHistory {
  return { items: items.map((item) => ({ ...item, at: iso(item.at) })) }
}

export function presentReview({ record, change, diff, mayReview }: Item): ReviewItem {
  return { ...presentChange(change, record.name), revision: record.revision, mayReview, diff }
}

export function presentComparison({ since, ...lists }: Comparison): ReviewComparison {
  return { since: since && { ...since, at: iso(since.at) }, ...lists }
}

export function presentCampaignMerchant({ merchantCode, soldOutAt, ...rest }: MerchantOfDay): CampaignMerchant {
  return { code: merchantCode, ...rest, soldOutAt: isoOrNull(soldOutAt) }
}
