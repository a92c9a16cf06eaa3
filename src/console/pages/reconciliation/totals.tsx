import type { ReconciliationView, Totals as TotalsView } from '@contract'
import { count, sumYuan } from '../../format'
import { Link } from '../../router'
import { Card, Pill, Table } from '../../ui'
import { OWN, saidOf } from './words'

type Kind = keyof TotalsView
type Legs = TotalsView['clearing']

const LEGS = ['count', 'payerFen', 'glFen', 'merchantFen'] as const

function minus(a: Legs, b: Legs): Legs {
  return {
    count: a.count - b.count,
    payerFen: a.payerFen - b.payerFen,
    glFen: a.glFen - b.glFen,
    merchantFen: a.merchantFen - b.merchantFen,
  }
}

const isNone = (legs: Legs) => LEGS.every((leg) => legs[leg] === 0)

/** The two sums of the day, each as an addition that a person can do again. */
export function Totals({ view }: { view: ReconciliationView }) {
  return (
    <div className="c-sums">
      <KindTotals view={view} kind="clearing" title="付款清算" />
      <KindTotals view={view} kind="refund" title="退款" />
    </div>
  )
}

const GL = {
  name: 'gl',
  head: '科目',
  right: true,
  cell: (row: Row) => <Sum row={row}>{sumYuan(row.glFen)}</Sum>,
}

interface Row extends Legs {
  /** `+` beside what is added, `=` beside what it comes to */
  sign: '' | '+' | '='
  name: string
  hint?: string
  /** the list of exactly these bookings */
  to?: string
}

function rowsOf(view: ReconciliationView, kind: Kind): Row[] {
  const { bank, balanced, own, carried, short, ownOtherDays } = view
  return [
    { sign: '', name: '平账', hint: '逐笔一致', ...balanced[kind] },
    { sign: '+', name: '差错', hint: '见下表', ...minus(bank[kind], balanced[kind]) },
    {
      sign: '=',
      name: '对账单',
      hint: view.channel === OWN ? '银行签名' : saidOf(view.channel, '银行的文件'),
      ...bank[kind],
    },
    { sign: '', name: '我方，已在对账单', ...minus(minus(own[kind], carried[kind]), short[kind]) },
    { sign: '+', name: '我方，结转次日', hint: '日切前后', ...carried[kind] },
    ...(isNone(short[kind])
      ? []
      : [{ sign: '+' as const, name: '我方，短款', hint: '应在这张对账单而没有', ...short[kind] }]),
    { sign: '=', name: '我方当日记账', to: bookedOn(view, kind), ...own[kind] },
    ...(isNone(ownOtherDays[kind])
      ? []
      : [{ sign: '' as const, name: '其中他日的', hint: '对账单里属于别的清算日期', ...ownOtherDays[kind] }]),
  ]
}

/** Our bookings of the date: what had its outcome on it, of whichever business date it is. */
function bookedOn({ channel, date: endedOn }: ReconciliationView, kind: Kind): string {
  const [list, state] = kind === 'clearing' ? ['orders', 'paid'] : ['refunds', 'refunded']
  return `${list}?${new URLSearchParams({ channel, endedOn, state: state! })}`
}

function KindTotals({ view, kind, title }: { view: ReconciliationView; kind: Kind; title: string }) {
  return (
    <Card
      title={title}
      aside={
        view.proven ? (
          <Pill tone="ok" sign="✓">
            合计相符
          </Pill>
        ) : (
          <Pill tone="accent" sign="!">
            合计不相符
          </Pill>
        )
      }
    >
      <Table
        caption={`${title}的合计，元，借方为负`}
        keyOf={({ name }) => name}
        rows={rowsOf(view, kind)}
        columns={[
          { name: 'name', head: '元，借方为负', className: 'c-sum__name', cell: (row) => <Name row={row} /> },
          { name: 'count', head: '笔数', right: true, cell: (row) => <Counted row={row} /> },
          { name: 'payer', head: '付款方', right: true, cell: (row) => <Sum row={row}>{sumYuan(row.payerFen)}</Sum> },
          // A wallet's clearing has no leg for a subsidy.
          ...(view.channel === OWN ? [GL] : []),
          {
            name: 'merchant',
            head: '商户',
            right: true,
            cell: (row) => <Sum row={row}>{sumYuan(row.merchantFen)}</Sum>,
          },
        ]}
      />
    </Card>
  )
}

function Name({ row: { sign, name, hint } }: { row: Row }) {
  return (
    <span className={`c-sum ${sign === '=' ? 'c-strong' : ''}`}>
      <span className="c-sum__sign">{sign}</span>
      <span>
        {name}
        {hint && <span className="c-table__under">{hint}</span>}
      </span>
    </span>
  )
}

const Counted = ({ row }: { row: Row }) =>
  row.to && row.count > 0 ? <Link to={row.to}>{count(row.count)}</Link> : <Sum row={row}>{count(row.count)}</Sum>

const Sum = ({ row, children }: { row: Row; children: string }) => (
  <span className={row.sign === '=' ? 'c-strong' : undefined}>{children}</span>
)
