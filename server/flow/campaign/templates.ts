import type { CampaignTerms } from '../../domain/campaign-life'
import { mayChange, type Operator } from '../../domain/operator'
import type { CampaignBook, CampaignTemplate, Clock, Desk, Random, TemplateTerms } from '../ports'
import { ofSight } from './access'

/**
 * Templates: a campaign's terms under a name, for the makers of a branch to begin others with. One is nobody's promise: what is drafted
 * from it is judged and reviewed as any draft is.
 */
export interface TemplateDeps {
  desk: Pick<Desk, 'templates'>
  campaigns: Pick<CampaignBook, 'find'>
  clock: Clock
  random: Random
}

/** A list that a person reads to its end. */
const MOST_TEMPLATES = 50

export type TemplateRefusal = 'campaign-not-found' | 'template-exists' | 'too-many-templates'

/** Of the whole bank's each sees their own branch's budget alone. */
export async function listTemplates({ desk }: TemplateDeps, operator: Operator): Promise<CampaignTemplate[]> {
  const templates = await desk.templates.list(operator)
  return templates.map(({ terms, ...rest }) => ({
    ...rest,
    terms: { ...terms, branchBudgets: ofSight(operator, terms) },
  }))
}

/** Keeps the terms of a campaign that the operator sees, as they are now; it is for their branch, or for everybody where they have none. */
export async function keepTemplate(
  deps: TemplateDeps,
  operator: Operator,
  { name, campaignId }: { name: string; campaignId: string },
): Promise<CampaignTemplate | TemplateRefusal> {
  const record = await deps.campaigns.find(campaignId, operator)
  if (!record) return 'campaign-not-found'
  const { username: madeBy, branchCode } = operator
  const templateId = `T${Buffer.from(deps.random(8)).toString('hex')}`
  const madeAt = deps.clock.now()
  const template = { templateId, name, branchCode, terms: termsOf(record), madeBy, madeAt }
  const deed = {
    ...{ at: madeAt, username: madeBy, action: 'campaign-template.add', subject: `campaign-template/${templateId}` },
    after: { name, branchCode, campaignId },
  }
  const added = await deps.desk.templates.add(template, MOST_TEMPLATES, deed)
  if (added.kind === 'exists') return 'template-exists'
  return added.kind === 'too-many' ? 'too-many-templates' : template
}

/** A branch's own, or, by those who see the whole bank, any. */
export async function dropTemplate(
  deps: TemplateDeps,
  operator: Operator,
  templateId: string,
): Promise<'dropped' | 'no-such-template' | 'branch-refused'> {
  const template = await deps.desk.templates.find(templateId, operator)
  if (!template) return 'no-such-template'
  if (!mayDrop(operator, template)) return 'branch-refused'
  const { name, madeBy, branchCode } = template
  const deed = {
    ...{ at: deps.clock.now(), username: operator.username, action: 'campaign-template.delete' },
    ...{ subject: `campaign-template/${templateId}`, before: { name, madeBy, branchCode } },
  }
  return (await deps.desk.templates.drop(templateId, deed)) ? 'dropped' : 'no-such-template'
}

export const mayDrop = (operator: Operator, { branchCode }: Pick<CampaignTemplate, 'branchCode'>) =>
  mayChange(operator, branchCode)

function termsOf(terms: CampaignTerms): TemplateTerms {
  const { organiser, rule, budgetFen, dailyBudgetFen, windows, branchBudgets } = terms
  const { maxPerPayerPerDay, maxPerPayerPerCampaignDay, channels, priority } = terms
  return {
    ...{ organiser, rule, budgetFen, dailyBudgetFen, windows, branchBudgets },
    ...{ maxPerPayerPerDay, maxPerPayerPerCampaignDay, channels, priority },
  }
}
