import type { OrderView } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { host } from '../../platform/host'

/**
 * What the payer must do for this order elsewhere, if anything: a wallet is handed it once by itself when they come from paying, and
 * again by their own tap; to another page only the tap leads, since who comes back from there opens this one anew. Whatever comes of
 * it, the server is asked how it went.
 */
export function useAction(order: OrderView | null, fromPaying: boolean, askAgain: () => void) {
  const action = order?.action ?? null
  const [unavailable, setUnavailable] = useState(false)
  const handed = useRef(false)

  const act = useCallback(async () => {
    if (!action) return
    setUnavailable((await host.payBy(action)) === 'unavailable')
    askAgain()
  }, [action, askAgain])

  useEffect(() => {
    if (!fromPaying || handed.current || action?.kind !== 'jsapi') return
    handed.current = true
    void act()
  }, [fromPaying, action, act])

  return { act: action && action.kind !== 'challenge' ? () => void act() : null, unavailable }
}
