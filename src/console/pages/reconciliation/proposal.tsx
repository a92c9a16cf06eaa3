import type { DifferenceView } from '@contract'
import { signedYuan, yuanText } from '../../format'
import { Table } from '../../ui'
import { accountRole, accountWord } from '../orders/words'
import { saidOf } from './words'

type Entry = DifferenceView['proposal']['entries'][number]

const ENTRY_WORDS: Record<Entry['what'], string> = {
  reversal: '红冲：冲回我方原来的记账',
  'as-booked': '补记：按银行的入账记一笔',
}

/** What accepting does, in full sentences. Rejecting does nothing here, which has to be said too. */
export function consequenceOf(difference: DifferenceView, decision: 'accept' | 'reject'): string[] {
  return sentencesOf(difference, decision).map((sentence) => saidOf(difference.channel, sentence))
}

function sentencesOf({ proposal }: DifferenceView, decision: 'accept' | 'reject'): string[] {
  if (decision === 'reject')
    return [
      '认定我方的账是对的：账不动，不退款，由银行更正它的账。',
      '银行更正以前，这条差错一直列在未了结里；驳回以后不能再认可，请写明银行将怎样更正。',
    ]
  const number = (what: Entry['what']) => proposal.entries.filter((entry) => entry.what === what).length
  const parts = [
    ...(number('reversal') > 0 ? [`红冲 ${number('reversal')} 笔`] : []),
    ...(number('as-booked') > 0 ? [`补记 ${number('as-booked')} 笔`] : []),
  ]
  return [
    parts.length > 0
      ? `认定银行的账是对的：立即追加分录（${parts.join('，')}），我方账与银行一致；原来的分录保留。`
      : proposal.refund
        ? '认定银行的账是对的，分录不用调整。'
        : '认定银行的账是对的：没有要调整的分录，只记下您的决定。',
    ...(proposal.refund ? [`并立即向银行发出退款，把顾客多付的钱退回去：${refundText(proposal.refund)}`] : []),
    `做完以后，与我方原来的账相比：${netText(proposal)}。`,
    '认可以后不能撤回。',
  ]
}

/** What each side has in the end beside what our books said: corrections and the refund in one. */
function netText({ entries, refund }: DifferenceView['proposal']): string {
  const back = { payer: refund?.payerFen ?? 0, gl: refund?.glFen ?? 0, merchant: -(refund?.merchantFen ?? 0) }
  const sides = (['payer', 'gl', 'merchant'] as const).flatMap((role) => {
    const postings = entries.flatMap((entry) => entry.postings).filter((posting) => posting.role === role)
    const fen = postings.reduce((sum, { amountFen }) => sum + amountFen, back[role])
    return fen === 0 ? [] : [`${accountRole(role)} ${signedYuan(fen)} 元`]
  })
  return sides.length > 0 ? sides.join('，') : '各方都不多不少'
}

const refundText = ({ payerFen, merchantFen, glFen }: NonNullable<DifferenceView['proposal']['refund']>) =>
  `顾客拿回 ${yuanText(payerFen)}，商户退出 ${yuanText(merchantFen)}，科目收回 ${yuanText(glFen)}。`

/** What proposing does: nothing yet, but a second person may then let it. */
export const proposingWords = ({ proposal, channel }: DifferenceView): string[] => [
  saidOf(channel, '提出后由另一位复核；认可以前账不动，也不退款。'),
  ...(proposal.refund ? [`认可后退款：${refundText(proposal.refund)}`] : []),
  `认可后，与我方原来的账相比：${netText(proposal)}。`,
]

/** The correction as postings; each entry sums to nought. */
export function Proposal({ difference: { proposal, state, channel } }: { difference: DifferenceView }) {
  const { entries, refund } = proposal
  const title = state === 'accepted' ? '已做的更正' : '认可时做的更正'
  return (
    <section className="c-proposal" aria-label={title}>
      <h3 className="c-card__title">{title}</h3>
      {entries.length === 0 && !refund && <p className="c-quiet">没有要调整的分录。</p>}
      {entries.map((entry, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the entries of a proposal never change
        <EntryTable key={i} entry={entry} title={saidOf(channel, ENTRY_WORDS[entry.what])} />
      ))}
      {refund && <p className="c-proposal__refund">{`退款：${refundText(refund)}`}</p>}
    </section>
  )
}

function EntryTable({ entry: { postings }, title }: { entry: Entry; title: string }) {
  const sumFen = postings.reduce((sum, { amountFen }) => sum + amountFen, 0)
  return (
    <Table
      caption={title}
      rows={postings}
      keyOf={(posting) => String(postings.indexOf(posting))}
      foot={['合计', '', signedYuan(sumFen)]}
      columns={[
        { name: 'role', head: title, cell: ({ role }) => accountRole(role) },
        { name: 'account', head: '账户', cell: ({ account }) => accountWord(account) },
        {
          name: 'amount',
          head: '借（−）贷（+）元',
          right: true,
          cell: ({ amountFen }) => signedYuan(amountFen),
        },
      ]}
    />
  )
}
