import type { MerchantOrderDetail } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ApiError, Reader } from '../../api'
import { host } from '../../platform/host'
import { faultOf } from '../../sentences'
import { isStranger, shop } from '../../shop'
import { useGoingOn } from '../../use-going-on'

/** How often a refund that is under way is looked after, while somebody is looking. */
const LOOK_MS = 2_000

/** The server's words that its figures are nobody's to see; whatever else is answered, they stay in sight. A log-in that didn't come off is none. */
const hides = (fault: ApiError) => isStranger(fault) || fault.missing || fault.code === 'order-archived'

/** A payment of the merchant, read again when somebody comes back, and by itself while a refund of it is under way. */
export function useDetail(reader: Reader, orderNo: string) {
  const [order, setOrder] = useState<MerchantOrderDetail | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const asked = useRef(0)
  const readAgain = useCallback(async () => {
    const mine = ++asked.current
    try {
      const read = await shop.merchantOrder(reader, orderNo)
      if (mine !== asked.current) return
      setOrder(read)
      setError(null)
    } catch (thrown) {
      if (mine !== asked.current) return
      const fault = faultOf(thrown)
      if (hides(fault)) setOrder(null)
      setError(fault)
    }
  }, [reader, orderNo])
  useEffect(() => {
    void readAgain()
    const stop = host.onReturn(() => void readAgain())
    return () => {
      asked.current++
      stop()
    }
  }, [readAgain])
  useGoingOn(error, readAgain)
  const waits = order?.refunds.some(({ state }) => state === 'refunding') ?? false
  useEffect(() => {
    if (!waits) return
    const timer = setInterval(() => host.visible() && void readAgain(), LOOK_MS)
    return () => clearInterval(timer)
  }, [waits, readAgain])
  return { order, error, readAgain: () => void readAgain() }
}
