import type { CampaignDetail } from '@contract'
import { useState } from 'react'
import type { ListFiles, ListRole } from './list-file'
import { type Refused, upload } from './upload'

/** Lists too long for the form itself, which go up once the draft is there to take them. */
export function useListFiles(onDraft: (campaign: CampaignDetail) => void) {
  const [files, setFiles] = useState<ListFiles>({})
  const [sending, setSending] = useState<ListRole>()
  const [refused, setRefused] = useState<Refused>()
  /** False when one has faulty lines; those that were taken are done with. */
  async function send(campaignId: string): Promise<boolean> {
    setRefused(undefined)
    if (Object.keys(files).length === 0) return true
    try {
      const result = await upload(campaignId, files, setSending)
      onDraft(result.campaign)
      setFiles(Object.fromEntries(Object.entries(files).filter(([role]) => !result.taken.includes(role as ListRole))))
      setRefused(result.refused)
      return !result.refused
    } finally {
      setSending(undefined)
    }
  }
  return { files, setFiles, sending, refused, send }
}
