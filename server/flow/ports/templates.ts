import type { CampaignTerms } from '../../domain/campaign-life'
import type { Sight } from './campaigns'
import type { Deed } from './deed'

/** What another campaign may begin with: all terms but what it is called, when it is, and where. */
export type TemplateTerms = Omit<CampaignTerms, 'name' | 'startDate' | 'endDate' | 'branchCode'>

/** Terms under a name. It never changes; who wants it otherwise keeps another. */
export interface CampaignTemplate {
  templateId: string
  /** one of its name in a branch */
  name: string
  /** whose makers it is for; null: everybody's */
  branchCode: string | null
  terms: TemplateTerms
  madeBy: string
  /** ms */
  madeAt: number
}

export interface Templates {
  /** Those of the branch and those of the whole bank, by name; who sees the whole bank sees every branch's. */
  list(sight: Sight): Promise<CampaignTemplate[]>
  find(templateId: string, sight: Sight): Promise<CampaignTemplate | undefined>
  /** `most`: how many a branch, or the bank, may have. Written with its deed, as the drop is. */
  add(template: CampaignTemplate, most: number, deed: Deed): Promise<{ kind: 'written' | 'exists' | 'too-many' }>
  /** False: it is gone already. */
  drop(templateId: string, deed: Deed): Promise<boolean>
}
