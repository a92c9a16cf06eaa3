import type { AdminOrderDetail } from '@contract'
import { signedYuan } from '../../format'
import { Card, type Column, Pill, Table } from '../../ui'
import { accountRole, accountWord } from './words'

type Posting = AdminOrderDetail['postings'][number]

/** Why it was posted: the payment, a refund, or a correction that an accepted difference made. */
function Origin({ posting: { refundNo, correctionId } }: { posting: Posting }) {
  const number = correctionId ?? refundNo
  return (
    <>
      {correctionId ? '差错更正' : refundNo ? '退款' : '付款清算'}
      {number && <span className="c-table__under">{number}</span>}
    </>
  )
}

const COLUMNS: readonly Column<Posting>[] = [
  { name: 'role', head: '哪一方', cell: ({ role }) => accountRole(role) },
  { name: 'account', head: '账户', className: 'c-table__wrap', cell: ({ account }) => accountWord(account) },
  { name: 'origin', head: '来自', cell: (posting) => <Origin posting={posting} /> },
  { name: 'amount', head: '借（−）贷（+）元', right: true, cell: ({ amountFen }) => signedYuan(amountFen) },
]

/** Everything posted for the order, in the order it was posted. It sums to nought, and says so. */
export function Postings({ order: { postings, state } }: { order: AdminOrderDetail }) {
  const sumFen = postings.reduce((sum, { amountFen }) => sum + amountFen, 0)
  if (postings.length === 0)
    return (
      <Card title="分录">
        <p className="c-quiet">{state === 'closed' ? '订单已关闭，没有动账。' : '还没有动账。'}</p>
      </Card>
    )
  return (
    <Card
      title="分录"
      aside={
        sumFen === 0 ? (
          <Pill tone="ok" sign="✓">
            借贷相抵，合计为零
          </Pill>
        ) : (
          <Pill tone="accent" sign="!">
            借贷不平，请立即报告
          </Pill>
        )
      }
    >
      <Table
        caption="分录"
        columns={COLUMNS}
        rows={postings}
        keyOf={(posting) => String(postings.indexOf(posting))}
        foot={['合计', '', '', signedYuan(sumFen)]}
      />
    </Card>
  )
}
