import type { AgreementView, MerchantChannelView, MerchantView, QuoteView } from '@contract'
import Taro from '@tarojs/taro'
import { type ReactNode, useEffect, useState } from 'react'
import { serverNow } from '../../api'
import { Box, Press, Words } from '../../components/base'
import { mostFen, plainYuan, yuan } from '../../money'
import { rangeWords } from '../../sentences'
import { Accounts, type Agreements } from './accounts'

type Name = MerchantChannelView['name']

/**
 * What the page is opened with, of at least one: the method with the discount while there is one to be had. Where there is none, nobody is led through
 * signing an account who could pay at once.
 */
export function firstMethod(
  methods: readonly MerchantChannelView[],
  offer: MerchantView['offer'],
  signed: boolean,
): MerchantChannelView {
  const first = methods[0]!
  const toBeHad = offer?.reason === null && first.carriesDiscount
  return toBeHad || signed ? first : (methods.find(({ name }) => name !== 'bank') ?? first)
}

interface MethodsProps {
  methods: readonly MerchantChannelView[]
  chosen: Name
  /** whose own channel there is */
  bankName: string
  agreements: Agreements
  /** what the payer typed, fen; nought for nothing */
  amountFen: number
  /** the newest quote of a method for that amount, while it stands */
  quoteOf(name: Name): QuoteView | undefined
  offer: MerchantView['offer']
  /** a payment is under way: what it is paid with stays */
  busy: boolean
  onChoose(name: Name): void
  onSign(): void
}

/** What can be paid with here, the one with the discount first, each with what it saves or costs; a single one is no choice. */
export function Methods(props: MethodsProps) {
  const { methods, chosen, agreements, onSign } = props
  const { items, agreement, choose, choosing, setChoosing } = agreements
  const leave = (then: () => void) => () => {
    setChoosing(false)
    then()
  }
  return (
    <>
      <Box className={methods.length > 1 ? 'methods methods--many' : 'methods'}>
        {methods.map((method) =>
          method.name === 'bank' ? (
            <Bank key="bank" {...props} />
          ) : (
            <Wallet key={method.name} {...props} method={method} />
          ),
        )}
      </Box>
      {choosing && agreement && chosen === 'bank' && (
        <Accounts
          items={items}
          chosen={agreement}
          onChoose={(agreementId) => leave(() => choose(agreementId))()}
          onSign={leave(onSign)}
          onManage={leave(() => void Taro.navigateTo({ url: '/pages/agreements/index' }))}
          onClose={leave(() => {})}
        />
      )}
    </>
  )
}

/** The bank's own: chosen already, a press is for its account. Where small amounts are allowed, it says so before the key is pressed. */
function Bank(props: MethodsProps) {
  const { methods, chosen, bankName, agreements, amountFen, quoteOf, offer, busy, onChoose, onSign } = props
  const { agreement, known, fault, read, setChoosing } = agreements
  const alone = methods.length === 1
  const is = chosen === 'bank'
  const quote = quoteOf('bank')
  useRenderAt(quote?.expiresAt)
  const saved = savedWords(quote, amountFen, offer, alone)
  const change = agreement ? () => setChoosing(true) : known ? onSign : read
  const name = agreement ? accountOf(agreement) : alone ? noAccountWords(known, fault) : `${bankName}账户`
  const small = agreement?.small && quote && mostFen(quote) <= agreement.small.maxFen
  return (
    <Press
      className="method"
      chosen={alone ? undefined : is}
      disabled={busy}
      onPress={is ? change : () => onChoose('bank')}
    >
      {!alone && <Dot is={is} />}
      <Mark word={markOf(agreement?.bankName ?? bankName)} />
      <Box className="method__name">
        {name}
        {small && <Box className="method__small">免密支付，直接扣款</Box>}
        {!alone && !agreement && (
          <Box className="method__small">{known ? '第一次付款先签约' : noAccountWords(known, fault)}</Box>
        )}
      </Box>
      {saved && <Box className="method__chip">{saved}</Box>}
      {is && (
        <Box
          className="method__go"
          role={agreement && !fault ? 'img' : undefined}
          label={agreement && !fault ? '更换账户' : undefined}
        >
          {fault ? '重试' : agreement || !alone ? '›' : known ? '去签约 ›' : ''}
        </Box>
      )}
    </Press>
  )
}

function noAccountWords(known: boolean, fault: Agreements['fault']): string {
  if (known) return '还没有付款账户'
  return fault ? '没有读到付款账户' : '正在读取付款账户'
}

/** What was saved is no longer said once it has ended, though nobody touches the page. */
function useRenderAt(until: string | undefined): void {
  const [, render] = useState(0)
  useEffect(() => {
    if (!until) return
    const timer = setTimeout(() => render((was) => was + 1), Math.max(0, Date.parse(until) - serverNow()))
    return () => clearTimeout(timer)
  }, [until])
}

function accountOf({ bankName, accountTail }: AgreementView): ReactNode {
  return (
    <>
      {bankName}
      <Words className="method__tail">{` (${accountTail})`}</Words>
    </>
  )
}

function Wallet({ method, ...props }: MethodsProps & { method: MerchantChannelView }) {
  const { name, label } = method
  const { methods, chosen, amountFen, busy, onChoose } = props
  const is = chosen === name
  const alone = methods.length === 1
  const costs = amountFen > 0 ? `¥${yuan(amountFen)}` : ''
  return (
    <Press
      className="method"
      chosen={alone ? undefined : is}
      disabled={busy}
      label={`用${label}付款${costs && `，${costs}`}`}
      onPress={() => onChoose(name)}
    >
      {!alone && <Dot is={is} />}
      <Mark word={markOf(label)} wallet={name} />
      <Box className="method__name">{label}</Box>
      {costs && <Box className="method__costs">{costs}</Box>}
    </Press>
  )
}

/** What paying from the account saves, as quoted; before that, where there are others to compare with, the most that it may. */
function savedWords(
  quote: QuoteView | undefined,
  amountFen: number,
  offer: MerchantView['offer'],
  alone: boolean,
): string {
  const saves = alone ? '立减' : '省'
  if (quote?.discountRange) return alone ? '' : `省 ¥${rangeWords(quote.discountRange)}`
  if (quote?.payerDiscountFen) return `${saves} ¥${yuan(quote.payerDiscountFen)}`
  const may = !alone && !quote && offer?.reason === null && amountFen >= offer.thresholdFen
  return may ? `最高省 ¥${plainYuan(offer.maxPayerDiscountFen)}` : ''
}

function Dot({ is }: { is: boolean }) {
  return <Box className={is ? 'method__chosen' : 'method__other'} silent />
}

/** The bank's or the wallet's mark: its first letter. */
const markOf = (name: string) => [...name][0] ?? ''

function Mark({ word, wallet }: { word: string; wallet?: string }) {
  return (
    <Box className={`method__mark ${wallet ? `method__mark--${wallet}` : ''}`} silent>
      {word}
    </Box>
  )
}
