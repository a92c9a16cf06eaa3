import { businessDate, laterOf } from '../../domain/business-date'
import type { Amendment } from '../../domain/campaign-life'
import { disclosure, type Section } from '../../domain/disclosure'
import type { Operator } from '../../domain/operator'
import { amendedFaults, type TermsFault, termsFaults } from '../../domain/promise'
import type { Rule } from '../../domain/rule'
import { openDays } from '../../domain/window'
import type { CampaignRecord, Work } from '../ports'
import { type CampaignDeps, type Refusal, refusal, seen } from './access'
import { outcome, type Preview, type PreviewDeps } from './preview'

/** What a reviewer is about to let happen: as a preview, of terms that somebody else wrote. */
export interface ReviewPreview extends Preview {
  /** what the forecast is of: the days that are left, at what is left of the budget; fen */
  basis: { from: string; to: string; days: number; merchantCount: number; budgetFen: number }
  /** the legal text as it is published now; null: none is yet */
  published: Section[] | null
  rule: Rule
}

/**
 * What the launch or the amendment that waits for review would be, by the code that deals and publishes. An amendment's forecast is of
 * the rest of the campaign at what its decks have left of the budget. Of the whole campaign, whoever looks: it is what is approved.
 */
export async function previewForReview(
  deps: CampaignDeps & PreviewDeps,
  operator: Operator,
  campaignId: string,
  ordersPerMerchantPerDay: number,
  by: Parameters<Work['run']>[2],
): Promise<ReviewPreview | Refusal> {
  const found = await seen(deps, operator, campaignId)
  if ('kind' in found) return found
  const { open, behind } = found.record
  const waiting = open?.kind === 'pause' ? behind : open
  if (waiting?.kind !== 'launch' && waiting?.kind !== 'amend') return refusal('no-open-change')
  const record = await deps.campaigns.find(campaignId, { branchCode: null })
  if (!record) return refusal('campaign-not-found')
  const amendment = waiting.kind === 'amend' ? (waiting.amendment ?? {}) : null
  const { terms, merchantCount, faults } = await proposed(deps, record, amendment)
  const from = laterOf(terms.startDate, businessDate(deps.clock.now()))
  const days = openDays(terms.windows, from, terms.endDate)
  const budgetFen = Math.max(0, terms.budgetFen - record.committedFen)
  const basis = { from, to: terms.endDate, days, merchantCount, budgetFen }
  const input = { ...terms, merchantCount, budgetFen, ordersPerMerchantPerDay }
  return {
    faults,
    ...(await outcome(deps, input, days, by)),
    rule: terms.rule,
    basis,
    published: amendment && disclosure(record),
  }
}

interface Proposed {
  terms: CampaignRecord
  merchantCount: number
  faults: TermsFault[]
}

async function proposed(deps: CampaignDeps, record: CampaignRecord, amendment: Amendment | null): Promise<Proposed> {
  const { merchantCount } = record
  if (!amendment) return { terms: record, merchantCount, faults: termsFaults(record, deps, merchantCount) }
  const { addMerchantCodes = [], ...changes } = amendment
  const { named } = await deps.campaigns.known(record.campaignId, addMerchantCodes, { branchCode: null })
  const added = new Set(addMerchantCodes).size - named.length
  const faults = amendedFaults(record, amendment, added, deps)
  return { terms: { ...record, ...changes }, merchantCount: merchantCount + added, faults }
}
