import { useEffect, useState } from 'react'
import { serverNow } from '../api'
import { dateOf } from './dates'

/** A page may stand open over midnight; it says so within half a minute. */
const LOOK_MS = 30_000

/** Today's business date by the server's clock. */
export function useToday(): string {
  const [, look] = useState('')
  useEffect(() => {
    const timer = setInterval(() => look(dateOf(serverNow())), LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  // with each answer it is known better
  return dateOf(serverNow())
}
