import { useEffect, useRef } from 'react'
import { ConsoleError } from './client'
import { useSession } from './session'

/** No limit of ours lets anybody wait for longer. */
const MAX_WAIT_S = 60

/** Reads again by itself when who asked too often may, and when who had to log in anew has; what an operator does is theirs to do again. */
export function useGoingOn(fault: unknown, again: () => void): void {
  const session = useSession()
  const out = useRef(false)
  useEffect(() => {
    if (session === null) out.current = true
    else if (out.current) {
      out.current = false
      if (fault instanceof ConsoleError && fault.status === 401) again()
    }
  }, [session, fault, again])
  useEffect(() => {
    const waitS = fault instanceof ConsoleError && fault.status === 429 ? fault.retryAfterS : undefined
    if (waitS === undefined) return
    const timer = setTimeout(again, Math.min(waitS, MAX_WAIT_S) * 1_000)
    return () => clearTimeout(timer)
  }, [fault, again])
}
