import type { AdminOrderDetail, OrderView } from '@contract'
import { askerWords, closedBecause, reasonSentence } from '../../../sentences'
import { yuanText } from '../../format'
import { Card, Facts } from '../../ui'

/** What each of them read, in the words of their own pages, so that whoever answers a complaint says the same. */
export function Told({ order }: { order: AdminOrderDetail }) {
  return (
    <Card title="各方看到的">
      <Facts
        rows={[
          ['顾客付款前', before(order)],
          ['顾客结果页', after(order)],
          ['商户', shop(order)],
        ]}
      />
    </Card>
  )
}

/** A card may have been hidden until it was paid for; the figures are those of the order. */
function before({ reason, amountFen, payerDiscountFen, payableFen }: AdminOrderDetail): string {
  if (payerDiscountFen > 0) return `优惠 ${yuanText(payerDiscountFen)}，应付 ${yuanText(payableFen)}`
  const why = reasonSentence({ reason, availableAt: null }, amountFen)
  return `${why || '没有优惠'}；应付 ${yuanText(payableFen)}`
}

function after(order: AdminOrderDetail): string {
  const { state, payableFen, payerDiscountFen, payerRefundedFen, closeReason } = order
  const channel = order.channel as OrderView['channel']
  switch (state) {
    case 'paid': {
      const back = payerRefundedFen > 0 ? `，${yuanText(payerRefundedFen)} 已退回原付款账户` : ''
      const saved = payerDiscountFen > 0 ? `，已优惠 ${yuanText(payerDiscountFen)}` : ''
      return `支付成功 ${yuanText(payableFen)}${saved}${back}`
    }
    case 'paying':
      return `${askerWords(channel)}处理中，请勿重复付款`
    case 'closed':
      return `没有扣款：${closedBecause(closeReason, channel).join('。')}`
  }
}

function shop({
  state,
  amountFen,
  merchantRewardFen,
  merchantReceivesFen,
  payerRefundedFen,
}: AdminOrderDetail): string {
  if (state !== 'paid') return '收款列表里没有这一笔，也没有播报'
  const reward = merchantRewardFen > 0 ? `，另有奖励 ${yuanText(merchantRewardFen)}` : ''
  const back = payerRefundedFen > 0 ? `；已退给顾客 ${yuanText(payerRefundedFen)}` : ''
  return `收款 ${yuanText(amountFen)}${reward}，共到账 ${yuanText(merchantReceivesFen)}${back}`
}
