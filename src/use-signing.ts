import type { SignView } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type ApiError, api } from './api'
import { host } from './platform/host'
import { storage } from './platform/storage'
import { faultOf } from './sentences'

export interface Signing {
  /** the newest word on it; null while there is none under way */
  view: SignView | null
  /** one of an earlier visit is kept, and it isn't known yet how it stands */
  looking: boolean
  /** of the last question or beginning */
  error: ApiError | null
  begin(ask: () => Promise<SignView>): Promise<void>
  take(view: SignView): void
  look(): void
  /** leaves it, and begins anew when the payer likes */
  forget(): void
}

/**
 * One signing of this person on this device: `name` tells those of several kinds apart. Its number is kept until it has ended, so that a
 * reload, or the way back from the bank's own page, goes on with it; nothing that the payer typed is kept.
 */
export function useSigning(name: string, onSigned: () => void): Signing {
  const place = `signing.${host.person('payer')}.${name}`
  const [state, setState] = useState<Pick<Signing, 'view' | 'looking' | 'error'>>({
    view: null,
    looking: storage.get(place) !== undefined,
    error: null,
  })
  const alive = useRef(true)
  const signed = useRef(onSigned)
  signed.current = onSigned

  const take = useCallback(
    (view: SignView) => {
      if (view.state === 'open') storage.set(place, view.signNo)
      else storage.remove(place)
      if (!alive.current) return
      setState({ view, looking: false, error: null })
      if (view.state === 'signed') signed.current()
    },
    [place],
  )
  const failed = useCallback((caught: unknown) => {
    if (alive.current) setState((was) => ({ ...was, error: faultOf(caught) }))
  }, [])
  const forget = useCallback(() => {
    storage.remove(place)
    setState({ view: null, looking: false, error: null })
  }, [place])
  const look = useCallback(() => {
    const signNo = storage.get<string>(place)
    if (!signNo) return
    api.signing(signNo).then(take, (caught) => (faultOf(caught).missing ? forget() : failed(caught)))
  }, [place, take, forget, failed])

  useEffect(() => {
    alive.current = true
    look()
    const stop = host.onReturn(look)
    return () => {
      alive.current = false
      stop()
    }
  }, [look])

  const begin = useCallback(
    async (ask: () => Promise<SignView>) => {
      setState((was) => ({ ...was, error: null }))
      await ask().then(take, failed)
    },
    [take, failed],
  )
  return { ...state, begin, take, look, forget }
}
