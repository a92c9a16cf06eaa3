import type { OrderView } from '@contract'
import { useEffect, useState } from 'react'
import { Sheet } from '../../components/notice'
import { clock } from '../../dates'
import { yuan } from '../../money'
import { earlierSentence } from './earlier'
import type { PaymentState, Payments } from './payments'
import { refusalOf } from './refusal'

interface PaymentSheetProps {
  state: PaymentState
  payments: Payments
  /** by a code for one payment */
  byCode: boolean
  /** shows how an order went */
  onLook(order: OrderView): void
  /** asks for the quote anew */
  onAskAgain(): void
}

/** What a payment that didn't simply go through asks of its payer. */
export function PaymentSheet({ state, payments, byCode, onLook, onAskAgain }: PaymentSheetProps) {
  switch (state.kind) {
    case 'idle':
    case 'sending':
      return null
    case 'unsure': {
      const { intent, again, lost } = state
      // its quote may have become an order: what is paid next needs another
      const leave = () => {
        payments.leave(intent)
        onAskAgain()
      }
      const other = again
        ? { label: '再付一笔', onPress: () => payments.payAgain() }
        : { label: '不等了', onPress: leave }
      const submitted = `${clock(intent.at)} 的 ¥${yuan(intent.payableFen)} 已提交`
      return (
        <Sheet
          title={lost ? '登录失效了' : '付款结果还不知道'}
          main={{ label: lost ? '重新登录' : '继续确认', onPress: () => payments.confirm(intent) }}
          other={other}
          onClose={leave}
        >
          {lost
            ? `${submitted}，付没付成不受登录影响，只是现在查不到。重新登录后就能看到结果，请勿重复付款。`
            : `${submitted}，还没有等到结果，会一直确认。请勿重复付款；继续确认不会重复扣款。`}
        </Sheet>
      )
    }
    case 'earlier':
      return (
        <Sheet
          title={earlierTitle(state.order)}
          main={{ label: state.order.action ? '去确认' : '看结果', onPress: () => onLook(state.order) }}
          other={{ label: '再付一笔', onPress: () => payments.payAgain() }}
          onClose={() => payments.dismiss()}
        >
          {`${earlierSentence(state.order)}。要再付一笔吗？`}
        </Sheet>
      )
    case 'refused':
      return <Refused state={state} payments={payments} byCode={byCode} onAskAgain={onAskAgain} />
  }
}

function earlierTitle({ state, action }: OrderView): string {
  if (state === 'paid') return '刚刚付过一笔'
  return action ? '上一笔还等您确认' : '上一笔还在处理'
}

type RefusedProps = Pick<PaymentSheetProps, 'payments' | 'byCode' | 'onAskAgain'> & {
  state: Extract<PaymentState, { kind: 'refused' }>
}

function Refused({ state, payments, byCode, onAskAgain }: RefusedProps) {
  const { error, past, again } = state
  const { title, text, action } = refusalOf(error, past, byCode)
  const waiting = useWait(error.retryAfterMs)
  const goOn = () => {
    payments.goOn()
    if (!again) onAskAgain()
  }
  const main = { label: waiting ? '请稍候' : again ? '再试一次' : action, busy: waiting, onPress: goOn }
  const dismiss = () => payments.dismiss()
  const other = again && { label: '不付了', onPress: dismiss }
  return (
    <Sheet title={title} main={main} other={other} onClose={again ? dismiss : goOn}>
      {text}
    </Sheet>
  )
}

/** True for so many ms: what the server asked for, said without a count that would hurry anybody. */
function useWait(ms: number): boolean {
  const [waiting, setWaiting] = useState(ms > 0)
  useEffect(() => {
    const timer = setTimeout(() => setWaiting(false), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return waiting
}
