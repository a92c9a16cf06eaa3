import type { AdminOrder } from '@contract'
import { yuan } from '../../../money'
import { dayText, timeOfDay } from '../../dates'
import { Link } from '../../router'
import type { Column } from '../../ui'
import { causeWords, channelWord, OrderPill } from './words'

/** An order on a line, wherever orders are listed. */
export const ORDER_COLUMNS: readonly Column<AdminOrder>[] = [
  {
    name: 'order',
    head: '订单号',
    cell: ({ orderNo, businessDate, createdAt }) => (
      <>
        <Link to={`orders/${orderNo}`} className="c-table__name">
          {orderNo}
        </Link>
        <span className="c-table__under">{`${dayText(businessDate)} ${timeOfDay(createdAt)}`}</span>
      </>
    ),
  },
  {
    name: 'merchant',
    head: '商户',
    className: 'c-table__wrap',
    cell: ({ merchantName, merchantCode }) => (
      <>
        <Link to={`merchants/${merchantCode}`}>{merchantName}</Link>
        <span className="c-table__under">{merchantCode}</span>
      </>
    ),
  },
  { name: 'channel', head: '渠道', cell: ({ channel }) => channelWord(channel) },
  { name: 'state', head: '状态', cell: ({ state }) => <OrderPill state={state} /> },
  { name: 'amount', head: '订单（元）', right: true, cell: ({ amountFen }) => yuan(amountFen) },
  {
    name: 'discount',
    head: '补贴（元）',
    right: true,
    cell: (order) => (
      <>
        <Moved order={order} fen={order.discountFen} />
        {order.reason && <span className="c-table__under">{causeWords(order.reason)}</span>}
      </>
    ),
  },
  {
    name: 'payable',
    head: '顾客付（元）',
    right: true,
    cell: (order) => (
      <>
        <Moved order={order} fen={order.payableFen} />
        {order.payerRefundedFen > 0 && <span className="c-table__under">{`已退 ${yuan(order.payerRefundedFen)}`}</span>}
      </>
    ),
  },
  {
    name: 'received',
    head: '商户收（元）',
    right: true,
    cell: (order) => <Moved order={order} fen={order.merchantReceivesFen} />,
  },
]

/** A figure that moved money, or may yet. A closed order moved nothing, whatever was quoted. */
function Moved({ order: { state }, fen }: { order: AdminOrder; fen: number }) {
  return state === 'closed' || fen === 0 ? <span className="c-quiet">—</span> : <span>{yuan(fen)}</span>
}
