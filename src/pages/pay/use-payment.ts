import type { OrderView, QuoteView } from '@contract'
import { useCallback, useRef, useState } from 'react'
import { type ApiError, api } from '../../api'
import { randomText } from '../../platform/sandbox'
import { storage } from '../../platform/storage'
import { faultOf } from '../../sentences'

/** One intent to pay one quote. Its key goes with every attempt, so it pays once however often it is sent. */
export interface Intent {
  key: string
  quoteId: string
  agreementId: string
  merchantCode: string
  payableFen: number
  at: number
}

export type PaymentState =
  | { kind: 'idle' }
  | { kind: 'sending' }
  /** no definite answer: the payer must not start another payment */
  | { kind: 'unsure'; intent: Intent }
  | { kind: 'refused'; error: ApiError }

/** Pauses between attempts when the network fails; after them a person decides. */
const RETRY_PAUSES_MS = [500, 1_500, 3_000]
/** After a day the answer is in the account's statement, and the question only disturbs. */
const INTENT_KEPT_MS = 24 * 3_600_000

/** Pays a quote; `onOrder` gets the order the server opened, whatever its state. */
export function usePayment(merchantCode: string | undefined, onOrder: (order: OrderView) => void) {
  const [state, setState] = useState<PaymentState>(() => {
    const intent = storage.get<Intent>('intent')
    const open = intent && intent.merchantCode === merchantCode && Date.now() - intent.at < INTENT_KEPT_MS
    return open ? { kind: 'unsure', intent } : { kind: 'idle' }
  })
  /** a second tap can come before React has rendered the first one's `disabled` */
  const busy = useRef(false)
  const intents = useRef(new Map<string, Intent>())

  const send = useCallback(
    async (intent: Intent) => {
      if (busy.current) return
      busy.current = true
      setState({ kind: 'sending' })
      storage.set('intent', intent)
      try {
        const order = await attempt(intent)
        storage.remove('intent')
        setState({ kind: 'idle' })
        onOrder(order)
      } catch (error) {
        const fault = faultOf(error)
        if (!fault.unsure) storage.remove('intent')
        setState(fault.unsure ? { kind: 'unsure', intent } : { kind: 'refused', error: fault })
      } finally {
        busy.current = false
      }
    },
    [onOrder],
  )

  const pay = useCallback(
    (quote: QuoteView, agreementId: string) => {
      if (!merchantCode) return
      const { quoteId, payableFen } = quote
      const known = intents.current.get(quoteId)
      const intent = known ?? { key: newKey(), quoteId, agreementId, merchantCode, payableFen, at: Date.now() }
      intents.current.set(quoteId, intent)
      void send(intent)
    },
    [merchantCode, send],
  )

  const dismiss = useCallback(() => {
    storage.remove('intent')
    setState({ kind: 'idle' })
  }, [])

  return { state, pay, resend: send, dismiss }
}

async function attempt({ quoteId, agreementId, key }: Intent): Promise<OrderView> {
  for (const pauseMs of RETRY_PAUSES_MS) {
    try {
      return await api.pay({ quoteId, agreementId }, key)
    } catch (error) {
      if (!faultOf(error).unsure) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  return api.pay({ quoteId, agreementId }, key)
}

/** Keys are compared among one payer's only, so this much chance is plenty: 24 symbols of 36 and the time. */
function newKey(): string {
  return `${Date.now().toString(36)}-${randomText(24)}`
}
