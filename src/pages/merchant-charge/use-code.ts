import type { MadePayCodeView, OwnPayCodeView } from '@contract'
import { useEffect, useState } from 'react'
import { type Reader, serverNow } from '../../api'
import { host } from '../../platform/host'
import { shop } from '../../shop'

/** How often it is asked what became of the code. */
const LOOK_MS = 2_000

/** `unknown`: its time is up by the clock here, and it hasn't been said since whether it was paid. */
export type State = OwnPayCodeView['state'] | 'unknown'

/** What became of a code that is shown, by the server's word; nobody is asked any more once it is over. `lost`: the last question had no answer. */
export function useCode(
  reader: Reader,
  { payCode, expiresAt }: MadePayCodeView,
): { state: State; secondsLeft: number; lost: boolean } {
  const [known, setKnown] = useState<State>('open')
  const [lost, setLost] = useState(false)
  const [secondsLeft, setLeft] = useState(() => secondsTo(expiresAt))
  // whoever paid did so by a network of their own: that nothing came is the server's to say
  const state = known === 'open' && secondsLeft === 0 ? 'unknown' : known
  useEffect(() => {
    const timer = setInterval(() => setLeft(secondsTo(expiresAt)), 1_000)
    return () => clearInterval(timer)
  }, [expiresAt])
  const ended = known === 'paid' || known === 'over'
  useEffect(() => {
    if (ended) return
    let wanted = true
    const look = () => {
      if (!host.visible()) return
      shop.payCode(reader, payCode).then(
        (one) => {
          if (!wanted) return
          setKnown(one.state)
          setLost(false)
        },
        () => wanted && setLost(true),
      )
    }
    const timer = setInterval(look, LOOK_MS)
    const stop = host.onReturn(look)
    return () => {
      wanted = false
      clearInterval(timer)
      stop()
    }
  }, [reader, payCode, ended])
  return { state, secondsLeft, lost: lost && !ended }
}

const secondsTo = (iso: string) => Math.max(0, Math.ceil((Date.parse(iso) - serverNow()) / 1_000))
