import type { OrderView } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type ApiError, api } from '../../api'
import { host } from '../../platform/host'
import { faultOf } from '../../sentences'

/** The server's word on an order, asked again while it is `paying`. An order once read stays on the page when a later
 * question fails: `error` then says that what is shown may be old. */
export interface OrderAnswer {
  order: OrderView | null
  error: ApiError | null
  /** asked this often without an ending */
  attempts: number
}

/** Most payments end within a second; a bank in trouble isn't helped by more than a question in eight seconds. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000]

/** `take` is for an order that the server answered to something else, a confirmation for instance. */
export function useOrder(orderNo: string): [OrderAnswer, () => void, (order: OrderView) => void] {
  const [answer, setAnswer] = useState<OrderAnswer>({ order: null, error: null, attempts: 0 })
  const alive = useRef(true)
  const asking = useRef(false)

  const ask = useCallback(async () => {
    if (asking.current) return
    asking.current = true
    const next = await api.order(orderNo).then(
      (order) => ({ order, error: null }),
      (error) => ({ error: faultOf(error) }),
    )
    asking.current = false
    if (alive.current) setAnswer((was) => ({ ...was, ...newer(was, next), attempts: was.attempts + 1 }))
  }, [orderNo])

  useEffect(() => {
    alive.current = true
    void ask()
    const stop = host.onReturn(() => void ask())
    return () => {
      alive.current = false
      stop()
    }
  }, [ask])

  const { attempts } = answer
  const waitMs = answer.error?.retryAfterMs ?? 0
  // Not seen yet, it is asked about by itself only where the server said when.
  const open = answer.order ? answer.order.state === 'paying' : waitMs > 0
  useEffect(() => {
    if (!open) return
    const pauseMs = PAUSES_MS[Math.min(attempts, PAUSES_MS.length) - 1] ?? 500
    const timer = setTimeout(() => void ask(), Math.max(pauseMs, waitMs))
    return () => clearTimeout(timer)
  }, [open, attempts, waitMs, ask])

  const askAgain = useCallback(() => void ask(), [ask])
  const take = useCallback(
    (order: OrderView) => setAnswer((was) => ({ ...was, ...newer(was, { order, error: null }) })),
    [],
  )
  return [answer, askAgain, take]
}

type Next = { order: OrderView; error: null } | { order?: undefined; error: ApiError }

/**
 * An order ends once: what was asked before its end and answered after it is old. What is shown goes only by the server's word that whoever
 * asks has no such order, or none that is still here.
 */
function newer({ order }: OrderAnswer, next: Next): Partial<OrderAnswer> {
  const old = next.order?.state === 'paying' && order && order.state !== 'paying'
  if (old) return {}
  if (next.order) return next
  const gone = next.error.missing || next.error.code === 'order-archived'
  return gone ? { order: null, error: next.error } : { error: next.error }
}
