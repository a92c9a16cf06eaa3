import { useCallback, useEffect, useRef, useState } from 'react'
import type { ApiError } from './api'
import { faultOf } from './sentences'

export type Answer<T> = { kind: 'waiting' } | { kind: 'failed'; error: ApiError } | { kind: 'ready'; value: T }

/** Reads once for each `key`, and again when told to. An answer that comes after a newer question is dropped. */
export function useAnswer<T>(ask: () => Promise<T>, key: string): [Answer<T>, () => void] {
  const [answer, setAnswer] = useState<Answer<T>>({ kind: 'waiting' })
  const question = useRef(0)
  const asking = useRef(ask)
  asking.current = ask
  const read = useCallback(() => {
    const mine = ++question.current
    const settle = (next: Answer<T>) => mine === question.current && setAnswer(next)
    setAnswer({ kind: 'waiting' })
    asking.current().then(
      (value) => settle({ kind: 'ready', value }),
      (error) => settle({ kind: 'failed', error: faultOf(error) }),
    )
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new key is a new question
  useEffect(() => {
    read()
    return () => {
      question.current++
    }
  }, [read, key])
  return [answer, read]
}
