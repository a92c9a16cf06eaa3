import { useEffect, useState } from 'react'
import { serverNow } from '../api'
import { dateOf } from '../dates'

/** A page may stand open over midnight; it says so within half a minute. */
const LOOK_MS = 30_000

/** Today's business date by the server's clock. */
export function useToday(): string {
  const [today, setToday] = useState(() => dateOf(serverNow()))
  useEffect(() => {
    const timer = setInterval(() => setToday(dateOf(serverNow())), LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  return today
}
