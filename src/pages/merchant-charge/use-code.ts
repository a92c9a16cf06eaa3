import type { MadePayCodeView, OwnPayCodeView } from '@contract'
import { useEffect, useState } from 'react'
import { type Reader, serverNow } from '../../api'
import { host } from '../../platform/host'
import { shop } from '../../shop'

/** How often it is asked what became of the code. */
const LOOK_MS = 2_000

type State = OwnPayCodeView['state']

/** What became of a code that is shown, by the server's word; nobody is asked any more once it is over. */
export function useCode(
  reader: Reader,
  { payCode, expiresAt }: MadePayCodeView,
): { state: State; secondsLeft: number } {
  const [known, setKnown] = useState<State>('open')
  const [secondsLeft, setLeft] = useState(() => secondsTo(expiresAt))
  // without a network it ends all the same
  const state = known === 'open' && secondsLeft === 0 ? 'over' : known
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
        (one) => wanted && setKnown(one.state),
        () => {},
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
  return { state, secondsLeft }
}

const secondsTo = (iso: string) => Math.max(0, Math.ceil((Date.parse(iso) - serverNow()) / 1_000))
