import { useEffect } from 'react'
import type { ApiError } from './api'

/** Asks again by itself where the server said when; not for what pays, proves or sends. */
export function useGoingOn(error: ApiError | null, again: () => void): void {
  useEffect(() => {
    if (!error?.waits) return
    const timer = setTimeout(again, error.retryAfterMs)
    return () => clearTimeout(timer)
  }, [error, again])
}
