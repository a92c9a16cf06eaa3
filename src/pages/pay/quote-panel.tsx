import type { QuoteView } from '@contract'
import { useEffect, useState } from 'react'
import { serverNow } from '../../api'
import { Box, Press, Words } from '../../components/base'
import { Money } from '../../components/money'
import { Phrases } from '../../components/phrases'
import { mostFen, yuan } from '../../money'
import { faultSentence, rangeWords, reasonSentence, waitWords } from '../../sentences'
import type { QuoteState } from './use-quote'

interface QuotePanelProps {
  state: QuoteState
  /** more than may be paid: nothing is quoted */
  over: { title: string; text: string } | undefined
  amountFen: number
  thresholdFen?: number
  /** what to say before an amount is typed, and below it */
  invitation: [string, string?]
  onAskAgain(): void
}

/** Under the amount: what the card brought, or the one sentence why there is none. */
export function QuotePanel({ state, over, amountFen, thresholdFen, invitation, onAskAgain }: QuotePanelProps) {
  if (over) return <Face {...over} />
  switch (state.kind) {
    case 'empty':
      return <Face title="" text={invitation[0]} more={invitation[1]} />
    case 'asking':
      return <Face title="" text="正在算优惠…" waiting />
    case 'failed':
      return <Failed {...state} onAskAgain={onAskAgain} />
    case 'lapsed':
      return <Again title="优惠保留已到期" text="再算一次就可以付款" onPress={onAskAgain} />
    case 'ready':
      return <Ready quote={state.quote} changed={state.changed} amountFen={amountFen} thresholdFen={thresholdFen} />
  }
}

function Failed({ error, goesOn, onAskAgain }: Omit<QuoteState & { kind: 'failed' }, 'kind'> & { onAskAgain(): void }) {
  const { title, text } = faultSentence(error)
  if (error.code === 'amount-above-limit') return <Face title={title} text={text} />
  // Nobody presses what would only be refused again.
  if (goesOn && error.waits) return <Face title={title} text={`${waitWords(error)}后自动再算`} waiting />
  return <Again title={title} text="暂时算不出优惠" onPress={onAskAgain} />
}

const NEWS = { less: '优惠有更新，请核对实付金额', more: '实付金额变多了，请核对后再付' }

type ReadyProps = Pick<QuotePanelProps, 'amountFen' | 'thresholdFen'> & Omit<QuoteState & { kind: 'ready' }, 'kind'>

function Ready(props: ReadyProps) {
  const { quote, changed, amountFen, thresholdFen } = props
  const news = changed && <Box className="deal__renewed">{NEWS[changed]}</Box>
  const payable = (
    <Box className="deal__payable">
      {quote.discountRange ? '最多' : '实付'} <Money fen={mostFen(quote)} className="deal__money" />
    </Box>
  )
  if (quote.discountRange)
    return (
      <Box className="deal">
        <Box className="deal__card deal__card--back" silent>
          <Box className="deal__frame" />
        </Box>
        <Box className="deal__words">
          {payable}
          <Held quote={quote}>{`立减 ${rangeWords(quote.discountRange)} 元，付款时揭晓`}</Held>
          {news}
        </Box>
      </Box>
    )
  const savedFen = quote.payerDiscountFen ?? 0
  const rewardFen = quote.merchantRewardFen ?? 0
  if (quote.reason !== null || savedFen === 0)
    return (
      <Box className="deal deal--plain">
        {payable}
        <Box className="deal__text">
          <Phrases text={quote.reason === null ? '本单没有立减' : reasonSentence(quote, amountFen, thresholdFen)} />
        </Box>
        {news}
      </Box>
    )
  return (
    <Box className="deal">
      <Box className="deal__card" silent key={savedFen}>
        <Box className="deal__frame">
          <Words>立减</Words>
          <Words>{yuan(savedFen)}</Words>
        </Box>
      </Box>
      <Box className="deal__words">
        {payable}
        <Held quote={quote}>{`已为您抽到 ¥${yuan(savedFen)}`}</Held>
        {rewardFen > 0 && <Box className="deal__text">{`另有 ¥${yuan(rewardFen)} 奖励给店家`}</Box>}
        {news}
      </Box>
    </Box>
  )
}

/** For so many seconds a card is kept without a word of it: a count that runs all the while would only hurry. */
const COUNTED_S = 30

/** Counts down by itself at the end, so that a second passing renders nothing else. */
function Held({ quote, children }: { quote: QuoteView; children: string }) {
  const [seconds, setSeconds] = useState(() => secondsLeft(quote.expiresAt))
  useEffect(() => {
    setSeconds(secondsLeft(quote.expiresAt))
    const timer = setInterval(() => setSeconds(secondsLeft(quote.expiresAt)), 1_000)
    return () => clearInterval(timer)
  }, [quote.expiresAt])
  return (
    <Box className="deal__text">
      <Words className="phrase">{seconds > COUNTED_S ? children : `${children}，`}</Words>
      {seconds <= COUNTED_S && <Words className="phrase">{`还保留 ${seconds} 秒`}</Words>}
    </Box>
  )
}

function secondsLeft(expiresAt: string): number {
  return Math.max(0, Math.ceil((Date.parse(expiresAt) - serverNow()) / 1_000))
}

interface FaceProps {
  title: string
  text: string
  more?: string | undefined
  waiting?: boolean
}

function Face({ title, text, more, waiting = false }: FaceProps) {
  return (
    <Box className="deal">
      <Box className={`deal__card deal__card--back ${waiting ? 'deal__card--waiting' : ''}`} silent>
        <Box className="deal__frame" />
      </Box>
      <Box className="deal__words">
        {title && <Box className="deal__payable">{title}</Box>}
        <Box className="deal__text">{text}</Box>
        {more && <Box className="deal__text">{more}</Box>}
      </Box>
    </Box>
  )
}

function Again({ title, text, onPress }: { title: string; text: string; onPress(): void }) {
  return (
    <Box className="deal deal--again">
      <Box className="deal__words">
        <Box className="deal__payable">{title}</Box>
        <Box className="deal__text">{text}</Box>
      </Box>
      <Press className="deal__again" onPress={onPress}>
        重试
      </Press>
    </Box>
  )
}

/** The same for a screen reader: one sentence when the quote arrives, none while the seconds run. */
export function quoteSpoken(state: QuoteState, amountFen: number, thresholdFen?: number): string {
  if (state.kind === 'failed') {
    const { title, text } = faultSentence(state.error)
    return state.error.code === 'amount-above-limit' ? `${title}，${text}` : `${title}，暂时算不出优惠`
  }
  if (state.kind === 'lapsed') return '优惠保留已到期'
  if (state.kind !== 'ready') return ''
  const { quote } = state
  if (quote.discountRange)
    return `立减 ${rangeWords(quote.discountRange)} 元，付款时揭晓，最多付 ${yuan(mostFen(quote))} 元`
  const why =
    quote.reason === null
      ? `已为您抽到 ${yuan(quote.payerDiscountFen ?? 0)} 元`
      : reasonSentence(quote, amountFen, thresholdFen)
  return `${why}，实付 ${yuan(mostFen(quote))} 元`
}
