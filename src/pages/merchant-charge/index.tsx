import type { MadePayCodeView } from '@contract'
import Taro, { useRouter } from '@tarojs/taro'
import { useState } from 'react'
import { amountFen, MOST_TYPED, typeText } from '../../amount'
import type { ApiError, Reader } from '../../api'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { Money } from '../../components/money'
import { Qr } from '../../components/qr'
import { yuan } from '../../money'
import { host } from '../../platform/host'
import { faultLine, faultOf } from '../../sentences'
import { shop } from '../../shop'
import { type State, useCode } from './use-code'
import './index.scss'

/** A shop's owner or cashier types an amount and shows a code for it: whoever scans it types nothing, and it is paid once. */
export default function MerchantChargePage() {
  const { merchant } = useRouter().params
  const [reader] = useState<Reader>(() => ({ role: 'merchant', merchantCode: merchant }))
  const [text, setText] = useState('')
  const [made, setMade] = useState<MadePayCodeView>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError>()
  const fen = amountFen(text)
  const make = async () => {
    setBusy(true)
    setError(undefined)
    await shop.makePayCode(reader, fen).then(setMade, (fault) => {
      setMade(undefined)
      setError(faultOf(fault))
    })
    setBusy(false)
  }
  const next = () => {
    setMade(undefined)
    setText('')
  }
  return (
    <Box className="page" role="main">
      <Box className="heard" role="heading">
        指定金额收款
      </Box>
      {made ? (
        <Code key={made.payCode} reader={reader} made={made} busy={busy} onSame={() => void make()} onNext={next} />
      ) : (
        <Box>
          <Box className="charge__label">收多少钱</Box>
          <Field
            label="收款金额，元"
            kind="amount"
            value={text}
            maxLength={MOST_TYPED}
            onType={(typed) => setText(typeText(text, typed))}
          />
          <Box className={error ? 'charge__said charge__said--fault' : 'charge__said'} live="assertive">
            {error ? faultLine(error) : '顾客扫码后不用再输金额，也改不了。一个码 5 分钟内有效，只能付一次。'}
          </Box>
          <Button kind="main" disabled={busy || fen < 1} onPress={() => void make()}>
            生成收款码
          </Button>
        </Box>
      )}
    </Box>
  )
}

const TITLES: Record<State, string> = {
  open: '请顾客扫码付款',
  paying: '顾客正在付款',
  paid: '收到了',
  over: '这个码失效了',
  unknown: '时间到了，还不知道收到没有',
}
const MARKS: Record<State, string> = { open: '', paying: '…', paid: '✓', over: '!', unknown: '?' }

interface CodeProps {
  reader: Reader
  made: MadePayCodeView
  busy: boolean
  onSame(): void
  onNext(): void
}

function Code({ reader, made, busy, onSame, onNext }: CodeProps) {
  const { state, secondsLeft, lost } = useCode(reader, made)
  // pages in a browser come from where the code leads
  const url = `${host.apiOrigin || location.origin}${made.path}`
  return (
    <>
      <Box className={`charge charge--${state}`}>
        <Box className="charge__title" role="status" live="polite">
          {TITLES[state]}
        </Box>
        <Money fen={made.amountFen} className="charge__amount" />
        {state === 'open' ? (
          <Qr text={url} label={`付 ${yuan(made.amountFen)} 元的二维码`} className="charge__qr" />
        ) : (
          <Box className="charge__mark" silent>
            {MARKS[state]}
          </Box>
        )}
        <Box className="charge__words">{wordsOf(state, secondsLeft, lost)}</Box>
      </Box>
      {state === 'over' && (
        <Button kind="main" disabled={busy} onPress={onSame}>
          再出一个同样金额的
        </Button>
      )}
      {/* nobody would look any more whether this one was paid */}
      {!lost && state !== 'unknown' && (
        <Button kind={state === 'paid' ? 'main' : 'quiet'} onPress={onNext}>
          {state === 'paid' ? '再收一笔' : '换个金额'}
        </Button>
      )}
      <Button kind="quiet" onPress={() => toRecords(reader)}>
        看收款记录
      </Button>
    </>
  )
}

/** Before that nobody is hurried. */
const COUNTED_S = 60

function wordsOf(state: State, secondsLeft: number, lost: boolean): string {
  if (state === 'unknown') return '正在查询。请看顾客手机或收款记录，先不要再收'
  if (lost) return '暂时查不到收到没有，请看顾客手机'
  switch (state) {
    case 'open':
      return secondsLeft > COUNTED_S
        ? `${Math.ceil(secondsLeft / 60)} 分钟内有效，只能付一次`
        : `还有 ${secondsLeft} 秒，只能付一次`
    case 'paying':
      return '还没有付成，请等一等。没付成的话，这个码会再出现'
    case 'paid':
      return '已记在收款记录里'
    case 'over':
      return '过了 5 分钟，或者试了太多次。没有收到钱'
  }
}

function toRecords(reader: Reader) {
  if (Taro.getCurrentPages().length > 1) return void Taro.navigateBack()
  const code = reader.role === 'merchant' ? reader.merchantCode : undefined
  void Taro.redirectTo({ url: `/pages/merchant/index${code ? `?merchant=${code}` : ''}` })
}
