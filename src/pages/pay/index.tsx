import type { MerchantChannelView, MerchantView, OrderView, QuoteBody, QuoteView } from '@contract'
import Taro, { useDidHide, useDidShow, useRouter } from '@tarojs/taro'
import { useCallback, useEffect, useRef, useState } from 'react'
import { amountFen, readAmount, typeKey } from '../../amount'
import { type ApiError, api } from '../../api'
import { Box, Words } from '../../components/base'
import { Keypad } from '../../components/keypad'
import { LargeType } from '../../components/large-type'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { merchantOf, payCodeOf } from '../../entry'
import { useHolder } from '../../holder'
import { justOpened } from '../../just-opened'
import { keptAmount, useKeptAmount } from '../../kept-amount'
import { mostFen, yuan } from '../../money'
import { host } from '../../platform/host'
import { useAnswer } from '../../use-answer'
import { type Agreements, useAgreements } from './accounts'
import { leftWords, overLimit, useDayLimits } from './day-limit'
import { Earlier } from './earlier'
import { Failed, isOfCode } from './failed'
import { firstMethod, Methods } from './methods'
import { invitation, Offer } from './offer'
import { PaymentSheet } from './payment-sheet'
import { QuotePanel, quoteSpoken } from './quote-panel'
import { usePayments } from './use-payments'
import { useQuote, useSeen } from './use-quote'
import { WayIn } from './way-in'
import './index.scss'

/** What a payer opens from the counter's QR: type the amount, see the card, pay. */
export default function PayPage() {
  const { params } = useRouter()
  const holder = useHolder()
  const merchantCode = merchantOf(params)
  if (!merchantCode) return <WayIn />
  const typed = readAmount(params.amount ?? '') ?? ''
  return <Opened key={holder} merchantCode={merchantCode} payCode={payCodeOf(params)} typed={typed} />
}

interface Address {
  merchantCode: string
  /** a code for one payment, as it was scanned */
  payCode: string | undefined
  typed: string
}

/** It opens with what anybody may read of the merchant; what is the payer's own comes when it comes, and keeps nobody from the keys. */
function Opened({ merchantCode, payCode, typed }: Address) {
  // nobody types what a log-in by way of another page would take away
  const [page, read] = useAnswer(
    () =>
      Promise.all([
        api.merchant(merchantCode),
        payCode ? api.payCode(merchantCode, payCode) : null,
        host.leavesToLogIn ? api.loggedIn() : null,
      ]),
    `pay ${merchantCode} ${payCode}`,
  )
  const agreements = useAgreements()
  useEffect(() => host.uncover?.(), [])
  if (page.kind === 'waiting')
    return (
      <Box className="page" role="main">
        <Skeleton heights={[44, 222, 56]} />
      </Box>
    )
  if (page.kind === 'failed') return <Failed error={page.error} merchantCode={merchantCode} onRetry={read} />
  // whoever isn't let in here needn't type first
  if (agreements.fault && isNotLetIn(agreements.fault))
    return <Failed error={agreements.fault} merchantCode={merchantCode} onRetry={agreements.read} />
  const [merchant, said] = page.value
  const fixed = payCode && said ? { payCode, amountFen: said.amountFen } : null
  const methods = merchant.channels.filter((one) => host.canPay(one))
  if (methods.length === 0) {
    const labels = merchant.channels.map(({ label }) => label).join('、')
    return (
      <Box className="page" role="main">
        <Notice mark="!" title="这里不能付款" text={labels ? `请用${labels}扫商户的收款码` : '商户暂时不能收款'} />
      </Box>
    )
  }
  return <Counter merchant={merchant} methods={methods} agreements={agreements} fixed={fixed} typed={typed} />
}

const isNotLetIn = ({ status }: ApiError) => status === 401 || status === 403

interface CounterProps {
  merchant: MerchantView
  /** those that work here, at least one */
  methods: MerchantChannelView[]
  agreements: Agreements
  /** by a code for one payment: its amount is the shop's to say */
  fixed: { payCode: string; amountFen: number } | null
  /** an amount that the payer comes back with */
  typed: string
}

/** The counter: everything there is to see once the merchant is known. */
function Counter({ merchant, methods, agreements, fixed, typed }: CounterProps) {
  const [opened] = useState(() => (fixed ? yuan(fixed.amountFen).replace(/,/g, '') : keptAmount(merchant.code, typed)))
  const [text, setText] = useState(opened)
  const { known, agreement } = agreements
  const [channel, setChannel] = useMethod(methods, merchant.offer, agreements, text !== opened)
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
  const payment = usePayments(merchant.code, toPaid)
  const shown = useShown()
  const busy = payment.state.kind !== 'idle'
  // what is typed on another page, or while something lies over this one, is none of the keypad's
  const listens = shown && !busy && !agreements.choosing
  useKeptAmount(merchant.code, typed, fixed ? '' : text, payment.state.kind)
  const limits = useDayLimits()
  const limit = limits.of(channel)
  const elsewhere = methods.some(({ name }) => (limits.of(name)?.leftFen ?? 0) >= fen)
  const over = overLimit(limit, fen, elsewhere, fixed !== null)
  const { state, askAgain, quoteOf } = useQuote(merchant.code, channel, over ? 0 : fen, busy, fixed?.payCode)
  const seen = useSeen(state)
  const quote = state.kind === 'ready' ? state.quote : undefined
  const thresholdFen = merchant.offer?.thresholdFen
  // the card is the payer's until they are back, and the figure is looked at anew
  useDidShow(askAgain)
  const amount = text ? `&amount=${text}` : ''
  const code = fixed ? `&pay=${fixed.payCode}` : ''
  const sign = () => void Taro.navigateTo({ url: `/pages/sign/index?merchant=${merchant.code}${code}${amount}` })
  const wallet = channel !== 'bank'
  const word = seen ? (agreement || wallet || !known ? '付款' : '签约付款') : '请核对'
  const pay = (ready: QuoteView) =>
    agreement || wallet ? void payment.payments.pay(ready, wallet ? undefined : agreement?.agreementId) : sign()
  if (!busy && state.kind === 'failed' && isOfCode(state.error))
    return <Failed error={state.error} merchantCode={merchant.code} onRetry={askAgain} />

  return (
    <Box className="pay" role="main">
      <Box className="pay__content">
        <Header merchant={merchant} />
        <Offer merchant={merchant} quote={quote} busy={busy} />
        <Earlier known={payment.earlier} onLook={toResult} onConfirm={(intent) => payment.payments.confirm(intent)} />
        <Box className="sheet-card">
          <Amount text={text} fen={fen} fixed={fixed !== null} note={leftWords(limit)} />
          <QuotePanel
            state={state}
            over={over}
            amountFen={fen}
            thresholdFen={thresholdFen}
            invitation={invitation(merchant.offer)}
            onAskAgain={askAgain}
          />
        </Box>
        <Methods
          methods={methods}
          chosen={channel}
          bankName={merchant.bankName}
          agreements={agreements}
          amountFen={fen}
          quoteOf={quoteOf}
          offer={merchant.offer}
          busy={busy}
          onChoose={setChannel}
          onSign={sign}
        />
        <Box className="heard" live="polite" role="status">
          {over ? `${over.title}，${over.text}` : quoteSpoken(state, fen, thresholdFen)}
        </Box>
      </Box>
      <Keypad
        enabled={listens}
        fixed={fixed !== null}
        onKey={(key) => setText((was) => typeKey(was, key))}
        onPaste={setText}
        pay={{
          label: quote ? `${word} ${quote.discountRange ? '最多 ' : ''}${yuan(mostFen(quote))} 元` : '付款',
          enabled: quote !== undefined && listens && seen && (known || wallet),
          onPress: () => quote && pay(quote),
          content: <PayKey word={payment.state.kind === 'sending' ? '付款中' : word} quote={quote} />,
        }}
      />
      <PaymentSheet
        state={payment.state}
        payments={payment.payments}
        byCode={fixed !== null}
        onLook={toResult}
        onAskAgain={() => {
          askAgain()
          limits.read()
          void agreements.read()
        }}
      />
    </Box>
  )
}

/**
 * What is paid with: the payer's choice, and until they choose what the page opens with. Which that is may follow from their accounts; it
 * no longer changes by them once the payer has begun.
 */
function useMethod(
  methods: MerchantChannelView[],
  offer: MerchantView['offer'],
  { known, items }: Agreements,
  begun: boolean,
) {
  const first = firstMethod(methods, offer, items.length > 0)
  const [channel, setChannel] = useState(first.name)
  const settled = useRef(false)
  useEffect(() => {
    if (settled.current || begun) return
    settled.current = known
    setChannel(first.name)
  }, [known, begun, first.name])
  const choose = useCallback((name: QuoteBody['channel']) => {
    settled.current = true
    setChannel(name)
  }, [])
  return [channel, choose] as const
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
      <LargeType />
    </Box>
  )
}

interface AmountProps {
  text: string
  fen: number
  fixed: boolean
  note: string
}

function Amount({ text, fen, fixed, note }: AmountProps) {
  const size = text.length > 8 ? 'amount__line--long' : ''
  return (
    <Box className="amount">
      <Box className="amount__title">
        {fixed ? '付款金额（店家已填好）' : '付款金额'}
        {note && <Words className="amount__note">{note}</Words>}
      </Box>
      <Box
        className={`amount__line ${size}`}
        role="status"
        label={text ? `${yuan(fen)}元` : '还没有输入'}
        live="polite"
      >
        <Words className="amount__sign">¥</Words>
        <Words className={text ? 'amount__text' : 'amount__text amount__text--none'}>{text || '0.00'}</Words>
        {text && !fixed && <Words className="amount__caret" silent />}
      </Box>
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
