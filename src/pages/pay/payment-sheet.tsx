import { Sheet } from '../../components/notice'
import { yuan } from '../../money'
import { refusalOf } from './refusal'
import type { usePayment } from './use-payment'

type Payment = ReturnType<typeof usePayment>

/** What a payment that didn't simply go through asks of its payer. */
export function PaymentSheet({ payment, onAskAgain }: { payment: Payment; onAskAgain(): void }) {
  const { state, resend, dismiss } = payment
  switch (state.kind) {
    case 'idle':
    case 'sending':
      return null
    case 'unsure':
      return (
        <Sheet
          title="付款结果还不知道"
          main={{ label: '继续确认', onPress: () => void resend(state.intent) }}
          other={{ label: '不等了', onPress: dismiss }}
        >
          {`¥${yuan(state.intent.payableFen)} 已提交，网络没有等到结果。请勿重复付款；继续确认不会重复扣款。`}
        </Sheet>
      )
    case 'refused': {
      const { title, text, action } = refusalOf(state.error)
      const goOn = () => {
        dismiss()
        onAskAgain()
      }
      return (
        <Sheet title={title} main={{ label: action, onPress: goOn }}>
          {text}
        </Sheet>
      )
    }
  }
}
