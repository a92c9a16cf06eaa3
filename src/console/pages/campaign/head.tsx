import type { CampaignDetail } from '@contract'
import { useState } from 'react'
import { ConsoleError, call, post } from '../../client'
import { dayRange } from '../../dates'
import { refreshInbox } from '../../inbox'
import { go, Link } from '../../router'
import { useOperator } from '../../session'
import { Button, Confirm, Notice, PageHead, StatePill, toast } from '../../ui'
import { CHANGE_WORDS } from '../../words'
import { type Action, offerOf } from './actions'
import { Amend } from './amend'
import { KeepTemplate } from './keep-template'

/** The campaign's name, state and standing, and what this operator may do with it now. */
export function CampaignHead({ campaign, again }: { campaign: CampaignDetail; again: () => void }) {
  const operator = useOperator()
  const offer = offerOf(operator, campaign)
  const [asked, setAsked] = useState<Action | 'amend' | 'drop' | 'template' | null>(null)
  const { campaignId, name, state, startDate, endDate, version, madeBy, approvedBy, openChange } = campaign
  const people = approvedBy ? `经办 ${madeBy} / 复核 ${approvedBy}` : `经办 ${madeBy}`
  const close = () => setAsked(null)
  async function act(action: Action, note: string | undefined) {
    try {
      await post(`/admin/campaigns/${campaignId}/${action.verb}`, { note }, { ifMatch: campaign.revision })
      toast.ok(action.done)
    } finally {
      // refused, the page is probably old: what changed meanwhile comes into sight behind the dialog
      again()
      void refreshInbox()
    }
  }
  return (
    <>
      <PageHead
        title={name}
        trail={[['活动', 'campaigns']]}
        mark={<StatePill state={state} />}
        meta={`${dayRange(startDate, endDate)} · 第 ${version} 版 · ${people}`}
        keys={
          <>
            {state !== 'ended' && (
              <Link to={`campaigns/${campaignId}/report`} className="c-button">
                报表
              </Link>
            )}
            {offer.edit && (
              <Link to={`campaigns/${campaignId}/edit`} className="c-button">
                编辑
              </Link>
            )}
            {offer.copy && (
              <Link to={`campaigns/new?from=${campaignId}`} className="c-button">
                复制
              </Link>
            )}
            {offer.copy && <Button onClick={() => setAsked('template')}>存为模板</Button>}
            {offer.drop && (
              <Button kind="danger" onClick={() => setAsked('drop')}>
                删除草稿
              </Button>
            )}
            {offer.amend && <Button onClick={() => setAsked('amend')}>修改</Button>}
            {offer.actions.map((action) => (
              <Button
                key={action.verb}
                kind={action.danger ? 'danger' : action.verb === 'submit' ? 'main' : 'plain'}
                onClick={() => setAsked(action)}
              >
                {action.words}
              </Button>
            ))}
            {offer.review && (
              <Link to="reviews" className="c-button c-button--main">
                去复核
              </Link>
            )}
          </>
        }
      />
      {openChange && (
        <Notice>
          <span>
            {`${openChange.madeBy} 申请${CHANGE_WORDS[openChange.kind]}，等待复核。`}
            {openChange.inForce && '已先行生效。'}
            {openChange.note && `说明：${openChange.note}`}
          </span>
        </Notice>
      )}
      {asked === 'amend' && <Amend campaign={campaign} onClose={close} onDone={again} />}
      {asked === 'template' && <KeepTemplate campaign={campaign} onClose={close} />}
      {asked === 'drop' && <DropDraft campaign={campaign} onClose={close} />}
      {asked && typeof asked === 'object' && (
        <Confirm
          title={`${asked.words}：${name}`}
          consequence={asked.consequence.map((line) => <p key={line}>{line}</p>)}
          verb={asked.words}
          danger={asked.danger}
          note={asked.note && { label: '说明（复核人会看到）', required: asked.note === 'required' }}
          act={(note) => act(asked, note)}
          onClose={close}
        />
      )}
    </>
  )
}

/** Nobody sees a draft again that was thrown away; the log tells of it. */
function DropDraft({ campaign, onClose }: { campaign: CampaignDetail; onClose(): void }) {
  async function drop() {
    const gone = (fault: unknown) => {
      // an earlier request of ours had arrived, or a colleague's
      if (!(fault instanceof ConsoleError && fault.code === 'campaign-not-found')) throw fault
    }
    const { campaignId, revision } = campaign
    await call<undefined>(`/admin/campaigns/${campaignId}`, { method: 'DELETE', ifMatch: revision }).catch(gone)
    toast.ok(`已删除草稿：${campaign.name}`)
    go('campaigns', { replace: true })
  }
  return (
    <Confirm
      title={`删除草稿：${campaign.name}`}
      consequence={<p>草稿和它的商户名单从此谁也看不到，不能恢复；审计日志里留有记录。</p>}
      verb="删除草稿"
      danger
      act={drop}
      onClose={onClose}
    />
  )
}
