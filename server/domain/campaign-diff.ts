import type { CampaignState } from './campaign'
import type { Amendment, CampaignTerms, ChangeKind } from './campaign-life'
import type { Rule } from './rule'

/** One field as a reviewer compares it; `field` is its path in the campaign's request. Null where there was nothing. */
export interface FieldChange {
  field: string
  before: unknown
  after: unknown
}

/** How many merchants a campaign names, and how many are left out on purpose. */
export interface MerchantCounts {
  merchantCount: number
  controlCount: number
}

/**
 * What approving the change does, field by field: a launch publishes every term for the first time, an amendment changes
 * its fields, the others change the state.
 */
export function changeDiff(
  change: { kind: ChangeKind; amendment: Amendment | null; inForce: boolean },
  campaign: CampaignTerms & MerchantCounts & { state?: CampaignState },
): FieldChange[] {
  switch (change.kind) {
    case 'launch':
      return flat(campaign).map(([field, after]) => ({ field, before: null, after }))
    case 'amend':
      return amended(change.amendment ?? {}, campaign)
    case 'pause':
      return [{ field: 'state', before: 'running', after: 'paused' }]
    case 'resume':
      return [{ field: 'state', before: 'paused', after: 'running' }]
    case 'end':
      return [{ field: 'state', before: campaign.state ?? null, after: 'ended' }]
    default:
      return change.kind satisfies never
  }
}

/** The terms that `after` changes, both ways; fields that are equal are left out, and those that `before` doesn't tell of. */
export function termsDiff(before: CampaignTerms, after: Partial<CampaignTerms>): FieldChange[] {
  const was = new Map(flat(before))
  return flat({ ...before, ...after }).flatMap(([field, value]) =>
    was.get(field) === undefined || JSON.stringify(was.get(field)) === JSON.stringify(value)
      ? []
      : [{ field, before: was.get(field), after: value }],
  )
}

/** In the order in which they are read. */
const AMENDED = ['endDate', 'windows', 'budgetFen', 'dailyBudgetFen'] as const satisfies (keyof Amendment)[]

function amended({ addMerchantCodes, ...terms }: Amendment, campaign: CampaignTerms & MerchantCounts) {
  const changes: FieldChange[] = AMENDED.flatMap((field) =>
    terms[field] === undefined ? [] : [{ field, before: campaign[field], after: terms[field] }],
  )
  if (addMerchantCodes) changes.push({ field: 'addMerchantCodes', before: null, after: addMerchantCodes })
  return changes
}

/** In the order in which a rule is read; a database may give them in another. */
const RULE_FIELDS = Object.keys({
  thresholdFen: 0,
  slots: 0,
  minFen: 0,
  maxFen: 0,
  bandMinFen: 0,
  bandMaxFen: 0,
  bandPercent: 0,
  payerPercent: 0,
} satisfies Record<keyof Rule, 0>) as (keyof Rule)[]

/** Rule fields one by one: a reviewer looks at ¥9.00 → ¥90.00, not at two objects. */
function flat(campaign: CampaignTerms & Partial<MerchantCounts>): [string, unknown][] {
  const { name, organiser, startDate, endDate, rule, budgetFen, branchBudgets, branchCode, priority } = campaign
  const { maxPerPayerPerDay, maxPerPayerPerCampaignDay, channels, merchantCount, controlCount } = campaign
  const { windows, dailyBudgetFen } = campaign
  return Object.entries({
    name,
    organiser,
    startDate,
    endDate,
    windows,
    ...Object.fromEntries(RULE_FIELDS.map((field) => [`rule.${field}`, rule[field]])),
    budgetFen,
    dailyBudgetFen,
    branchBudgets,
    maxPerPayerPerDay,
    maxPerPayerPerCampaignDay,
    channels,
    priority,
    branchCode,
    ...(merchantCount !== undefined && { merchantCount, controlCount }),
  })
}
