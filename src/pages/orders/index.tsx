import type { OrderView } from '@contract'
import Taro, { useReachBottom } from '@tarojs/taro'
import { Box, Press, Words } from '../../components/base'
import { Line, Lines } from '../../components/lines'
import { Money } from '../../components/money'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { clock } from '../../dates'
import { yuan } from '../../money'
import { askerWords, CHANNEL_WORDS, faultSentence } from '../../sentences'
import { useOrders } from './use-orders'
import './index.scss'

/** 我的付款: what this payer paid, and what still waits for them. */
export default function OrdersPage() {
  const { orders, nextCursor, error, busy, more, readAgain } = useOrders()
  useReachBottom(() => !error && more())
  if (!orders)
    return (
      <Box className="page">
        {error ? (
          <Unread error={error} onRetry={readAgain} />
        ) : (
          <Skeleton heights={[72, 72, 72, 72]} label="正在载入付款记录" />
        )}
      </Box>
    )
  if (orders.length === 0)
    return (
      <Box className="page">
        <Notice mark="付" title="还没有付款记录" text="付过的款和没有付完的款都会在这里" />
      </Box>
    )
  return (
    <Box className="page">
      <Box className="heard" role="heading">
        我的付款
      </Box>
      <Lines>
        {orders.map((order) => (
          <Order key={order.orderNo} order={order} />
        ))}
      </Lines>
      {error && (
        <Box className="orders__stale" role="status">{`${faultSentence(error).title}，显示的可能不是最新`}</Box>
      )}
      {(nextCursor || error) && (
        <Press className="orders__more" disabled={busy} onPress={nextCursor ? more : readAgain}>
          {busy ? '正在加载…' : error ? '重试' : '加载更多'}
        </Press>
      )}
    </Box>
  )
}

function Order({ order }: { order: OrderView }) {
  const { words, waits } = stateOf(order)
  return (
    <Line
      title={order.merchantName}
      text={`${clock(Date.parse(order.createdAt))} · ${CHANNEL_WORDS[order.channel]}`}
      onPress={() => void Taro.navigateTo({ url: `/pages/result/index?orderNo=${order.orderNo}` })}
    >
      <Box className="own">
        <Money
          fen={order.payableFen}
          className={order.state === 'closed' ? 'own__amount own__amount--not' : 'own__amount'}
        />
        <Words className={waits ? 'own__state own__state--waits' : 'own__state'}>{words}</Words>
      </Box>
    </Line>
  )
}

/** In a few words how an order stands, and whether the payer or the bank still has to act. */
function stateOf({ state, action, channel, refundedFen, payableFen }: OrderView): { words: string; waits: boolean } {
  switch (state) {
    case 'paying':
      return { words: action ? '等您确认' : `${askerWords(channel)}处理中`, waits: true }
    case 'closed':
      return { words: '没有付成', waits: false }
    case 'paid':
      if (refundedFen === 0) return { words: '已付款', waits: false }
      return { words: refundedFen >= payableFen ? '已全额退款' : `已退 ¥${yuan(refundedFen)}`, waits: false }
  }
}
