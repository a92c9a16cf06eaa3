import { useCallback, useEffect, useRef, useState } from 'react'
import { host } from '../platform/host'
import { useGoingOn } from './use-going-on'

/** `fault` of what is ready: a later reading failed, and what was read before is still shown. */
export type Reading<T> =
  | { kind: 'waiting' }
  | { kind: 'failed'; fault: unknown }
  | { kind: 'ready'; value: T; fault: unknown }

/**
 * Reads once for each `key`, again when told to or when the server said that it may, and every `everyMs` while somebody looks. What was read stays in sight
 * while the same key is read anew; an answer to an older question is dropped.
 */
export function useRead<T>(
  ask: () => Promise<T>,
  key: string,
  everyMs?: number,
): { reading: Reading<T>; again: () => void } {
  const [reading, setReading] = useState<Reading<T>>({ kind: 'waiting' })
  const question = useRef(0)
  const asking = useRef(ask)
  asking.current = ask
  const again = useCallback(() => {
    const mine = ++question.current
    asking.current().then(
      (value) => mine === question.current && setReading({ kind: 'ready', value, fault: null }),
      (fault) =>
        mine === question.current &&
        setReading((before) => (before.kind === 'ready' ? { ...before, fault } : { kind: 'failed', fault })),
    )
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new key is a new question
  useEffect(() => {
    setReading({ kind: 'waiting' })
    again()
    return () => {
      question.current++
    }
  }, [again, key])
  useGoingOn(reading.kind === 'waiting' ? null : reading.fault, again)
  useEffect(() => {
    if (everyMs === undefined) return
    const timer = setInterval(() => host.visible() && again(), everyMs)
    const stop = host.onReturn(again)
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [again, everyMs])
  return { reading, again }
}
