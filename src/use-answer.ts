import { useCallback, useEffect, useRef, useState } from 'react'
import type { ApiError } from './api'
import { faultOf } from './sentences'
import { useGoingOn } from './use-going-on'

export type Answer<T> = { kind: 'waiting' } | { kind: 'failed'; error: ApiError } | { kind: 'ready'; value: T }

const WAITING = { kind: 'waiting' } as const

/**
 * Reads once for each `key`, again when the server said to come later, and when told to: from the start, or quietly, with what was read in sight until there is another
 * answer. An answer that comes after a newer question is dropped.
 */
export function useAnswer<T>(ask: () => Promise<T>, key: string): [Answer<T>, () => void, () => void] {
  const [answer, setAnswer] = useState<Answer<T>>({ kind: 'waiting' })
  /** what the answer is to: of another question nothing is shown, not even until that is asked */
  const [answered, setAnswered] = useState(key)
  const question = useRef(0)
  const asking = useRef(ask)
  asking.current = ask
  const readQuietly = useCallback(() => {
    const mine = ++question.current
    const settle = (next: (was: Answer<T>) => Answer<T>) => mine === question.current && setAnswer(next)
    asking.current().then(
      (value) => settle(() => ({ kind: 'ready', value })),
      (error) => settle((was) => (was.kind === 'ready' ? was : { kind: 'failed', error: faultOf(error) })),
    )
  }, [])
  const read = useCallback(() => {
    setAnswer({ kind: 'waiting' })
    readQuietly()
  }, [readQuietly])
  const now: Answer<T> = answered === key ? answer : WAITING
  useGoingOn(now.kind === 'failed' ? now.error : null, read)
  useEffect(() => {
    setAnswered(key)
    read()
    return () => {
      question.current++
    }
  }, [read, key])
  return [now, read, readQuietly]
}
