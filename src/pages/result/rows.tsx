import type { CardView, OrderView } from '@contract'
import Taro from '@tarojs/taro'
import type { ReactNode } from 'react'
import { Box, Press } from '../../components/base'
import { Button } from '../../components/button'
import { Money } from '../../components/money'
import { dateTime } from '../../dates'
import { yuan } from '../../money'
import { accountWords } from '../../sentences'

export const toAgreements = () => void Taro.navigateTo({ url: '/pages/agreements/index' })

export function Rows({ order }: { order: OrderView }) {
  return (
    <Box className="rows">
      <Row name="收款商户">{order.merchantName}</Row>
      <Row name="订单金额">
        <Money fen={order.amountFen} />
      </Row>
      {order.payerDiscountFen > 0 && (
        <Row name="随机立减" className="rows__value--saved">
          <Money fen={order.payerDiscountFen} sign="−" />
        </Row>
      )}
      {order.refundedFen > 0 && (
        <Row name="已退款">
          <Money fen={order.refundedFen} />
        </Row>
      )}
      <Row name="付款方式">{accountWords(order)}</Row>
      {order.verification === 'none' && order.state === 'paid' && (
        <Row name="确认方式">
          <Press className="rows__small" label="免密支付，去管理" onPress={toAgreements}>
            免密支付 ›
          </Press>
        </Row>
      )}
      <Row name="时间">{dateTime(order.endedAt ?? order.createdAt)}</Row>
      <Row name="订单号" className="rows__value--no">
        {order.orderNo}
      </Row>
    </Box>
  )
}

function Row({ name, className = '', children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <Box className="rows__row">
      <Box className="rows__name">{name}</Box>
      <Box className={`rows__value ${className}`}>{children}</Box>
    </Box>
  )
}

export function Footer({ order }: { order: OrderView }) {
  if (order.state !== 'paid' || order.discountFen === 0) return null
  const slot = order.slotNumber === null ? '' : `，是本店当天的第 ${order.slotNumber} 份`
  return (
    <Box className="result__footer">
      <Box>{`优惠由${order.branchName}出${slot}`}</Box>
      {order.merchantRewardFen > 0 && <Box>{`另有 ¥${yuan(order.merchantRewardFen)} 奖励给店家`}</Box>}
      {order.card?.commitment && <Commitment order={order} {...order.card} commitment={order.card.commitment} />}
    </Box>
  )
}

/** Told before the card was drawn; with it the payer proves their own card after the day. */
function Commitment({ order, commitment, ...card }: CardView & { order: OrderView; commitment: string }) {
  const { campaignId, businessDate, slotNumber } = card
  const told = `slot=${slotNumber}&fen=${order.discountFen}&commitment=${commitment}`
  const url = `/pages/verify/index?campaign=${campaignId}&merchant=${order.merchantCode}&date=${businessDate}&${told}`
  return (
    <>
      <Box className="result__proof">
        优惠金额当天开始前就排好了，下面这串凭证是付款前就公布的。第二天起公开全部金额，谁都能用它核对没有改过。
      </Box>
      <Box className="result__commitment">{commitment}</Box>
      {/* dealing a deck once more needs SHA-256, which is too much for the mini-program's package */}
      {process.env.TARO_ENV === 'h5' && (
        <Button kind="quiet" onPress={() => void Taro.navigateTo({ url })}>
          第二天起可核对这一份
        </Button>
      )}
    </>
  )
}
