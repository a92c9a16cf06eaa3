import type { OrderView } from '@contract'
import Taro, { useReachBottom } from '@tarojs/taro'
import { Box, Press, Words } from '../../components/base'
import { Line, Lines } from '../../components/lines'
import { Money } from '../../components/money'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { clock } from '../../dates'
import { useHolder } from '../../holder'
import { yuan } from '../../money'
import { askerWords, CHANNEL_WORDS, olderArchived, staleSentence } from '../../sentences'
import { Saved } from './saved'
import { useOrders } from './use-orders'
import './index.scss'

/** 我的付款: what this payer paid, and what still waits for them. */
export default function OrdersPage() {
  return <Own key={useHolder()} />
}

function Own() {
  const { orders, nextCursor, archivedBefore, error, busy, more, readAgain } = useOrders()
  useReachBottom(() => !error && more())
  if (!orders)
    return (
      <Box className="page" role="main">
        {error ? (
          <Unread error={error} onRetry={readAgain} />
        ) : (
          <Skeleton heights={[72, 72, 72, 72]} label="正在载入付款记录" />
        )}
      </Box>
    )
  if (orders.length === 0)
    return (
      <Box className="page" role="main">
        <Notice
          mark="付"
          title={archivedBefore ? '近期没有付款记录' : '还没有付款记录'}
          text={olderArchived(archivedBefore) ?? '付过的款和没有付完的款都会在这里'}
        />
      </Box>
    )
  return (
    <Box className="page" role="main">
      <Box className="heard" role="heading">
        我的付款
      </Box>
      <Saved />
      <Lines>
        {orders.map((order) => (
          <Order key={order.orderNo} order={order} />
        ))}
      </Lines>
      {archivedBefore && <Box className="orders__stale">{olderArchived(archivedBefore)}</Box>}
      {error && (
        <Box className="orders__stale" role="status">
          {staleSentence(error)}
        </Box>
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
  const { mark, words, tone } = stateOf(order)
  return (
    <Line
      title={order.merchantName}
      text={`${clock(Date.parse(order.createdAt))} · ${order.bankName ?? CHANNEL_WORDS[order.channel]}`}
      lead={
        <Box className={`own__mark own__mark--${tone}`} silent>
          {mark}
        </Box>
      }
      onPress={() => void Taro.navigateTo({ url: `/pages/result/index?orderNo=${order.orderNo}` })}
    >
      <Box className="own">
        <Money fen={order.payableFen} className={`own__amount own__amount--${tone}`} />
        <Words className={`own__state own__state--${tone}`}>{words}</Words>
      </Box>
    </Line>
  )
}

interface Standing {
  mark: string
  words: string
  /** `waits`: the payer or the bank still has to act */
  tone: 'paid' | 'back' | 'waits' | 'not'
}

/** How an order stands, by sign, colour and a few words: one that nobody paid is never taken for a paid one. */
function stateOf({ state, action, channel, refundedFen, payableFen }: OrderView): Standing {
  switch (state) {
    case 'paying':
      return { mark: '…', words: action ? '等您确认' : `${askerWords(channel)}处理中`, tone: 'waits' }
    case 'closed':
      return { mark: '×', words: '没付成，没扣款', tone: 'not' }
    case 'paid':
      if (refundedFen === 0) return { mark: '✓', words: '已付款', tone: 'paid' }
      if (refundedFen < payableFen) return { mark: '✓', words: `已付款，退了 ¥${yuan(refundedFen)}`, tone: 'paid' }
      return { mark: '退', words: '已全额退款', tone: 'back' }
  }
}
