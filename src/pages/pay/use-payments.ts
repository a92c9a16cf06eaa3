import type { OrderView } from '@contract'
import { useDidShow } from '@tarojs/taro'
import { useEffect, useState } from 'react'
import type { Intent } from './intents'
import { type PaymentState, Payments } from './payments'

/** What was paid here before and may be taken for the next payment: orders of the server, and pays not answered yet. */
export interface Earlier {
  orders: OrderView[]
  open: Intent[]
}

/** The payments at one merchant, while its page is open. */
export function usePayments(merchantCode: string, onOrder: (order: OrderView) => void) {
  const [state, onState] = useState<PaymentState>({ kind: 'idle' })
  const [earlier, setEarlier] = useState<Earlier>({ orders: [], open: [] })
  const [payments] = useState(
    () => new Payments(merchantCode, { onState, onEarlier: (orders, open) => setEarlier({ orders, open }), onOrder }),
  )
  useEffect(() => payments.open(), [payments])
  useDidShow(() => payments.back())
  return { state, earlier, payments }
}
