import type { MerchantOrderDetail, RefundView } from '@contract'
import { useRouter } from '@tarojs/taro'
import { type ReactNode, useEffect, useState } from 'react'
import type { Reader } from '../../api'
import { Box, Words } from '../../components/base'
import { Button } from '../../components/button'
import { Money } from '../../components/money'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { dateTime } from '../../dates'
import { yuan } from '../../money'
import { CHANNEL_WORDS, faultSentence, staleSentence } from '../../sentences'
import { isStranger } from '../../shop'
import { keptRefund } from './kept-refund'
import { Refund } from './refund'
import { useDetail } from './use-detail'
import { refundFailure } from './words'
import './index.scss'

/** One payment that a merchant received: every figure of it, what went back, and for its owner the way to refund it. */
export default function MerchantOrderPage() {
  const { orderNo, merchant } = useRouter().params
  const [reader] = useState<Reader>(() => ({ role: 'merchant', merchantCode: merchant }))
  return orderNo ? <Detail reader={reader} orderNo={orderNo} /> : <Unknown />
}

function Unknown() {
  return (
    <Box className="page" role="main">
      <Notice mark="?" title="没有找到这笔收款" text="它不是本店的，或者没有付成" />
    </Box>
  )
}

function Detail({ reader, orderNo }: { reader: Reader; orderNo: string }) {
  const { order, error, readAgain } = useDetail(reader, orderNo)
  const [opened, setRefunding] = useState<boolean>()
  // whoever sees the order again sees first what has gone back of it
  useEffect(() => {
    if (!order) setRefunding(undefined)
  }, [order])
  if (error?.missing) return <Unknown />
  // asked again, it would be archived still
  if (error?.code === 'order-archived')
    return (
      <Box className="page" role="main">
        <Notice mark="档" {...faultSentence(error)} />
      </Box>
    )
  if (isStranger(error))
    return (
      <Box className="page" role="main">
        <Notice mark="店" title="您已不是这家店的成员" text="这里不再显示它的收款。请从收款记录重新绑定" />
      </Box>
    )
  if (!order)
    return (
      <Box className="page" role="main">
        {error ? <Unread error={error} onRetry={readAgain} /> : <Skeleton heights={[150, 320]} label="正在载入收款" />}
      </Box>
    )
  const refunding = opened ?? keptRefund(order) !== null
  const done = () => {
    setRefunding(false)
    readAgain()
  }
  return (
    <Box className="page" role="main">
      <Head order={order} />
      {refunding ? (
        <Refund reader={reader} order={order} onDone={done} onLook={readAgain} />
      ) : (
        <Box>
          <Facts order={order} />
          {order.refunds.length > 0 && <Refunds order={order} />}
          {order.mayRefund && (
            <Button kind="quiet" onPress={() => setRefunding(true)}>
              {order.refunds.length > 0 ? '再退一笔' : '退款'}
            </Button>
          )}
          {!order.mayRefund && order.refundableFen > 0 && <Box className="detail__note">退款请找店主操作</Box>}
        </Box>
      )}
      {error && (
        <Box className="detail__note" role="status">
          {staleSentence(error)}
        </Box>
      )}
    </Box>
  )
}

/** What the customer was asked, and in a word how it stands now. */
function Head({ order }: { order: MerchantOrderDetail }) {
  return (
    <Box className="detail__head">
      <Box role="status" live="polite">
        <Box className="detail__state" role="heading">
          {stateOf(order)}
        </Box>
      </Box>
      <Money fen={order.amountFen} className="money--big" />
    </Box>
  )
}

function stateOf({ refunds, refundedFen, refundableFen }: MerchantOrderDetail): string {
  if (refunds.some(({ state }) => state === 'refunding')) return '退款处理中'
  if (refundedFen === 0) return '已收款'
  return refundableFen === 0 ? '已全额退款' : '已部分退款'
}

function Facts({ order }: { order: MerchantOrderDetail }) {
  const account = `${order.channel === 'bank' ? '结算账户' : '商户号'}尾号 ${order.accountTail}`
  return (
    <Box className="facts">
      <Fact name="顾客订单金额">
        <Money fen={order.amountFen} />
      </Fact>
      {order.merchantRewardFen > 0 && (
        <Fact name="奖励" className="facts__value--reward">
          <Money fen={order.merchantRewardFen} sign="+" />
        </Fact>
      )}
      <Fact name="到账">
        <Money fen={order.merchantReceivesFen} />
      </Fact>
      {order.returnedFen > 0 && (
        <Fact name={order.refundedFen > 0 ? '已退回（含奖励和补贴）' : '奖励已收回'}>
          <Money fen={order.returnedFen} sign="−" />
        </Fact>
      )}
      <Fact name="到账账户">{account}</Fact>
      <Fact name="付款方式">{CHANNEL_WORDS[order.channel]}</Fact>
      <Fact name="时间">{dateTime(order.paidAt)}</Fact>
      <Fact name="单号" className="facts__value--no">
        {order.orderNo}
      </Fact>
    </Box>
  )
}

function Fact({ name, className = '', children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <Box className="facts__row">
      <Box className="facts__name">{name}</Box>
      <Box className={`facts__value ${className}`}>{children}</Box>
    </Box>
  )
}

function Refunds({ order: { refunds, channel } }: { order: MerchantOrderDetail }) {
  return (
    <Box className="facts" role="list" label="退款记录">
      {refunds.map((refund) => (
        <Box key={refund.refundNo} className="facts__row" role="listitem">
          <Box className="refund__words">
            <Box className={`refund__state refund__state--${refund.state}`}>{refundWords(refund, channel)}</Box>
            <Box className="refund__note">{`${dateTime(refund.createdAt)}${refund.reason ? ` · ${refund.reason}` : ''}`}</Box>
          </Box>
          <Box className="refund__figures">
            <Money fen={movedFen(refund)} sign="−" />
            {refund.payerFen > 0 && refund.glFen > 0 && (
              <Words className="refund__note">{`另退补贴 −¥${yuan(refund.glFen)}`}</Words>
            )}
          </Box>
        </Box>
      ))}
    </Box>
  )
}

/** A refund that gives the payer nothing takes the reward back. */
const movedFen = ({ payerFen, merchantFen }: RefundView) => (payerFen > 0 ? payerFen : merchantFen)

function refundWords({ state, payerFen, failReason }: RefundView, channel: MerchantOrderDetail['channel']): string {
  const what = payerFen > 0 ? '退款' : '收回奖励'
  switch (state) {
    case 'refunding':
      return `${what}处理中，结果会自动显示`
    case 'refunded':
      return payerFen > 0 ? '已退回顾客' : '奖励已收回'
    case 'failed':
      return `${what}没有成功：${refundFailure(failReason, channel)}`
  }
}
