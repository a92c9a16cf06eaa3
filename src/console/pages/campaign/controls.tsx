import type { CampaignDetail, CampaignEffect } from '@contract'
import { useState } from 'react'
import { post } from '../../client'
import { useOperator } from '../../session'
import { Button, Card, Choices, Confirm, toast } from '../../ui'
import type { Reading } from '../../use-read'
import { offerOf } from './actions'
import { drawnWords, powerWords } from './effect'

const PERCENTS = ['10', '20', '30', '50'].map((percent) => [percent, `留出 ${percent}%`] as const)

interface ControlsProps {
  campaign: CampaignDetail
  effect: Reading<CampaignEffect>
  again: () => void
}

/** Leaves some of a draft's merchants out, at random: without them nobody can tell later whether it was the campaign. */
export function ControlsCard({ campaign, effect, again }: ControlsProps) {
  const [percent, setPercent] = useState('20')
  const [asked, setAsked] = useState(false)
  const { campaignId, merchantCount, controlCount, revision } = campaign
  const mayDraw = offerOf(useOperator(), campaign).edit
  const found = effect.kind === 'ready' ? effect.value : null
  async function draw() {
    try {
      await post(`/admin/campaigns/${campaignId}/controls/draw`, { percent: Number(percent) }, { ifMatch: revision })
      toast.ok('已抽取对照商户')
    } finally {
      again()
    }
  }
  return (
    <Card title="对照商户" aside={`参与 ${merchantCount} 家，对照 ${controlCount} 家`}>
      <ul className="campaign__words">
        <li>
          从名单里随机留出一部分不参加，事后才分得清提升是不是活动带来的。按网点和订单量分层，同一份名单再抽结果不变；两边至少各
          4 家。
        </li>
        {found && controlCount > 0 && <li>{drawnWords(found)}</li>}
        {found && <li>{powerWords(found) ?? '还估不出能看出多大的提升：缺活动前各渠道的笔数，或商户太少。'}</li>}
      </ul>
      {mayDraw && (
        <div className="c-row">
          <Choices label="留出多少" options={PERCENTS} chosen={percent} onChoose={setPercent} />
          <Button onClick={() => setAsked(true)}>抽取对照商户</Button>
        </div>
      )}
      {asked && (
        <Confirm
          title="抽取对照商户"
          consequence={`在名单的 ${merchantCount + controlCount} 家里随机留出 ${percent}%，这些商户没有优惠；原来的分组被替换。`}
          verb="抽取"
          act={draw}
          onClose={() => setAsked(false)}
        />
      )}
    </Card>
  )
}
