import type { OrderView } from '@contract'
import { Press, Words } from '../../components/base'
import { clock } from '../../dates'
import { yuan } from '../../money'
import type { Intent } from './intents'
import type { Earlier as Known } from './use-payments'

/** `刚才 12:03 的 ¥66.00 已支付` */
export function earlierSentence({ createdAt, payableFen, refundedFen, state, action }: OrderView): string {
  const how =
    state === 'paying' ? (action ? '还等您确认' : '还在处理') : refundedFen > 0 ? '已支付，部分已退款' : '已支付'
  return `刚才 ${clock(Date.parse(createdAt))} 的 ¥${yuan(payableFen)} ${how}`
}

interface EarlierProps {
  known: Known
  onLook(order: OrderView): void
  onConfirm(intent: Intent): void
}

/** What was paid here a moment ago stays in sight while another payment is typed. */
export function Earlier({ known: { orders, open }, onLook, onConfirm }: EarlierProps) {
  const order = orders.find(({ state }) => state === 'paying') ?? orders[0]
  return (
    <>
      {open.map((intent) => (
        <Line key={intent.key} action="继续确认" onPress={() => onConfirm(intent)}>
          {`${clock(intent.at)} 的 ¥${yuan(intent.payableFen)} 还不知道结果`}
        </Line>
      ))}
      {order && (
        <Line action={order.action ? '去确认' : '看结果'} onPress={() => onLook(order)}>
          {earlierSentence(order)}
        </Line>
      )}
    </>
  )
}

function Line({ children, action, onPress }: { children: string; action: string; onPress(): void }) {
  return (
    <Press className="earlier" onPress={onPress}>
      <Words>{children}</Words>
      <Words className="earlier__action">{`${action} ›`}</Words>
    </Press>
  )
}
