import type { CampaignDetail } from '@contract'
import { useState } from 'react'
import { post } from '../../client'
import { refreshInbox } from '../../inbox'
import { Link } from '../../router'
import { useOperator } from '../../session'
import { Button, Confirm, Notice, PageHead, StatePill, toast } from '../../ui'
import { CHANGE_WORDS } from '../../words'
import { type Action, offerOf } from './actions'
import { Amend } from './amend'

/** The campaign's name, state and standing, and what this operator may do with it now. */
export function CampaignHead({ campaign, again }: { campaign: CampaignDetail; again: () => void }) {
  const operator = useOperator()
  const offer = offerOf(operator, campaign)
  const [asked, setAsked] = useState<Action | 'amend' | null>(null)
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
        meta={`${startDate} 至 ${endDate} · 第 ${version} 版 · ${people}`}
        keys={
          <>
            <Link to={`campaigns/${campaignId}/report`} className="c-button">
              报表
            </Link>
            {offer.edit && (
              <Link to={`campaigns/${campaignId}/edit`} className="c-button">
                编辑
              </Link>
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
      {asked && asked !== 'amend' && (
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
