import type { SuspicionView } from '@contract'
import { yuan } from '../../../money'
import { timeOfDay } from '../../dates'
import { Link } from '../../router'
import { Bar, type Column, Empty, Pill, Table } from '../../ui'
import { INDICATOR_WORDS } from './words'

type Evidence = SuspicionView['evidenceDays'][number]['evidence'][number]
type Order = SuspicionView['orders'][number]

/** What is unusual, how much, and what an honest reason could be. */
export function EvidenceTable({ evidence }: { evidence: readonly Evidence[] }) {
  return <Table caption="反常之处" columns={EVIDENCE} rows={evidence} keyOf={({ indicator }) => indicator} />
}

const EVIDENCE: readonly Column<Evidence>[] = [
  { name: 'name', head: '现象', cell: ({ indicator }) => INDICATOR_WORDS[indicator].name },
  {
    name: 'said',
    head: '当天',
    className: 'c-table__wrap',
    cell: ({ indicator, hits, of }) => (
      <>
        <span>{INDICATOR_WORDS[indicator].said(hits, of)}</span>
        <span className="c-table__under">{`也可能：${INDICATOR_WORDS[indicator].but}`}</span>
      </>
    ),
  },
  {
    name: 'share',
    head: '占比',
    cell: ({ hits, of }) => <Bar part={hits} whole={of} words={`${of} 里的 ${hits}`} />,
  },
  { name: 'usual', head: '通常不超过', right: true, cell: ({ usualPercent }) => `${usualPercent}%` },
  { name: 'points', head: '分数', right: true, cell: ({ points }) => points },
]

interface OrdersProps {
  orders: readonly Order[]
  evidence: readonly Evidence[]
  /** numbers of those that are ticked */
  chosen: readonly string[]
  /** undefined: nothing is to be ticked */
  onChoose: ((chosen: readonly string[]) => void) | undefined
}

/** The day's orders with a card, each with what of it is unusual; to be ticked for what is to be done. */
export function OrderTable({ orders, evidence, chosen, onChoose }: OrdersProps) {
  if (orders.length === 0) return <Empty title="没有订单" />
  const marks: Column<Order> = {
    name: 'marks',
    head: '反常',
    cell: ({ orderNo }) => (
      <span className="suspicion__marks">
        {evidence
          .filter(({ orderNos }) => orderNos.includes(orderNo))
          .map(({ indicator }) => (
            <Pill key={indicator} tone="wait">
              {INDICATOR_WORDS[indicator].name}
            </Pill>
          ))}
      </span>
    ),
  }
  return (
    <Table
      caption="当天享优惠的订单"
      columns={[...ORDERS, clawed, marks, ...(onChoose ? [tickOf(orders, chosen, onChoose)] : [])]}
      rows={orders}
      keyOf={({ orderNo }) => orderNo}
    />
  )
}

const ORDERS: readonly Column<Order>[] = [
  {
    name: 'order',
    head: '时间 / 订单号',
    cell: ({ orderNo, createdAt }) => (
      <>
        <span className="c-table__name">{timeOfDay(createdAt)}</span>
        <span className="c-table__under">
          <Link to={`orders/${orderNo}`}>{orderNo}</Link>
        </span>
      </>
    ),
  },
  { name: 'payer', head: '付款人', cell: ({ payer }) => `付款人 ${payer}` },
  { name: 'amount', head: '金额（元）', right: true, cell: ({ amountFen }) => yuan(amountFen) },
  { name: 'reward', head: '商户奖励（元）', right: true, cell: ({ merchantRewardFen }) => yuan(merchantRewardFen) },
  {
    name: 'back',
    head: '已退（元）',
    right: true,
    cell: ({ refundedFen }) => (refundedFen > 0 ? yuan(refundedFen) : '—'),
  },
]

/** Whether its reward can still be taken back, or again: it once couldn't. */
export const isTakeable = ({ clawBack }: Order) => clawBack === null || clawBack.state === 'failed'

const CLAWED: Record<NonNullable<Order['clawBack']>['state'], string> = {
  refunding: '收回中',
  refunded: '已收回',
  failed: '没有收成',
}
const FAIL_WORDS: Record<string, string> = {
  'insufficient-merchant-funds': '商户账户余额不足',
  'account-frozen': '商户账户已冻结',
}

const clawed: Column<Order> = {
  name: 'clawed',
  head: '收回',
  cell: ({ clawBack }) =>
    clawBack && (
      <>
        <span>{CLAWED[clawBack.state]}</span>
        <span className="c-table__under">
          {clawBack.failReason ? (FAIL_WORDS[clawBack.failReason] ?? clawBack.failReason) : yuan(clawBack.fen)}
        </span>
      </>
    ),
}

function tickOf(
  orders: readonly Order[],
  chosen: readonly string[],
  onChoose: (chosen: readonly string[]) => void,
): Column<Order> {
  // what was taken back can't be again; who means its payer ticks it for itself
  const all = orders.filter(isTakeable).map(({ orderNo }) => orderNo)
  return {
    name: 'tick',
    head: (
      <label className="suspicion__tick">
        <input
          type="checkbox"
          className="suspicion__box"
          checked={all.length > 0 && all.every((orderNo) => chosen.includes(orderNo))}
          disabled={all.length === 0}
          onChange={(event) => onChoose(event.target.checked ? all : [])}
        />
        全选
      </label>
    ),
    cell: ({ orderNo }) => (
      <input
        type="checkbox"
        className="suspicion__box"
        aria-label={`选中 ${orderNo}`}
        checked={chosen.includes(orderNo)}
        onChange={(event) =>
          onChoose(event.target.checked ? [...chosen, orderNo] : chosen.filter((one) => one !== orderNo))
        }
      />
    ),
  }
}
