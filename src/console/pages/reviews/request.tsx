import type { JudgedChange } from '@contract'
import { useState } from 'react'
import { post } from '../../client'
import { dateTime } from '../../dates'
import { Link } from '../../router'
import { HalfOnce } from '../../second-person'
import { useOperator } from '../../session'
import { Button, Card, Confirm, Pill, type Tone, toast } from '../../ui'
import { Diff } from './diff'
import { Lines } from './lines'
import { APPROVED, aboutWords, type Change, KIND_WORDS, REQUEST_STATE_WORDS, reasonWords, SECRET_WORDS } from './words'
import { WordsOnce } from './words-once'

type Verdict = 'approve' | 'reject' | 'withdraw'
const VERBS: Record<Verdict, string> = { approve: '通过', reject: '驳回', withdraw: '撤回' }

const LOOKS: Record<Change['state'], [Tone, string]> = {
  open: ['wait', '…'],
  approved: ['wait', '◷'],
  applied: ['ok', '✓'],
  rejected: ['quiet', '×'],
  withdrawn: ['quiet', '×'],
  overtaken: ['quiet', '!'],
}

/** One change request: from what to what, who asked, when it takes effect, and what this operator may do about it. */
export function RequestCard({ change, onDone }: { change: Change; onDone(): void }) {
  const [asked, setAsked] = useState<Verdict>()
  const [half, setHalf] = useState<string>()
  const [words, setWords] = useState<JudgedChange['words']>(null)
  const title = `${KIND_WORDS[change.kind]}：${aboutWords(change.subject)}`
  async function judge(verdict: Verdict, note: string | undefined) {
    const path = `/admin/changes/${change.changeId}/${verdict}`
    const { change: now, half, words } = await post<JudgedChange>(path, { note }, { ifMatch: change.revision })
    if (now.state === 'overtaken') toast.ok(`没有生效：${reasonWords(now.reason)}，请重新提交`)
    else if (now.state === 'approved') toast.ok(`已通过，${dateTime(now.effectiveAt ?? '')} 生效`)
    else toast.ok(`已${VERBS[verdict]}：${title}`)
    if (words) setWords(words)
    else if (half) setHalf(half)
    else onDone()
  }
  return (
    <Card title={title} aside={`${change.askedBy} · ${dateTime(change.askedAt)}`} className="review">
      <Head change={change} />
      {change.lineCount > 1 ? <Lines change={change} /> : <Diff change={change} />}
      <Keys change={change} onAsk={setAsked} />
      {asked && (
        <Confirm
          title={`${VERBS[asked]}：${title}`}
          consequence={<Consequence change={change} verdict={asked} />}
          verb={VERBS[asked]}
          danger={asked !== 'approve'}
          note={{ label: asked === 'reject' ? '为什么驳回' : '说明', required: asked === 'reject' }}
          act={(note) => judge(asked, note)}
          onClose={() => setAsked(undefined)}
        />
      )}
      {half && (
        <HalfOnce
          what={SECRET_WORDS[change.kind] ?? ''}
          about={aboutWords(change.subject)}
          half={half}
          which="second"
          onClose={() => {
            setHalf(undefined)
            onDone()
          }}
        />
      )}
      {words && (
        <WordsOnce
          words={words}
          onClose={() => {
            setWords(null)
            onDone()
          }}
        />
      )}
    </Card>
  )
}

function Head({ change }: { change: Change }) {
  const me = useOperator()
  const [tone, sign] = LOOKS[change.state]
  const { note, reviewedBy, reviewedAt, reviewNote, effectiveAt, state, reason, delayed } = change
  return (
    <div className="review__head">
      <span className="c-row">
        <Pill tone={tone} sign={sign}>
          {REQUEST_STATE_WORDS[state]}
        </Pill>
        {state === 'open' && change.askedBy === me.username && <Pill tone="quiet">自己提交的，由同事复核</Pill>}
        {state === 'open' && delayed && <Pill tone="quiet">通过后隔一段时间才生效</Pill>}
      </span>
      {change.kind === 'order.refund' && (
        <p>
          <Link to={change.subject.replace('order/', 'orders/')}>看订单和它的经过</Link>
        </p>
      )}
      {note && <p>{`说明：${note}`}</p>}
      {reviewedBy && (
        <p>{`复核：${reviewedBy} · ${dateTime(reviewedAt ?? '')}${reviewNote ? `，${reviewNote}` : ''}`}</p>
      )}
      {effectiveAt && <p>{`${state === 'approved' ? '将于' : '已于'} ${dateTime(effectiveAt)} 生效`}</p>}
      {state === 'overtaken' && <p>{`没有生效：${reasonWords(reason)}。要改请重新提交。`}</p>}
    </div>
  )
}

function Keys({ change, onAsk }: { change: Change; onAsk(verdict: Verdict): void }) {
  const { mayApprove, mayReject, mayWithdraw } = change
  if (!mayApprove && !mayReject && !mayWithdraw) return null
  return (
    <div className="c-dialog__keys">
      {mayWithdraw && <Button onClick={() => onAsk('withdraw')}>撤回</Button>}
      {mayReject && (
        <Button kind="danger" onClick={() => onAsk('reject')}>
          驳回
        </Button>
      )}
      {mayApprove && (
        <Button kind="main" onClick={() => onAsk('approve')}>
          通过
        </Button>
      )}
    </div>
  )
}

function Consequence({ change, verdict }: { change: Change; verdict: Verdict }) {
  if (verdict !== 'approve')
    return <p>{`这项变更作废，一切照旧。${verdict === 'reject' ? '提交的人可以改好再提。' : ''}`}</p>
  return (
    <>
      <p>{APPROVED[change.kind]}</p>
      {change.delayed && <p>通过后隔一段时间自动生效；其间经办可以撤回，复核可以驳回。</p>}
    </>
  )
}
