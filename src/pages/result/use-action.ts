import type { OrderView } from '@contract'
import { useCallback, useEffect, useState } from 'react'
import { justOpened } from '../../just-opened'
import { host } from '../../platform/host'

/**
 * What the payer must do for this order elsewhere, if anything: a wallet is handed it once by itself when they come from paying, and
 * again by their own tap for as long as it stands; to the bank's page only the tap leads. Whatever comes of it, the server is asked
 * how it went.
 */
export function useAction(order: OrderView | null, askAgain: () => void) {
  const action = order?.action ?? null
  const channel = order?.channel
  const [unavailable, setUnavailable] = useState(false)

  const act = useCallback(async () => {
    if (!action || !channel) return
    setUnavailable((await host.payBy(action, channel)) === 'unavailable')
    askAgain()
  }, [action, channel, askAgain])

  const orderNo = order?.orderNo
  useEffect(() => {
    if (!orderNo || !action || channel === 'bank' || !justOpened.take(orderNo)) return
    void act()
  }, [orderNo, action, channel, act])

  return { act: action && action.kind !== 'challenge' ? () => void act() : null, unavailable }
}
