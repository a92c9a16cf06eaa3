import type { OrderView } from '@contract'
import Taro, { useRouter, useShareAppMessage } from '@tarojs/taro'
import { type ReactNode, useRef } from 'react'
import { type ApiError, serverNow } from '../../api'
import { Box, Words } from '../../components/base'
import { Button } from '../../components/button'
import { Contact } from '../../components/contact'
import { Money } from '../../components/money'
import { Notice } from '../../components/notice'
import { Phrases } from '../../components/phrases'
import { Skeleton } from '../../components/skeleton'
import { clock } from '../../dates'
import { useHolder } from '../../holder'
import { forgetAmount } from '../../kept-amount'
import { yuan } from '../../money'
import { host } from '../../platform/host'
import { askerWords, closedBecause, faultSentence, readingFault } from '../../sentences'
import { Cancel, Confirm } from './confirm'
import { shareCard } from './receipt-text'
import { Footer, Rows, toAgreements } from './rows'
import { Share } from './share'
import { useAction } from './use-action'
import { useOrder } from './use-order'
import './index.scss'

/** How a payment went, by the server's word alone. */
export default function ResultPage() {
  const { orderNo } = useRouter().params
  const holder = useHolder()
  // A link that lost its end: without a number the server would answer the payer's list.
  return orderNo ? (
    <Result key={holder} orderNo={orderNo} />
  ) : (
    <Box className="page" role="main">
      <Unknown />
    </Box>
  )
}

function Result({ orderNo }: { orderNo: string }) {
  const [{ order, error, attempts }, askAgain, take] = useOrder(orderNo)
  const action = useAction(order, askAgain)
  const late = useLate(order)
  useShareAppMessage(() => shareCard(order))
  if (order?.action?.kind === 'challenge')
    return <Confirm order={{ ...order, action: order.action }} onOrder={take} onLook={askAgain} />
  if (order)
    return (
      <Receipt
        order={order}
        fault={error}
        attempts={attempts}
        late={late}
        action={action}
        onAskAgain={askAgain}
        cancel={<Cancel orderNo={orderNo} onOrder={take} onLook={askAgain} />}
      />
    )
  return (
    <Box className="page" role="main">
      {error ? <NotKnown error={error} onRetry={askAgain} /> : <Waiting />}
    </Box>
  )
}

/** Whether this page saw the payer asked, and it is too late to answer; whether they paid is still the bank's to say. */
function useLate(order: OrderView | null): boolean {
  const until = useRef(Number.POSITIVE_INFINITY)
  if (order?.action) until.current = Date.parse(order.action.expiresAt)
  return order?.state === 'paying' && !order.action && until.current <= serverNow()
}

function Waiting() {
  return <Skeleton heights={[180, 300, 50]} label="正在查询付款结果" />
}

function Unknown() {
  return <Notice mark="?" title="没有找到这笔订单" text="别人的付款只有本人能看。是您付的，请在付款的设备上打开" />
}

function NotKnown({ error, onRetry }: { error: ApiError; onRetry(): void }) {
  if (error.missing) return <Unknown />
  // nobody can ever be logged in here: to ask again is of no use
  if (error.code === 'login-elsewhere')
    return <Notice mark="!" title="这里看不到付款结果" text="请在付款的应用里打开。没有查到结果前，请勿重复付款" />
  if (error.code === 'order-archived') return <Notice mark="档" {...faultSentence(error)} />
  if (error.loggedOut)
    return (
      <Notice
        mark="!"
        title="登录失效了"
        text="付没付成不受登录影响，只是现在查不到。重新登录后就能看到结果，请勿重复付款"
        action={error.waits ? undefined : { label: '重新登录', onPress: onRetry }}
      />
    )
  const { title, text } = readingFault(error)
  return (
    <Notice
      mark="!"
      title={title}
      text={`${text}。没有查到结果前，请勿重复付款`}
      action={error.waits ? undefined : { label: '重新查询', onPress: onRetry }}
    />
  )
}

interface ReceiptProps {
  order: OrderView
  /** why it couldn't be read again: what is shown may be old */
  fault: ApiError | null
  attempts: number
  /** the payer was asked, and the time is over */
  late: boolean
  action: ReturnType<typeof useAction>
  cancel: ReactNode
  onAskAgain(): void
}

function Receipt({ order, fault, attempts, late, action, cancel, onAskAgain }: ReceiptProps) {
  const asker = askerWords(order.channel)
  const atBank = order.channel === 'bank'
  const backToPay = () => {
    forgetAmount(order.merchantCode)
    void Taro.reLaunch({ url: payUrl(order) })
  }
  const leave = () => {
    if (Taro.getCurrentPages().length > 1) void Taro.navigateBack()
    else if (!host.leave()) backToPay()
  }
  return (
    <Box className="page result" role="main">
      <Box role="status" live="polite">
        <Verdict order={order} fault={fault} attempts={attempts} late={late} />
      </Box>
      {order.state === 'paying' && fault?.loggedOut && !fault.waits && (
        <Button kind="main" className="result__again" onPress={onAskAgain}>
          重新登录
        </Button>
      )}
      <Rows order={order} />
      {order.state === 'paid' && order.refundedFen < order.payableFen && <Share order={order} />}
      {action.act && (
        <Button kind="main" className="result__again" onPress={action.act}>
          {atBank ? '去银行页面确认' : `去${asker}付款`}
        </Button>
      )}
      {action.act && action.unavailable && (
        <Box className="verdict__text result__again">
          {atBank ? '小程序里打不开银行页面，请取消后换一个账户' : `这里打不开${asker}，请取消后换一种付款方式`}
        </Box>
      )}
      {order.state === 'closed' && (
        <Button kind="main" className="result__again" onPress={backToPay}>
          重新付款
        </Button>
      )}
      {order.state === 'closed' && order.closeReason === 'agreement-not-active' && (
        <Button kind="quiet" className="result__again" onPress={toAgreements}>
          看付款账户
        </Button>
      )}
      <Button kind="quiet" onPress={leave}>
        {order.state === 'paying' ? '先离开' : '完成'}
      </Button>
      {action.act && cancel}
      <Box className="result__contact">
        <Contact />
      </Box>
      <Footer order={order} />
    </Box>
  )
}

/** The counter again, with the amount that came to nothing. */
function payUrl({ merchantCode, state, amountFen }: OrderView): string {
  const amount = state === 'closed' ? `&amount=${yuan(amountFen).replace(/,/g, '')}` : ''
  return `/pages/pay/index?merchant=${merchantCode}${amount}`
}

function Verdict({ order, fault, attempts, late }: Pick<ReceiptProps, 'order' | 'fault' | 'attempts' | 'late'>) {
  switch (order.state) {
    case 'paid': {
      const whole = order.refundedFen >= order.payableFen
      const title = whole ? '已全额退款' : order.refundedFen > 0 ? '支付成功，部分已退款' : '支付成功'
      return (
        <Box className="verdict">
          <Box className={`verdict__mark verdict__mark--${whole ? 'back' : 'paid'}`} silent>
            {whole ? '退' : <Box className="verdict__tick" />}
          </Box>
          <Box className={`verdict__title ${whole ? '' : 'verdict__title--paid'}`} role="heading">
            {title}
          </Box>
          <Money fen={order.payableFen} className="money--big" />
          {order.refundedFen > 0 && (
            <Box className="verdict__text">{`¥${yuan(order.refundedFen)} 已退回原付款账户`}</Box>
          )}
          {order.payerDiscountFen > 0 && !whole && (
            <Box className="verdict__saved">
              已优惠 <Words className="verdict__figure">{`¥${yuan(order.payerDiscountFen)}`}</Words>
            </Box>
          )}
        </Box>
      )
    }
    case 'paying':
      return (
        <Box className="verdict">
          <Box className="verdict__mark verdict__mark--paying" silent>
            <Box className="verdict__dots" />
          </Box>
          <Box className="verdict__title" role="heading">
            {order.action ? '等待您付款' : late ? '确认时间已过' : `${askerWords(order.channel)}处理中，请勿重复付款`}
          </Box>
          <Money fen={order.payableFen} className="money--big" />
          <Box className="verdict__text">
            <Phrases text={progressOf(order, fault, attempts, late)} />
          </Box>
        </Box>
      )
    case 'closed':
      return (
        <Box className="verdict">
          <Box className="verdict__mark verdict__mark--closed" silent>
            ×
          </Box>
          <Box className="verdict__title verdict__title--closed" role="heading">
            {order.closeReason === 'order-closed' ? '付款已取消' : '没有付成'}
          </Box>
          <Money fen={order.payableFen} className="verdict__not" />
          <Box className="verdict__undebited">没有扣款</Box>
          <Box className="verdict__text">
            <Phrases text={closedBecause(order.closeReason, order.channel).join('。')} />
          </Box>
        </Box>
      )
  }
}

/** Six questions are about sixteen seconds: long enough to say that waiting here isn't needed. */
function progressOf({ action, channel }: OrderView, fault: ApiError | null, attempts: number, late: boolean): string {
  const asker = askerWords(channel)
  if (fault?.loggedOut) return '登录失效了，付款不受影响。重新登录后接着查，请勿重复付款'
  if (fault) return `${faultSentence(fault).title}，会自动再查`
  if (late) return `正在向${asker}查询结果，请勿重复付款`
  const until = action && clock(Date.parse(action.expiresAt))
  if (until) return `请在 ${until} 前${channel === 'bank' ? '到银行页面确认' : `用${asker}付完`}，结果会自动显示`
  return attempts < 6 ? `正在查询${asker}结果…` : `${asker}还没有回复，会一直查询；可以稍后再来看`
}
