import type { CampaignMerchantList } from '@contract'
import { get } from '../../client'

/** Every merchant of a campaign: those that take part, and those left out to compare with. */
export async function listsOf(campaignId: string): Promise<{ merchantCodes: string[]; controlCodes: string[] }> {
  const merchantCodes: string[] = []
  const controlCodes: string[] = []
  let cursor: string | undefined
  do {
    const page: CampaignMerchantList = await get(`/admin/campaigns/${campaignId}/merchants`, { cursor })
    for (const { code, control } of page.items) (control ? controlCodes : merchantCodes).push(code)
    cursor = page.nextCursor
  } while (cursor)
  return { merchantCodes, controlCodes }
}
