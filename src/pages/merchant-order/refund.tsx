import type { MerchantOrderDetail, RefundPreview } from '@contract'
import { useEffect, useRef, useState } from 'react'
import { amountFen, MOST_TYPED, typeText } from '../../amount'
import type { ApiError, Reader } from '../../api'
import { Box, Press } from '../../components/base'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { Sheet } from '../../components/notice'
import { yuan } from '../../money'
import { randomText } from '../../platform/sandbox'
import { faultOf } from '../../sentences'
import { shop } from '../../shop'
import { forgetRefund, keepRefund, keptRefund } from './kept-refund'
import { MEANWHILE, refusalSentence } from './words'

interface RefundProps {
  reader: Reader
  order: MerchantOrderDetail
  onDone(): void
  /** the order may be another by now */
  onLook(): void
}

const REASONS = ['顾客取消', '商品售完', '多收了', '重复付款']
/** The contract's. */
const LONGEST_REASON = 80

/** So much, why, and once more before it is sent. The server says what it would take: nothing is reckoned here. */
export function Refund({ reader, order, onDone, onLook }: RefundProps) {
  const { orderNo, refundableFen } = order
  const [before] = useState(() => keptRefund(order))
  const [text, setText] = useState(before?.text ?? yuan(refundableFen).replace(/,/g, ''))
  const [reason, setReason] = useState(before?.reason ?? '')
  const [seen, setSeen] = useState<RefundPreview | null>(null)
  const [said, setSaid] = useState('')
  const [busy, setBusy] = useState(false)
  /** of one intent: however often it is sent, it refunds once */
  const key = useRef('')
  /** it was sent, and whether it refunds isn't known yet */
  const unsettled = useRef(false)
  /** what was left when they last looked; 0: they were told that it is another now */
  const lastLeftFen = useRef(refundableFen)
  const fen = amountFen(text)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was left as it was typed, and not what is left once it was sent
  useEffect(() => keepRefund(order, text, reason), [text, reason])
  // a page that is led away to log in comes to no such end
  useEffect(() => () => forgetRefund(orderNo), [orderNo])

  const attempt = async (deed: () => Promise<void>, saidOf: (fault: ApiError) => string) => {
    setBusy(true)
    setSaid('')
    try {
      await deed()
    } catch (thrown) {
      const fault = faultOf(thrown)
      const words = saidOf(fault)
      if (words === MEANWHILE) lastLeftFen.current = 0
      setSaid(words)
      onLook()
    } finally {
      setBusy(false)
    }
  }
  const look = () =>
    attempt(async () => {
      const weighed = await shop.previewRefund(reader, orderNo, fen)
      const before = lastLeftFen.current
      lastLeftFen.current = weighed.leftFen
      // what went back since may be what they mean to send
      if (before && before !== weighed.leftFen) {
        setSaid(MEANWHILE)
        return onLook()
      }
      setSeen(weighed)
      key.current = `refund-${randomText(20)}`
    }, refusalSentence)
  const send = () =>
    attempt(async () => {
      const { leftFen, payerFen } = seen!
      await shop.refund(reader, orderNo, { amountFen: payerFen, leftFen, ...(reason && { reason }) }, key.current)
      onDone()
    }, unanswered)
  const unanswered = (fault: ApiError) => {
    // An earlier try under the key may refund: no refusal of a later one says that it doesn't.
    unsettled.current ||= fault.unsure || !fault.didNothing
    if (!unsettled.current) setSeen(null)
    return fault.didNothing ? refusalSentence(fault) : '没有收到结果。可以再点一次确认，不会重复退款'
  }
  /** Of what isn't settled the order's own page tells more than a form that could send another. */
  const close = () => {
    if (busy) return
    if (unsettled.current) onDone()
    else setSeen(null)
  }

  return (
    <Box className="refund">
      <Box className="refund__label">{`退款金额（最多 ¥${yuan(refundableFen)}）`}</Box>
      <Field
        label="退款金额，元"
        kind="amount"
        value={text}
        maxLength={MOST_TYPED}
        onType={(typed) => setText(typeText(text, typed))}
      />
      <Box className="refund__label">原因（选填，只有本店看得到）</Box>
      <Reasons chosen={reason} onChoose={setReason} />
      <Field
        label="退款原因"
        hint="或者写一句"
        kind="note"
        value={reason}
        maxLength={LONGEST_REASON}
        onType={setReason}
      />
      <Box className="refund__said" live="assertive">
        {fen > refundableFen ? `最多可退 ¥${yuan(refundableFen)}` : said}
      </Box>
      {/* not off while it looks: who came by a keyboard would lose their place */}
      <Button kind="main" disabled={fen < 1 || fen > refundableFen} onPress={() => !busy && void look()}>
        下一步
      </Button>
      <Button kind="plain" onPress={onDone}>
        不退了
      </Button>
      {seen && (
        <Sheet
          title={`退给顾客 ¥${yuan(seen.payerFen)}？`}
          main={{ label: '确认退款', busy, onPress: () => void send() }}
          other={{ label: '再想想', onPress: close }}
          onClose={close}
        >
          <Box>{takenWords(seen)}</Box>
          <Box>退款原路退回顾客的付款账户，不能撤回。</Box>
          {said && <Box className="refund__said">{said}</Box>}
        </Sheet>
      )}
    </Box>
  )
}

/** One of them, or none. */
function Reasons({ chosen, onChoose }: { chosen: string; onChoose(reason: string): void }) {
  return (
    <Box className="refund__reasons" role="group" label="常用原因">
      {REASONS.map((one) => (
        <Press
          key={one}
          className={`reason ${one === chosen ? 'reason--chosen' : ''}`}
          chosen={one === chosen}
          onPress={() => onChoose(one === chosen ? '' : one)}
        >
          {one}
        </Press>
      ))}
    </Box>
  )
}

function takenWords({ merchantFen, glFen }: RefundPreview): string {
  const subsidy = glFen > 0 ? `，其中 ¥${yuan(glFen)} 是按比例退回的优惠补贴` : ''
  return `从您的收款账户扣 ¥${yuan(merchantFen)}${subsidy}。`
}
