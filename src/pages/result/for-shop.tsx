import type { OrderView } from '@contract'
import { useEffect, useState } from 'react'
import { serverNow } from '../../api'
import { Box, Press, Words } from '../../components/base'
import { Money } from '../../components/money'
import { Over } from '../../components/over'
import { dateTime, timeOfDay } from '../../dates'
import { yuan } from '../../money'
import './for-shop.scss'

/**
 * 给店家看: across the counter, over the whole screen. It leads with what the shop asked for, since that is the figure it waits for; a
 * running clock tells it from a picture of another day.
 */
export function ForShop({ order, onClose }: { order: OrderView; onClose(): void }) {
  const { merchantName, amountFen, payableFen, payerDiscountFen, merchantRewardFen, refundedFen, orderNo } = order
  return (
    <Over title="给店家看" className="shown" onClose={onClose}>
      <Box className="shown__tick" silent />
      <Box className="shown__title" role="heading" level={2}>
        已付款
      </Box>
      <Money fen={amountFen} className="money--big shown__amount" />
      <Box className="shown__shop">{merchantName}</Box>
      {payerDiscountFen > 0 && (
        <Box className="shown__split">
          {`顾客付 ¥${yuan(payableFen)}，银行补 ¥${yuan(payerDiscountFen)}`}
          {merchantRewardFen > 0 && `，另奖励店家 ¥${yuan(merchantRewardFen)}`}
        </Box>
      )}
      {refundedFen > 0 && <Box className="shown__back">{`其中已退给顾客 ¥${yuan(refundedFen)}`}</Box>}
      <Box className="shown__when">{`${dateTime(order.endedAt ?? order.createdAt)} 付款，订单尾号 ${orderNo.slice(-4)}`}</Box>
      <Clock />
      <Box className="shown__word">以店家自己的收款记录为准</Box>
      <Press className="shown__close" onPress={onClose}>
        关闭
      </Press>
    </Over>
  )
}

function Clock() {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <Box className="shown__clock" silent>
      现在 <Words className="shown__now">{timeOfDay(new Date(now).toISOString())}</Words>
    </Box>
  )
}
