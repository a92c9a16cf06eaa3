import { useEffect } from 'react'
import { ConsoleError } from './client'

/** No limit of ours lets anybody wait for longer. */
const MAX_WAIT_S = 60

/** Reads again by itself when who asked too often may; what an operator does is theirs to do again. */
export function useGoingOn(fault: unknown, again: () => void): void {
  useEffect(() => {
    const waitS = fault instanceof ConsoleError && fault.status === 429 ? fault.retryAfterS : undefined
    if (waitS === undefined) return
    const timer = setTimeout(again, Math.min(waitS, MAX_WAIT_S) * 1_000)
    return () => clearTimeout(timer)
  }, [fault, again])
}
