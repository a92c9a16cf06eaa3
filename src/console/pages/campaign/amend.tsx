import type { AmendBody, CampaignDetail } from '@contract'
import { type FormEvent, useState } from 'react'
import { post } from '../../client'
import { fenOf, yuanText } from '../../format'
import { refreshInbox } from '../../inbox'
import { besideField, fieldOf, sentenceOf } from '../../sentences'
import { Button, Dialog, Fault, TextArea, TextField, toast, YuanField } from '../../ui'
import { codesOf } from '../campaign-edit/merchant-codes'

const FIELDS = ['endDate', 'addMerchantCodes', 'budgetFen'] as const
type Field = (typeof FIELDS)[number]

/** After approval only what favours consumers may change: a later end, more merchants, more budget. Reviewed like a launch. */
export function Amend({ campaign, onClose, onDone }: { campaign: CampaignDetail; onClose(): void; onDone(): void }) {
  const [endDate, setEndDate] = useState('')
  const [budget, setBudget] = useState('')
  const [merchants, setMerchants] = useState('')
  const [note, setNote] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<unknown>(null)
  const budgetFen = budget === '' ? undefined : fenOf(budget)
  const codes = codesOf(merchants)
  const faults = faultsOf(campaign, endDate, budgetFen, codes.wrong)
  const nothing = !endDate && budget === '' && codes.codes.length === 0
  const refused = FIELDS.find((field) => field === fieldOf(fault))
  const say = (field: Field) => (tried && faults[field]) || (refused === field ? besideField(fault) : undefined)

  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (busy || nothing || Object.keys(faults).length > 0) return
    const body: AmendBody = {
      ...(endDate && { endDate }),
      ...(typeof budgetFen === 'number' && { budgetFen }),
      ...(codes.codes.length > 0 && { addMerchantCodes: codes.codes }),
      ...(note.trim() && { note: note.trim() }),
    }
    setBusy(true)
    setFault(null)
    try {
      await post(`/admin/campaigns/${campaign.campaignId}/amend`, body, { ifMatch: campaign.revision })
      toast.ok('已提交修改，等待复核')
      void refreshInbox()
      onDone()
      onClose()
    } catch (error) {
      setFault(error)
      setBusy(false)
    }
  }

  return (
    <Dialog title={`修改：${campaign.name}`} onClose={onClose} held={busy}>
      <form onSubmit={submit} noValidate>
        <div className="c-dialog__text">
          <p>规则公布以后，只能作有利于消费者的修改。不改的留空。同事复核通过后生效。</p>
        </div>
        <TextField
          label="结束日期延后到"
          type="date"
          min={campaign.endDate}
          value={endDate}
          onText={setEndDate}
          hint={`现在是 ${campaign.endDate}`}
          fault={say('endDate')}
        />
        <YuanField
          label="预算增加到"
          value={budget}
          onText={setBudget}
          hint={`现在是 ${yuanText(campaign.budgetFen)}`}
          fault={say('budgetFen')}
        />
        <TextArea
          label="增加商户（商户号，用空格、逗号或换行分开）"
          value={merchants}
          onText={setMerchants}
          hint={codes.codes.length > 0 ? `共 ${codes.codes.length} 家` : `现在是 ${campaign.merchantCount} 家`}
          fault={say('addMerchantCodes')}
        />
        <TextArea label="说明（复核人会看到）" optional maxLength={200} value={note} onText={setNote} />
        <Fault text={tried && nothing ? '还没有填写要改什么' : fault && !refused ? sentenceOf(fault) : undefined} />
        <div className="c-dialog__keys">
          <Button onClick={onClose} disabled={busy}>
            取消
          </Button>
          <Button type="submit" kind="main" busy={busy}>
            提交修改
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function faultsOf(
  campaign: CampaignDetail,
  endDate: string,
  budgetFen: number | null | undefined,
  wrong: readonly string[],
): Partial<Record<Field, string>> {
  return {
    ...(endDate && endDate <= campaign.endDate && { endDate: '要晚于现在的结束日期' }),
    ...(budgetFen === null && { budgetFen: '请填写金额，例如 150000' }),
    ...(typeof budgetFen === 'number' && budgetFen <= campaign.budgetFen && { budgetFen: '要多于现在的预算' }),
    ...(wrong.length > 0 && { addMerchantCodes: `不是商户号：${wrong.slice(0, 5).join('、')}` }),
  }
}
