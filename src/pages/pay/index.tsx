import type { AgreementView, MerchantChannelView, MerchantView, OrderView, QuoteBody, QuoteView } from '@contract'
import Taro, { useDidHide, useDidShow, useRouter } from '@tarojs/taro'
import { useCallback, useState } from 'react'
import { amountFen, typedAmount, typeKey } from '../../amount'
import { api } from '../../api'
import { Box, Press, Words } from '../../components/base'
import { Keypad } from '../../components/keypad'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { merchantOf } from '../../entry'
import { justOpened } from '../../just-opened'
import { mostFen, yuan } from '../../money'
import { host } from '../../platform/host'
import { readingFault, todayNow, todaySentence } from '../../sentences'
import { useAnswer } from '../../use-answer'
import { useAgreements } from './accounts'
import { Earlier } from './earlier'
import { firstMethod, Methods } from './methods'
import { PaymentSheet } from './payment-sheet'
import { Phrases } from './phrases'
import { QuotePanel, quoteSpoken } from './quote-panel'
import { usePayments } from './use-payments'
import { useQuote, useSeen } from './use-quote'
import { WayIn } from './way-in'
import './index.scss'

/** What a payer opens from the counter's QR: type the amount, see the card, pay. */
export default function PayPage() {
  const { params } = useRouter()
  const merchantCode = merchantOf(params)
  if (!merchantCode) return <WayIn />
  return <Opened merchantCode={merchantCode} typed={typedAmount(params.amount)} />
}

function Opened({ merchantCode, typed }: { merchantCode: string; typed: string }) {
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
      : readingFault(page.error)
    return (
      <Box className="page">
        <Notice
          mark="!"
          {...fault}
          action={unknown || page.error.waits ? undefined : { label: '重试', onPress: read }}
        />
      </Box>
    )
  }
  const [merchant, agreements, orders] = page.value
  const methods = merchant.channels.filter((one) => host.canPay(one))
  const first = firstMethod(methods, merchant.offer, agreements.items.length > 0)
  if (!first) {
    const labels = merchant.channels.map(({ label }) => label).join('、')
    return (
      <Box className="page">
        <Notice mark="!" title="这里不能付款" text={labels ? `请用${labels}扫商户的收款码` : '商户暂时不能收款'} />
      </Box>
    )
  }
  return (
    <Counter
      merchant={merchant}
      methods={methods}
      first={first.name}
      opened={agreements.items}
      orders={orders}
      typed={typed}
    />
  )
}

/** Without them the page still opens: they are asked for again before anything is paid. */
const recentOrders = (merchantCode: string) =>
  api.recentOrders(merchantCode).then(
    ({ items }) => items,
    (): OrderView[] => [],
  )

interface CounterProps {
  merchant: MerchantView
  /** those that work here */
  methods: MerchantChannelView[]
  first: QuoteBody['channel']
  /** the payer's agreements as the page was opened */
  opened: AgreementView[]
  /** the payer's recent ones here */
  orders: OrderView[]
  /** an amount that the payer comes back with */
  typed: string
}

/** The counter: everything there is to see once the merchant is known. */
function Counter({ merchant, methods, first, opened, orders, typed }: CounterProps) {
  const [text, setText] = useState(typed)
  const [channel, setChannel] = useState(first)
  const agreements = useAgreements(opened)
  const { agreement } = agreements
  const fen = amountFen(text)
  const toResult = useCallback(
    ({ orderNo }: { orderNo: string }) => void Taro.redirectTo({ url: `/pages/result/index?orderNo=${orderNo}` }),
    [],
  )
  const toPaid = useCallback(
    ({ orderNo }: OrderView) => {
      justOpened.note(orderNo)
      toResult({ orderNo })
    },
    [toResult],
  )
  const payment = usePayments(merchant.code, orders, toPaid)
  const shown = useShown()
  const busy = payment.state.kind !== 'idle'
  // what is typed on another page, or while something lies over this one, is none of the keypad's
  const listens = shown && !busy && !agreements.choosing
  const { state, askAgain, quoteOf } = useQuote(merchant.code, channel, fen, busy)
  const seen = useSeen(state)
  const quote = state.kind === 'ready' ? state.quote : undefined
  const thresholdFen = merchant.offer?.thresholdFen
  // the card is the payer's until they are back, and the figure is looked at anew
  useDidShow(askAgain)
  const amount = text ? `&amount=${text}` : ''
  const sign = () => void Taro.navigateTo({ url: `/pages/sign/index?merchant=${merchant.code}${amount}` })
  const wallet = channel !== 'bank'
  const word = seen ? (agreement || wallet ? '付款' : '签约付款') : '请核对'
  const pay = (ready: QuoteView) =>
    agreement || wallet ? void payment.payments.pay(ready, wallet ? undefined : agreement?.agreementId) : sign()

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
        <Methods
          methods={methods}
          chosen={channel}
          agreements={agreements}
          amountFen={fen}
          quoteOf={quoteOf}
          offer={merchant.offer}
          busy={busy}
          onChoose={setChannel}
          onSign={sign}
        />
        <Offer merchant={merchant} quote={quote} />
        <Box className="heard" live="polite" role="status">
          {quoteSpoken(state, fen, thresholdFen)}
        </Box>
      </Box>
      <Keypad
        enabled={listens}
        onKey={(key) => setText((was) => typeKey(was, key))}
        pay={{
          label: quote ? `${word} ${quote.discountRange ? '最多 ' : ''}${yuan(mostFen(quote))} 元` : '付款',
          enabled: quote !== undefined && listens && seen,
          onPress: () => quote && pay(quote),
          content: <PayKey word={payment.state.kind === 'sending' ? '付款中' : word} quote={quote} />,
        }}
      />
      <PaymentSheet
        state={payment.state}
        payments={payment.payments}
        onLook={toResult}
        onAskAgain={() => {
          askAgain()
          void agreements.read()
        }}
      />
    </Box>
  )
}

/** False while another page lies over this one. */
function useShown(): boolean {
  const [shown, setShown] = useState(true)
  useDidShow(() => setShown(true))
  useDidHide(() => setShown(false))
  return shown
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

function Offer({ merchant, quote }: { merchant: MerchantView; quote: QuoteView | undefined }) {
  const { offer } = merchant
  if (!offer) return null
  const rest = todaySentence(todayNow(offer, quote))
  return (
    <Box className="offer">
      <Box className="offer__text">
        {rest ? `${offer.headline} · ` : offer.headline}
        <Phrases text={rest} />
      </Box>
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

function PayKey({ word, quote }: { word: string; quote: QuoteView | undefined }) {
  const fen = quote && mostFen(quote)
  return (
    <>
      <Words>{quote?.discountRange && word !== '付款中' ? `${word}最多` : word}</Words>
      {fen !== undefined && word !== '付款中' && (
        <Words className={`key__amount ${fen >= 10_000_000 ? 'key__amount--long' : ''}`}>{`¥${yuan(fen)}`}</Words>
      )}
    </>
  )
}
