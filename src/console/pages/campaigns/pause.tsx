import type { CampaignSummary } from '@contract'
import { useState } from 'react'
import { post } from '../../client'
import { refreshInbox } from '../../inbox'
import { useOperator } from '../../session'
import { Button, Confirm, toast } from '../../ui'
import { mayPause, pause } from '../campaign/actions'

/** Stops a campaign from the list; nothing where there is nothing to stop, or it isn't theirs. */
export function PauseCampaign({ campaign, onDone }: { campaign: CampaignSummary; onDone(): void }) {
  const operator = useOperator()
  const [asked, setAsked] = useState(false)
  if (!mayPause(operator, campaign)) return null
  const { words, consequence, done } = pause(campaign)
  async function act(note: string | undefined) {
    await post(`/admin/campaigns/${campaign.campaignId}/pause`, { note })
    toast.ok(done)
    onDone()
    void refreshInbox()
  }
  return (
    <>
      <Button kind="text" aria-label={`${words} ${campaign.name}`} onClick={() => setAsked(true)}>
        {words}
      </Button>
      {asked && (
        <Confirm
          title={`${words}：${campaign.name}`}
          consequence={consequence.map((line) => <p key={line}>{line}</p>)}
          verb={words}
          danger
          note={{ label: '说明（复核人会看到）', required: true }}
          act={act}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}
