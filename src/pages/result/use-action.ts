import type { OrderView } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { host } from '../../platform/host'

/**
 * What the payer must do for this order, if anything: handed on once by itself when they come from paying, and again by their own
 * tap. Whatever the app answers, the server is asked how it went.
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
    if (!fromPaying || handed.current || !action) return
    handed.current = true
    void act()
  }, [fromPaying, action, act])

  return { act: action ? () => void act() : null, unavailable }
}
