import type { CampaignDetail, CampaignImport } from '@contract'
import { call, get } from '../../client'
import { type ListFiles, type ListRole, ROLE_LABELS } from './list-file'

/** 100,000 lines are read, looked up and written well within it. */
const TIMEOUT_MS = 300_000

/** A file of which some lines can't be taken: nothing of it was. */
export interface Refused {
  role: ListRole
  fileName: string
  view: CampaignImport
}

/**
 * Sends the lists of a saved draft, one after the other, and tells of each before it goes. The first with a faulty line is
 * the last to be sent. `campaign` is how the draft stands afterwards, with the revision of the lists that were taken.
 */
export async function upload(
  campaignId: string,
  files: ListFiles,
  onStep: (role: ListRole) => void,
): Promise<{ campaign: CampaignDetail; taken: ListRole[]; refused?: Refused }> {
  const taken: ListRole[] = []
  let refused: Refused | undefined
  for (const role of Object.keys(ROLE_LABELS) as ListRole[]) {
    const file = files[role]
    if (!file || refused) continue
    onStep(role)
    const view = await call<CampaignImport>(`/admin/campaigns/${campaignId}/merchants`, {
      method: 'POST',
      query: { role },
      csv: file.bytes,
      timeoutMs: TIMEOUT_MS,
    })
    if (view.faultCount > 0) refused = { role, fileName: file.name, view }
    else taken.push(role)
  }
  return { campaign: await get<CampaignDetail>(`/admin/campaigns/${campaignId}`), taken, refused }
}
