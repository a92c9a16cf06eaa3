import type { MerchantOrderView } from '@contract'
import { Box, Press, Words } from '../../components/base'
import { Money } from '../../components/money'
import { Notice } from '../../components/notice'
import { timeOfDay } from '../../dates'
import { yuan } from '../../money'
import { CHANNEL_WORDS, olderArchived, staleSentence } from '../../sentences'
import type { Day } from './use-day'

interface OrdersProps {
  day: Day
  today: boolean
  onMore(): void
  onOpen(orderNo: string): void
}

/** The day's orders, newest first: what the customer was asked, and the reward beside it; an order that arrives slides in and is read out. */
export function Orders({ day, today, onMore, onOpen }: OrdersProps) {
  const { orders, arrived } = day
  return (
    <Box>
      <Box className="heard" live="polite" role="status">
        {arrived ? spoken(arrived) : ''}
      </Box>
      {orders.length === 0 ? (
        <Notice
          inside
          mark="收"
          title={today ? '今天还没有收款' : day.archivedBefore ? '这一天的明细已归档' : '这一天没有收款'}
          text={today ? '顾客付款后会立即出现在这里' : olderArchived(day.archivedBefore)}
        />
      ) : (
        <Box className="orders" role="list">
          {orders.map((order) => (
            <Box key={order.orderNo} className="orders__item" role="listitem">
              <Order order={order} fresh={order.orderNo === arrived?.orderNo} onPress={() => onOpen(order.orderNo)} />
            </Box>
          ))}
        </Box>
      )}
      {orders.length > 0 && day.archivedBefore && (
        <Box className="orders__stale">{olderArchived(day.archivedBefore)}</Box>
      )}
      {day.nextCursor && (
        <Press className="orders__more" disabled={day.loadingMore} onPress={onMore}>
          {day.loadingMore ? '正在加载…' : '加载更多'}
        </Press>
      )}
      {day.error && <Box className="orders__stale">{staleSentence(day.error)}</Box>}
    </Box>
  )
}

function Order({ order, fresh, onPress }: { order: MerchantOrderView; fresh: boolean; onPress(): void }) {
  return (
    <Press className={`order ${fresh ? 'order--fresh' : ''}`} onPress={onPress}>
      <Box className="order__words">
        <Box className="order__channel">{CHANNEL_WORDS[order.channel]}</Box>
        <Box className="order__when">{`${timeOfDay(order.paidAt)} · 单号…${order.orderNo.slice(-4)}`}</Box>
      </Box>
      <Box className="order__figures">
        <Money fen={order.amountFen} className="order__amount" />
        {order.merchantRewardFen > 0 && (
          <Words className="order__reward">{`奖励 +¥${yuan(order.merchantRewardFen)}`}</Words>
        )}
        {order.returnedFen > 0 && <Words className="order__refund">{refundOf(order)}</Words>}
      </Box>
    </Press>
  )
}

/** What the merchant gave back of it, the reward's part included: all that it received, or less; or the reward alone, to the bank. */
function refundOf({ refundedFen, returnedFen, merchantReceivesFen }: MerchantOrderView): string {
  if (refundedFen === 0) return `奖励已收回 −¥${yuan(returnedFen)}`
  return `${returnedFen < merchantReceivesFen ? '部分退款' : '已全额退款'} −¥${yuan(returnedFen)}`
}

function spoken(order: MerchantOrderView): string {
  const reward = order.merchantRewardFen > 0 ? `，奖励 ${yuan(order.merchantRewardFen)} 元` : ''
  return `${CHANNEL_WORDS[order.channel]}收款 ${yuan(order.amountFen)} 元${reward}`
}
