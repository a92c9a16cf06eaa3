import { type FieldChange, termsDiff } from '../../domain/campaign-diff'
import type { Operator } from '../../domain/operator'
import type { ListCounts, ListLine, Rejected } from '../ports'
import { type CampaignDeps, ofSight, type Refusal, refusal, seen } from './access'

/** What a reviewer is told beside what is asked for: what changed since a colleague rejected it, and at which merchants. */
export interface Comparison {
  /** of a launch that was rejected before; null: it is the first, or nobody knows any more */
  since: (Omit<Rejected, 'terms'> & { diff: FieldChange[] }) | null
  counts: ListCounts
  items: ListLine[]
  nextCursor?: string
}

const PAGE = 50

export async function compareForReview(
  deps: CampaignDeps,
  operator: Operator,
  campaignId: string,
  { all, cursor }: { all: boolean; cursor?: string | undefined },
): Promise<Comparison | Refusal> {
  const found = await seen(deps, operator, campaignId)
  if ('kind' in found) return found
  const { open, behind } = found.record
  const waiting = open?.kind === 'pause' ? behind : open
  if (waiting?.kind !== 'launch' && waiting?.kind !== 'amend') return refusal('no-open-change')
  const [before, lists] = await Promise.all([
    waiting.kind === 'launch' ? deps.campaigns.rejected(campaignId) : undefined,
    deps.campaigns.reviewLists({ campaignId, sight: operator, onlyChanged: !all, cursor, limit: PAGE }),
  ])
  return { since: before ? sinceThen(before, found.record, operator) : null, ...lists }
}

function sinceThen({ terms, ...rejected }: Rejected, now: Rejected['terms'], operator: Operator) {
  return { ...rejected, diff: termsDiff({ ...terms, branchBudgets: ofSight(operator, terms) }, now) }
}
