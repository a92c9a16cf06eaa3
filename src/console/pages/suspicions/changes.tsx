import type { ChangeRequestView, SuspicionView } from '@contract'
import { useState } from 'react'
import { post } from '../../client'
import { dateTime, dayText } from '../../dates'
import { yuanText } from '../../format'
import { Button, Card, Confirm, Pill, toast } from '../../ui'

/** What was asked for about a suspicion, and the keys of whoever reviews it. */
export function Changes({ suspicion, onDone }: { suspicion: SuspicionView; onDone(): void }) {
  const { changes, holds } = suspicion
  return (
    <Card title="处理" aside={heldText(holds)}>
      {changes.length === 0 ? (
        <p className="c-quiet">还没有人提出处理意见</p>
      ) : (
        <ul className="suspicion__changes">
          {changes.map((change) => (
            <Change key={change.changeId} change={change} onDone={onDone} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function heldText(holds: SuspicionView['holds']): string {
  const merchant = holds.find(({ who }) => who === 'merchant')
  const payers = holds.filter(({ who }) => who === 'payer').length
  const said = [merchant && `本店停发优惠至 ${dayText(merchant.until)}`, payers > 0 && `${payers} 位付款人停发优惠`]
  return said.filter(Boolean).join('；')
}

const STATES: Record<ChangeRequestView['state'], ['ok' | 'wait' | 'quiet', string]> = {
  open: ['wait', '待复核'],
  approved: ['wait', '已复核，等待生效'],
  applied: ['ok', '已生效'],
  rejected: ['quiet', '已驳回'],
  withdrawn: ['quiet', '已撤回'],
  overtaken: ['quiet', '情况已变，没有生效'],
}

/** `收回 12 笔奖励，共 ¥48.00` */
function wordsOf({ kind, after }: ChangeRequestView): string {
  const wish = after as {
    orders?: unknown[]
    totalFen?: number
    until?: string | null
    merchant?: boolean
    payersOf?: string[]
  }
  switch (kind) {
    case 'farming.dismiss':
      return '排除嫌疑'
    case 'farming.claw-back':
      return `收回 ${wish.orders?.length ?? 0} 笔奖励，共 ${yuanText(wish.totalFen ?? 0)}`
    case 'farming.hold': {
      if (wish.until === null) return '恢复发优惠'
      const whom = wish.merchant ? '本店' : `${wish.payersOf?.length ?? 0} 笔订单的付款人`
      return `${whom}停发优惠，至 ${dayText(wish.until ?? '—')}`
    }
    default:
      return kind
  }
}

type Verdict = 'approve' | 'reject' | 'withdraw'
const VERBS: Record<Verdict, string> = { approve: '通过', reject: '驳回', withdraw: '撤回' }

function Change({ change, onDone }: { change: ChangeRequestView; onDone(): void }) {
  const [asked, setAsked] = useState<Verdict | null>(null)
  const { changeId, revision, state, note, askedBy, askedAt, reviewedBy, reviewNote, effectiveAt } = change
  const [tone, word] = STATES[state]
  async function decide(verdict: Verdict, said: string | undefined) {
    await post(`/admin/changes/${changeId}/${verdict}`, { note: said }, { ifMatch: revision })
    toast.ok(`已${VERBS[verdict]}`)
    onDone()
  }
  const offered = [
    change.mayWithdraw && ('withdraw' as const),
    change.mayReject && ('reject' as const),
    change.mayApprove && ('approve' as const),
  ].filter((one) => one !== false)
  return (
    <li className="suspicion__change">
      <span className="c-row">
        <span className="c-strong">{wordsOf(change)}</span>
        <Pill tone={tone}>{word}</Pill>
        {state === 'approved' && effectiveAt && <span className="c-quiet">{`${dateTime(effectiveAt)} 生效`}</span>}
      </span>
      <span>{note}</span>
      <span className="suspicion__but">
        {`${askedBy} 提出于 ${dateTime(askedAt)}${reviewedBy ? `；${reviewedBy} 复核` : ''}${reviewNote ? `：${reviewNote}` : ''}`}
      </span>
      {offered.length > 0 && (
        <span className="c-row">
          {offered.map((verdict) => (
            <Button key={verdict} kind={verdict === 'approve' ? 'main' : undefined} onClick={() => setAsked(verdict)}>
              {VERBS[verdict]}
            </Button>
          ))}
        </span>
      )}
      {asked && (
        <Confirm
          title={`${VERBS[asked]}：${wordsOf(change)}`}
          consequence={<p>{CONSEQUENCES[asked]}</p>}
          verb={VERBS[asked]}
          danger={asked === 'reject'}
          note={{ label: '说明', required: asked === 'reject' }}
          act={(said) => decide(asked, said)}
          onClose={() => setAsked(null)}
        />
      )}
    </li>
  )
}

const CONSEQUENCES: Record<Verdict, string> = {
  approve: '通过后生效；涉及扣款的，要等一段时间，其间双方都可以停下。',
  reject: '驳回后不生效，要做的话由经办重新提出。',
  withdraw: '撤回后不生效。',
}
