import type { DifferenceView } from '@contract'
import { useState } from 'react'
import { dateTime } from '../../../dates'
import { post } from '../../client'
import { may } from '../../permissions'
import { Link } from '../../router'
import { useOperator } from '../../session'
import { Button, Confirm, Dialog, Notice, Pill, Table, toast } from '../../ui'
import { compare } from './compare'
import { consequenceOf, Proposal } from './proposal'
import { CLASS_WORDS, detailWords, KIND_WORDS, STATE_WORDS, saidOf, sideWord } from './words'

interface PanelProps {
  difference: DifferenceView
  onDecided(one: DifferenceView): void
  onClose(): void
}

type Decision = 'accept' | 'reject'

/** A difference: both sides beside one another, what is proposed, and the decision. */
export function DifferencePanel({ difference, onDecided, onClose }: PanelProps) {
  const mayResolve = may(useOperator(), 'resolve')
  const [asked, setAsked] = useState<Decision>()
  const { differenceId, kind, orderNo, refundNo, state, own } = difference
  const [words, tone, sign] = STATE_WORDS[state]
  return (
    <Dialog title={`${CLASS_WORDS[difference.class]}：${detailWords(difference)}`} onClose={onClose} wide>
      <p className="c-row c-quiet">
        <Pill tone={tone} sign={sign}>
          {words}
        </Pill>
        <span>
          {`${KIND_WORDS[kind]}订单 `}
          {own ? <Link to={`orders/${orderNo}`}>{orderNo}</Link> : orderNo}
          {refundNo && ` 的退款 ${refundNo}`}
        </span>
        <span className="c-small">{differenceId}</span>
      </p>
      <Sides difference={difference} />
      <Proposal difference={difference} />
      <Decided difference={difference} />
      {state === 'open' && !mayResolve && <p className="c-quiet">由复核岗决定认可或驳回。</p>}
      <div className="c-dialog__keys">
        <Button onClick={onClose}>关闭</Button>
        {state === 'open' && mayResolve && (
          <>
            <Button kind="danger" onClick={() => setAsked('reject')}>
              驳回
            </Button>
            <Button kind="main" onClick={() => setAsked('accept')}>
              认可
            </Button>
          </>
        )}
      </div>
      {asked && (
        <Decide difference={difference} decision={asked} onDecided={onDecided} onClose={() => setAsked(undefined)} />
      )}
    </Dialog>
  )
}

/** What differs is marked by a word and by colour. */
function Sides({ difference }: { difference: DifferenceView }) {
  const { own, bank, channel } = difference
  const side = sideWord(channel)
  return (
    <>
      {!own && <Notice>我方没有这一笔。</Notice>}
      {!bank && <Notice>{`${side}的对账单里没有这一笔。`}</Notice>}
      <Table
        caption={`我方与${side}`}
        rows={compare(difference)}
        keyOf={({ name }) => name}
        columns={[
          { name: 'name', head: '项目', cell: ({ name }) => <span className="c-quiet">{name}</span> },
          {
            name: 'own',
            head: '我方',
            cell: ({ own: ours, differs }) => <Value text={ours} differs={differs} />,
          },
          {
            name: 'bank',
            head: side,
            cell: ({ bank: theirs, differs }) => <Value text={theirs} differs={differs} />,
          },
          {
            name: 'differs',
            head: '核对',
            right: true,
            cell: ({ differs, own: ours, bank: theirs }) =>
              differs ? (
                <Pill tone="accent" sign="≠">
                  不同
                </Pill>
              ) : ours === null || theirs === null || ours === '—' || theirs === '—' ? null : (
                <span className="c-quiet">一致</span>
              ),
          },
        ]}
      />
    </>
  )
}

const Value = ({ text, differs }: { text: string | null; differs: boolean }) =>
  text === null ? (
    <span className="c-quiet">没有</span>
  ) : (
    <span className={differs ? 'c-differs' : undefined}>{text}</span>
  )

function Decided({ difference: { state, resolvedBy, resolvedAt, note } }: { difference: DifferenceView }) {
  if (state === 'open' || !resolvedAt) return null
  const words = {
    accepted: `${resolvedBy} 于 ${dateTime(resolvedAt)} 认可，更正已入账`,
    rejected: `${resolvedBy} 于 ${dateTime(resolvedAt)} 驳回，我方账不动`,
    cleared: `${resolvedBy} 的对账单里出现了这一笔，自动销案`,
  }[state]
  return <Notice kind="plain">{note ? `${words}。说明：${note}` : `${words}。`}</Notice>
}

const VERBS: Record<Decision, string> = { accept: '认可', reject: '驳回' }

function Decide({
  difference,
  decision,
  onDecided,
  onClose,
}: {
  difference: DifferenceView
  decision: Decision
  onDecided(one: DifferenceView): void
  onClose(): void
}) {
  const verb = VERBS[decision]
  async function act(note: string | undefined) {
    onDecided(await post<DifferenceView>(`/admin/differences/${difference.differenceId}/${decision}`, { note }))
    toast.ok(`已${verb}差错 ${difference.differenceId}`)
  }
  return (
    <Confirm
      title={`${verb}：${CLASS_WORDS[difference.class]} ${difference.orderNo}`}
      consequence={consequenceOf(difference, decision).map((line) => <p key={line}>{line}</p>)}
      verb={verb}
      danger={decision === 'reject'}
      note={
        decision === 'accept'
          ? { label: '说明', required: false }
          : { label: saidOf(difference.channel, '原因：银行将怎样更正'), required: true }
      }
      act={act}
      onClose={onClose}
    />
  )
}
