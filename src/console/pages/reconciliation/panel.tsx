import type { DifferenceView } from '@contract'
import { useState } from 'react'
import { post } from '../../client'
import { dateTime } from '../../dates'
import { may } from '../../permissions'
import { Link } from '../../router'
import { useOperator } from '../../session'
import { Button, Confirm, Dialog, Notice, Pill, Table, toast } from '../../ui'
import { compare } from './compare'
import { GiveBack } from './give-back'
import { consequenceOf, Proposal, proposingWords } from './proposal'
import { CLASS_WORDS, detailWords, KIND_WORDS, saidOf, sideWord, standingOf } from './words'

interface PanelProps {
  difference: DifferenceView
  onDecided(one: DifferenceView): void
  onClose(): void
}

type Decision = 'propose' | 'accept' | 'reject'

/** A difference: both sides beside one another, what is proposed, and the decision. */
export function DifferencePanel({ difference, onDecided, onClose }: PanelProps) {
  const operator = useOperator()
  const mayResolve = may(operator, 'resolve')
  const [asked, setAsked] = useState<Decision>()
  const { differenceId, kind, orderNo, refundNo, state, own, proposedBy, acceptable } = difference
  const [words, tone, sign] = standingOf(difference)
  const proposing = state === 'open' && acceptable && proposedBy === null
  const mine = proposedBy !== null && proposedBy === operator.username
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
      <GiveBack difference={difference} mayAsk={may(operator, 'reconcile')} />
      {state === 'open' && !acceptable && (
        <Notice>
          {saidOf(difference.channel, '只有银行能更正，我方不能照银行的记账：请驳回并写明银行将怎样更正。')}
        </Notice>
      )}
      {state === 'open' && <Next proposing={proposing} mine={mine} proposedBy={proposedBy} mayResolve={mayResolve} />}
      <div className="c-dialog__keys">
        <Button onClick={onClose}>关闭</Button>
        {state === 'open' && mayResolve && (
          <>
            <Button kind="danger" onClick={() => setAsked('reject')}>
              驳回
            </Button>
            {acceptable && proposedBy !== null && !mine && (
              <Button kind="main" onClick={() => setAsked('accept')}>
                认可
              </Button>
            )}
          </>
        )}
        {proposing && may(operator, 'reconcile') && (
          <Button kind="main" onClick={() => setAsked('propose')}>
            提出更正
          </Button>
        )}
      </div>
      {asked && (
        <Decide difference={difference} decision={asked} onDecided={onDecided} onClose={() => setAsked(undefined)} />
      )}
    </Dialog>
  )
}

/** Whose turn it is. What changes the books takes two people. */
function Next(props: { proposing: boolean; mine: boolean; proposedBy: string | null; mayResolve: boolean }) {
  const { proposing, mine, proposedBy, mayResolve } = props
  if (proposing) return <p className="c-quiet">更正要动账，要两个人：一位提出，另一位复核认可。</p>
  if (mine) return <p className="c-quiet">您已提出更正，等待复核：由另一位复核岗认可或驳回。</p>
  if (proposedBy) return <p>{`${proposedBy} 提出了更正${mayResolve ? '，请复核。' : '，等待复核。'}`}</p>
  return mayResolve ? null : <p className="c-quiet">由复核岗决定认可或驳回。</p>
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

function Decided({ difference }: { difference: DifferenceView }) {
  const { channel, state, resolvedBy, resolvedAt, proposedBy, mendedBy, mendedAt, note } = difference
  if (state === 'open' || !resolvedAt) return null
  const rejected = `${resolvedBy} 于 ${dateTime(resolvedAt)} 驳回，我方账不动`
  const words = {
    accepted: `${resolvedBy} 于 ${dateTime(resolvedAt)} 认可，更正已入账${proposedBy ? `（${proposedBy} 提出）` : ''}`,
    rejected: `${rejected}，等银行更正`,
    mended: `${rejected}；${mendedBy}（${mendedAt && dateTime(mendedAt)}）里银行已更正`,
    cleared: `${resolvedBy} 的对账单里出现了这一笔，自动销案`,
  }[state]
  const said = saidOf(channel, words)
  return <Notice kind="plain">{note ? `${said}。说明：${note}` : `${said}。`}</Notice>
}

const VERBS: Record<Decision, string> = { propose: '提出更正', accept: '认可', reject: '驳回' }

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
  const sentences = decision === 'propose' ? proposingWords(difference) : consequenceOf(difference, decision)
  async function act(note: string | undefined) {
    const { differenceId, revision: ifMatch } = difference
    onDecided(await post<DifferenceView>(`/admin/differences/${differenceId}/${decision}`, { note }, { ifMatch }))
    toast.ok(`已${verb}差错 ${difference.differenceId}`)
  }
  return (
    <Confirm
      title={`${verb}：${CLASS_WORDS[difference.class]} ${difference.orderNo}`}
      consequence={sentences.map((line) => <p key={line}>{line}</p>)}
      verb={verb}
      danger={decision === 'reject'}
      note={
        decision === 'propose'
          ? undefined
          : decision === 'accept'
            ? { label: '说明', required: false }
            : { label: saidOf(difference.channel, '原因：银行将怎样更正'), required: true }
      }
      act={act}
      onClose={onClose}
    />
  )
}
