import type { AgreementView, MerchantView, OrderView, QuoteBody, QuoteView } from '@contract'
import Taro, { useRouter } from '@tarojs/taro'
import { useCallback, useState } from 'react'
import { amountFen, typeKey } from '../../amount'
import { api } from '../../api'
import { Box, Press, Words } from '../../components/base'
import { Keypad } from '../../components/keypad'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { merchantOf } from '../../entry'
import { yuan } from '../../money'
import { host } from '../../platform/host'
import { faultSentence, todayNow, todaySentence } from '../../sentences'
import { useAnswer } from '../../use-answer'
import { Earlier } from './earlier'
import { PaymentSheet } from './payment-sheet'
import { QuotePanel, quoteSpoken } from './quote-panel'
import { usePayments } from './use-payments'
import { type QuoteState, useQuote, useSeen } from './use-quote'
import { WayIn } from './way-in'
import './index.scss'

/** What a payer opens from the counter's QR: type the amount, see the card, pay. */
export default function PayPage() {
  const merchantCode = merchantOf(useRouter().params)
  if (!merchantCode) return <WayIn />
  return <Opened merchantCode={merchantCode} />
}

function Opened({ merchantCode }: { merchantCode: string }) {
  const [page, read] = useAnswer(
    () => Promise.all([api.merchant(merchantCode), api.agreements(), recentOrders(merchantCode)]),
    `pay ${merchantCode}`,
  )
  if (page.kind === 'waiting')
    return (
      <Box className="page">
        <Skeleton heights={[44, 222, 56]} />
      </Box>
    )
  if (page.kind === 'failed') {
    const unknown = page.error.status === 404
    const fault = unknown
      ? { title: '没有找到这家商户', text: `商户号 ${merchantCode}，请重新扫码` }
      : faultSentence(page.error)
    return (
      <Box className="page">
        <Notice mark="!" {...fault} action={unknown ? undefined : { label: '重试', onPress: read }} />
      </Box>
    )
  }
  const [merchant, agreements, orders] = page.value
  const channel = merchant.channels.find(({ needs }) => host.canPay(needs))?.name
  if (!channel) {
    const labels = merchant.channels.map(({ label }) => label).join('、')
    return (
      <Box className="page">
        <Notice mark="!" title="这里不能付款" text={labels ? `请用${labels}扫商户的收款码` : '商户暂时不能收款'} />
      </Box>
    )
  }
  return <Counter merchant={merchant} channel={channel} agreement={agreements.items[0]} orders={orders} />
}

/** Without them the page still opens: they are asked for again before anything is paid. */
const recentOrders = (merchantCode: string) =>
  api.recentOrders(merchantCode).then(
    ({ items }) => items,
    (): OrderView[] => [],
  )

interface CounterProps {
  merchant: MerchantView
  channel: QuoteBody['channel']
  agreement: AgreementView | undefined
  /** the payer's recent ones here */
  orders: OrderView[]
}

/** The counter: everything there is to see once the merchant is known. */
function Counter({ merchant, channel, agreement, orders }: CounterProps) {
  const [text, setText] = useState('')
  const fen = amountFen(text)
  const toResult = useCallback(
    ({ orderNo }: { orderNo: string }) => void Taro.redirectTo({ url: `/pages/result/index?orderNo=${orderNo}` }),
    [],
  )
  const toPaid = useCallback(
    ({ orderNo, action }: OrderView) =>
      void Taro.redirectTo({ url: `/pages/result/index?orderNo=${orderNo}${action ? '&act=1' : ''}` }),
    [],
  )
  const payment = usePayments(merchant.code, orders, toPaid)
  const busy = payment.state.kind !== 'idle'
  const { state, askAgain } = useQuote(merchant.code, channel, fen, busy)
  const seen = useSeen(state)
  const quote = state.kind === 'ready' ? state.quote : undefined
  const thresholdFen = merchant.offer?.thresholdFen
  const payLabel = quote ? `${seen ? '付款' : '请核对'} ${yuan(quote.payableFen)} 元` : '付款'

  return (
    <Box className="pay">
      <Box className="pay__content">
        <Header merchant={merchant} />
        <Earlier known={payment.earlier} onLook={toResult} onConfirm={(intent) => payment.payments.confirm(intent)} />
        <Box className="sheet-card">
          <Amount text={text} fen={fen} />
          <QuotePanel
            state={state}
            amountFen={fen}
            thresholdFen={thresholdFen}
            invitation={merchant.offer?.reason === null ? '输入金额，看看抽到多少立减' : '输入付款金额'}
            onAskAgain={askAgain}
          />
        </Box>
        <Method agreement={agreement} state={state} />
        <Offer merchant={merchant} quote={quote} />
        <Box className="heard" live="polite" role="status">
          {quoteSpoken(state, fen, thresholdFen)}
        </Box>
      </Box>
      <Keypad
        enabled={!busy}
        onKey={(key) => setText((was) => typeKey(was, key))}
        pay={{
          label: payLabel,
          enabled: quote !== undefined && agreement !== undefined && !busy && seen,
          onPress: () => quote && agreement && void payment.payments.pay(quote, agreement.agreementId),
          content: <PayKey sending={payment.state.kind === 'sending'} seen={seen} payableFen={quote?.payableFen} />,
        }}
      />
      <PaymentSheet state={payment.state} payments={payment.payments} onLook={toResult} onAskAgain={askAgain} />
    </Box>
  )
}

/** The last character of a name says what is sold (老街牛肉**面**); a branch in brackets doesn't. */
function sealOf(name: string): string {
  return [...name.replace(/[（(].*$/, '')].pop() ?? '店'
}

function Header({ merchant }: { merchant: MerchantView }) {
  return (
    <Box className="head">
      <Box className="head__seal" silent>
        {sealOf(merchant.name)}
      </Box>
      <Box className="head__words">
        <Box className="head__name" role="heading">
          {merchant.name}
        </Box>
        <Box className="head__branch">
          {`${merchant.branchName}${merchant.offer ? '特惠商户' : '商户'} · ${merchant.code}`}
        </Box>
      </Box>
    </Box>
  )
}

function Amount({ text, fen }: { text: string; fen: number }) {
  const size = text.length > 8 ? 'amount__line--long' : ''
  return (
    <Box className="amount">
      <Box className="amount__title">付款金额</Box>
      <Box
        className={`amount__line ${size}`}
        role="status"
        label={text ? `${yuan(fen)}元` : '还没有输入'}
        live="polite"
      >
        <Words className="amount__sign">¥</Words>
        <Words className={text ? 'amount__text' : 'amount__text amount__text--none'}>{text || '0.00'}</Words>
        {text && <Words className="amount__caret" silent />}
      </Box>
    </Box>
  )
}

function Method({ agreement, state }: { agreement: AgreementView | undefined; state: QuoteState }) {
  const savedFen = state.kind === 'ready' ? state.quote.payerDiscountFen : 0
  return (
    <Box className="method">
      <Box className="method__mark" silent>
        行
      </Box>
      <Box className="method__name">
        本行账户
        {agreement && <Words className="method__tail">{` (${agreement.accountTail})`}</Words>}
      </Box>
      {!agreement && <Box className="method__none">还没有签约，暂不能付款</Box>}
      {savedFen > 0 && <Box className="method__chip">{`立减 ¥${yuan(savedFen)}`}</Box>}
      {agreement && <Box className="method__chosen" role="img" label="已选中" />}
    </Box>
  )
}

function Offer({ merchant, quote }: { merchant: MerchantView; quote: QuoteView | undefined }) {
  const { offer } = merchant
  if (!offer) return null
  const rest = todaySentence(todayNow(offer, quote))
  return (
    <Box className="offer">
      <Box className="offer__text">{[offer.headline, rest].filter(Boolean).join(' · ')}</Box>
      <Press
        className="offer__rules"
        label="活动规则"
        onPress={() => void Taro.navigateTo({ url: `/pages/rules/index?merchant=${merchant.code}` })}
      >
        活动规则 ›
      </Press>
    </Box>
  )
}

function PayKey({ sending, seen, payableFen }: { sending: boolean; seen: boolean; payableFen: number | undefined }) {
  if (sending) return <Words>付款中</Words>
  return (
    <>
      <Words>{seen ? '付款' : '请核对'}</Words>
      {payableFen !== undefined && (
        <Words className={`key__amount ${payableFen >= 10_000_000 ? 'key__amount--long' : ''}`}>
          {`¥${yuan(payableFen)}`}
        </Words>
      )}
    </>
  )
}
