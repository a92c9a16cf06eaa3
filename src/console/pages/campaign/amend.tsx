import type { AmendBody, CampaignDetail } from '@contract'
import { type FormEvent, useState } from 'react'
import { post } from '../../client'
import { dayText } from '../../dates'
import { fenOf, yuanFault, yuanText } from '../../format'
import { refreshInbox } from '../../inbox'
import { besideField, fieldOf, ofCampaign } from '../../sentences'
import { Button, DateField, Dialog, Fault, TextArea, toast, YuanField } from '../../ui'
import { windowsWords } from '../../windows'
import { type Draft, type Faults, windowsOf } from '../campaign-edit/draft'
import { useLeft } from '../campaign-edit/faults'
import { codesOf } from '../campaign-edit/merchant-codes'
import { WindowsFields } from '../campaign-edit/windows'

const FIELDS = ['endDate', 'addMerchantCodes', 'budgetFen', 'dailyBudgetFen', 'windows'] as const
type Field = (typeof FIELDS)[number]

/** After approval only what favours consumers may change: a later end, more merchants, more budget. Reviewed like a launch. */
export function Amend({ campaign, onClose, onDone }: { campaign: CampaignDetail; onClose(): void; onDone(): void }) {
  const [endDate, setEndDate] = useState('')
  const [budget, setBudget] = useState('')
  const [daily, setDaily] = useState('')
  const [windows, setWindows] = useState<Draft['windows']>(campaign.windows)
  const [merchants, setMerchants] = useState('')
  const [note, setNote] = useState('')
  const [tried, setTried] = useState(false)
  const { left, onBlur } = useLeft()
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<unknown>(null)
  const budgetFen = budget === '' ? undefined : fenOf(budget)
  const dailyBudgetFen = daily === '' ? undefined : fenOf(daily)
  const codes = codesOf(merchants)
  const unread: Faults = {}
  const wide = windowsOf(windows, unread)
  const widened = JSON.stringify(windows) !== JSON.stringify(campaign.windows)
  const typed = { budget: [budget, budgetFen], daily: [daily, dailyBudgetFen] } as const
  const faults = { ...faultsOf(campaign, endDate, typed, codes.wrong), ...unread }
  const nothing = !endDate && budget === '' && daily === '' && !widened && codes.codes.length === 0
  const refused = FIELDS.find((field) => field === fieldOf(fault)?.split('.')[0])
  const say = (field: Field) =>
    ((tried || left.has(field)) && faults[field]) || (refused === field ? besideField(fault) : undefined)

  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (busy || nothing || Object.keys(faults).length > 0) return
    const body: AmendBody = {
      ...(endDate && { endDate }),
      ...(typeof budgetFen === 'number' && { budgetFen }),
      ...(typeof dailyBudgetFen === 'number' && { dailyBudgetFen }),
      ...(widened && { windows: wide }),
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
      <form onSubmit={submit} onBlur={onBlur} noValidate>
        <div className="c-dialog__text">
          <p>规则公布以后，只能作有利于消费者的修改。不改的留空。同事复核通过后生效。</p>
        </div>
        <DateField
          label="结束日期延后到"
          min={campaign.endDate}
          value={endDate}
          onText={setEndDate}
          hint={`现在是 ${dayText(campaign.endDate)}`}
          fault={say('endDate')}
        />
        <YuanField
          label="预算增加到"
          name="budgetFen"
          value={budget}
          onText={setBudget}
          hint={`现在是 ${yuanText(campaign.budgetFen)}`}
          fault={say('budgetFen')}
        />
        {campaign.dailyBudgetFen !== null && (
          <YuanField
            label="每日预算增加到"
            name="dailyBudgetFen"
            value={daily}
            onText={setDaily}
            hint={`现在是 ${yuanText(campaign.dailyBudgetFen)}；已经发出的牌不变`}
            fault={say('dailyBudgetFen')}
          />
        )}
        {campaign.windows.length > 0 && (
          <>
            <WindowsFields windows={windows} faults={windowFaults(tried ? unread : {}, fault)} onWindows={setWindows} />
            <p className="c-field__hint">{`现在是 ${windowsWords(campaign.windows)}；只能放宽，全部移除就是每天全天`}</p>
          </>
        )}
        <TextArea
          label="增加商户（商户号，用空格、逗号或换行分开）"
          name="addMerchantCodes"
          value={merchants}
          onText={setMerchants}
          hint={codes.codes.length > 0 ? `共 ${codes.codes.length} 家` : `现在是 ${campaign.merchantCount} 家`}
          fault={say('addMerchantCodes')}
        />
        <TextArea label="说明（复核人会看到）" optional maxLength={200} value={note} onText={setNote} />
        <Fault text={tried && nothing ? '还没有填写要改什么' : fault && !refused ? ofCampaign(fault) : undefined} />
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

/** Beside each row what can't be read of it, or what the server refused. */
function windowFaults(unread: Faults, fault: unknown): Faults {
  const field = fieldOf(fault)
  return field?.startsWith('windows') ? { ...unread, [field]: besideField(fault) } : unread
}

/** As it is typed, and what is read of it: null is no amount, undefined nothing. */
type Typed = readonly [text: string, fen: number | null | undefined]

function faultsOf(
  campaign: CampaignDetail,
  endDate: string,
  { budget, daily }: { budget: Typed; daily: Typed },
  wrong: readonly string[],
): Partial<Record<Field, string>> {
  const raised = ([text, fen]: Typed, now: number | null) => {
    if (fen === null) return yuanFault(text, '150000')
    return fen !== undefined && now !== null && fen <= now ? '要多于现在的预算' : undefined
  }
  const found: Partial<Record<Field, string | undefined>> = {
    endDate: endDate && endDate <= campaign.endDate ? '要晚于现在的结束日期' : undefined,
    budgetFen: raised(budget, campaign.budgetFen),
    dailyBudgetFen: raised(daily, campaign.dailyBudgetFen),
    addMerchantCodes: wrong.length > 0 ? `不是商户号：${wrong.slice(0, 5).join('、')}` : undefined,
  }
  return Object.fromEntries(Object.entries(found).filter(([, words]) => words !== undefined))
}
