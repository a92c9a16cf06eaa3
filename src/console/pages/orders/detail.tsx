import type { AdminOrderDetail, AdminRefundList } from '@contract'
import { useState } from 'react'
import { Money } from '../../../components/money'
import { get } from '../../client'
import { dateTime, dayText, timeOfDay } from '../../dates'
import { yuanText } from '../../format'
import type { PageProps } from '../../page-props'
import { may } from '../../permissions'
import { Link } from '../../router'
import { Submitted } from '../../second-person'
import { useOperator } from '../../session'
import { Button, Card, Facts, Figure, Figures, Notice, PageHead, Ready } from '../../ui'
import { useRead } from '../../use-read'
import { RefundTable } from '../refunds/table'
import { Postings } from './postings'
import { RefundDialog } from './refund'
import { Replies } from './replies'
import { Told } from './told'
import { causeWords, channelWord, closeWords, lifeOf, OrderPill, verificationWord } from './words'
import './index.scss'

/** An unknown outcome is asked about every few seconds at first; who watches sees the end. */
const WATCH_MS = 10_000

/** One order, to answer a complaint: its four figures, its life, its postings, its refunds. */
export default function OrderPage({ params: { orderNo = '' } }: PageProps) {
  const { reading, again } = useRead(() => get<AdminOrderDetail>(`/admin/orders/${orderNo}`), orderNo, WATCH_MS)
  const order = reading.kind === 'ready' ? reading.value : null
  return (
    <>
      <PageHead
        title={orderNo}
        trail={[['订单', 'orders']]}
        mark={order && <OrderPill state={order.state} />}
        keys={
          order && (
            <Link to={`orders/${orderNo}/around`} className="c-button c-button--plain">
              前后发生了什么
            </Link>
          )
        }
        meta={
          order && `${order.merchantName} · 清算日期 ${dayText(order.businessDate)} · ${channelWord(order.channel)}`
        }
      />
      <Ready reading={reading} again={again} lines={8}>
        {(found) => <Order order={found} />}
      </Ready>
    </>
  )
}

function Order({ order }: { order: AdminOrderDetail }) {
  return (
    <>
      {order.state === 'paying' && (
        <Notice>
          <span>渠道还没有定论：系统会一直查单，最迟由当天的对账单决定。名额为它保留，请顾客不要重复付款。</span>
        </Notice>
      )}
      <FourFigures order={order} />
      <div className="c-columns">
        <div className="c-stack">
          <Told order={order} />
          <Postings order={order} />
        </div>
        <div className="c-stack">
          <Profile order={order} />
          <Life order={order} />
        </div>
      </div>
      <div className="c-below c-stack">
        <Refunds order={order} />
        <Replies orderNo={order.orderNo} />
      </div>
    </>
  )
}

/** Who gave and who got. A closed order moved nothing: its figures are what was quoted. */
function FourFigures({ order }: { order: AdminOrderDetail }) {
  const { amountFen, discountFen, payerDiscountFen, merchantRewardFen, glAccount } = order
  const quoted = order.state === 'closed' ? '（未发生）' : ''
  return (
    <Figures>
      <Figure
        title={`顾客付${quoted}`}
        value={<Money fen={order.payableFen} />}
        note={`订单 ${yuanText(amountFen)}，优惠 ${yuanText(payerDiscountFen)}`}
      />
      <Figure
        title={`商户收${quoted}`}
        value={<Money fen={order.merchantReceivesFen} />}
        note={`订单 ${yuanText(amountFen)}，奖励 ${yuanText(merchantRewardFen)}`}
      />
      <Figure title={`补贴${quoted}`} value={<Money fen={discountFen} />} note={cardOf(order)} />
      <Figure
        title="补贴科目"
        value={glAccount ?? '—'}
        note={glAccount === null ? '钱包付款没有补贴' : discountFen > 0 ? '归属网点的科目' : '本单没有补贴'}
      />
    </Figures>
  )
}

/** Slots are counted from 0; people count cards from 1. */
function cardOf({ slot, state, reason }: AdminOrderDetail): string {
  if (slot === null) return reason ? causeWords(reason) : '没有用名额'
  const card = `当天第 ${slot + 1} 张牌`
  return { paid: `用了${card}`, paying: `预占${card}`, closed: `曾预占${card}，已退回` }[state]
}

function Profile({ order }: { order: AdminOrderDetail }) {
  const {
    merchantCode,
    merchantName,
    campaignId,
    businessDate,
    slot,
    channelTradeNo,
    closeReason,
    verification,
    reason,
  } = order
  return (
    <Card title="资料">
      <Facts
        rows={[
          ['商户', <Link key="m" to={`merchants/${merchantCode}`}>{`${merchantName}（${merchantCode}）`}</Link>],
          [
            '活动',
            campaignId ? (
              <Link key="c" to={`campaigns/${campaignId}`}>
                {campaignId}
              </Link>
            ) : (
              '没有用上'
            ),
          ],
          ...(reason ? ([['没有优惠', `${causeWords(reason)}（${reason}）`]] as const) : []),
          ...(campaignId && slot !== null
            ? ([
                [
                  '牌组',
                  <Link key="d" to={`campaigns/${campaignId}/decks/${merchantCode}/${businessDate}`}>
                    看当天的牌
                  </Link>,
                ],
              ] as const)
            : []),
          ['渠道流水', channelTradeNo ?? '还没有'],
          ...(order.walletPaid
            ? ([['钱包优惠', <WalletPaid key="w" order={order} paid={order.walletPaid} />]] as const)
            : []),
          ['下单', dateTime(order.createdAt)],
          ['完结', order.endedAt ? dateTime(order.endedAt) : '还没有'],
          ...(verification ? ([['付款验证', verificationWord(verification)]] as const) : []),
          ...(closeReason ? ([['关闭原因', closeWords(closeReason, order.channel)]] as const) : []),
        ]}
      />
    </Card>
  )
}

type Paid = NonNullable<AdminOrderDetail['walletPaid']>

/** The wallet's own discount: less left the payer's account than our figures say, and ours stay as they are. */
function WalletPaid({ order: { channel, payableFen }, paid }: { order: AdminOrderDetail; paid: Paid }) {
  return (
    <>
      {`顾客实付 ${yuanText(paid.payerFen)}，${channelWord(channel)}优惠 ${yuanText(payableFen - paid.payerFen)}`}
      {paid.coupons.length > 0 && (
        <span className="c-table__under">
          {paid.coupons.map(({ name, fen }) => `${name} ${yuanText(fen)}`).join('、')}
        </span>
      )}
      <span className="c-table__under">由钱包承担，不计入本行补贴，商户收款不变</span>
    </>
  )
}

/** Oldest first. */
function Life({ order: { events } }: { order: AdminOrderDetail }) {
  return (
    <Card title="经过">
      <ol className="c-life">
        {lifeOf(events).map(({ title, from, code, conflict, times, at, until }) => (
          <li key={`${at} ${title}`} className="c-life__step">
            <span className="c-strong">{times > 1 ? `${title} × ${times}` : title}</span>
            <span className="c-table__under">
              {[times > 1 ? `${dateTime(at)} 至 ${timeOfDay(until)}` : dateTime(at), from, code]
                .filter(Boolean)
                .join(' · ')}
            </span>
            {conflict && <span className="c-life__conflict">{`! ${conflict}`}</span>}
          </li>
        ))}
      </ol>
    </Card>
  )
}

function Refunds({ order }: { order: AdminOrderDetail }) {
  const { orderNo, payerRefundedFen, payableFen, state } = order
  const [asking, setAsking] = useState(false)
  const [submitted, setSubmitted] = useState<string>()
  const mayAsk = may(useOperator(), 'request') && state === 'paid' && payerRefundedFen < payableFen
  const { reading, again } = useRead(
    () => get<AdminRefundList>('/admin/refunds', { orderNo }),
    `${orderNo} ${payerRefundedFen}`,
  )
  return (
    <Card
      title="退款"
      aside={payerRefundedFen > 0 ? `已退 ${yuanText(payerRefundedFen)} / ${yuanText(payableFen)}` : undefined}
    >
      <Ready reading={reading} again={again} lines={1}>
        {({ items }) =>
          items.length === 0 ? <p className="c-quiet">没有退款。</p> : <RefundTable refunds={items} ofOrder />
        }
      </Ready>
      {submitted && <Submitted what={submitted} />}
      {mayAsk && !submitted && (
        <Button className="c-below" onClick={() => setAsking(true)}>
          申请退款
        </Button>
      )}
      {asking && <RefundDialog order={order} onAsked={setSubmitted} onClose={() => setAsking(false)} />}
    </Card>
  )
}
