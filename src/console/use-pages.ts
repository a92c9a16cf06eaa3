import { useCallback, useEffect, useRef, useState } from 'react'
import { useGoingOn } from './use-going-on'

interface PageOf<T> {
  items: T[]
  nextCursor?: string
}

/** A list that is read a page at a time. */
export interface Pages<T> {
  kind: 'waiting' | 'failed' | 'ready'
  items: T[]
  /** of the last reading; null when it went well */
  fault: unknown
  busy: boolean
  /** reads the next page; undefined when there is none */
  more?: () => void
  /** reads anew from the top */
  again(): void
}

type State<T> = Pick<Pages<T>, 'kind' | 'items' | 'fault' | 'busy'> & { next?: string }

/** Reads the first page for each `key` (the filters as text); an answer to an older question is dropped. */
export function usePages<T>(ask: (cursor: string | undefined) => Promise<PageOf<T>>, key: string): Pages<T> {
  const [state, setState] = useState<State<T>>({ kind: 'waiting', items: [], fault: null, busy: true })
  const question = useRef(0)
  const asking = useRef(ask)
  asking.current = ask
  const read = useCallback((cursor: string | undefined) => {
    const mine = ++question.current
    setState((before) => ({ ...before, busy: true }))
    asking.current(cursor).then(
      ({ items, nextCursor }) =>
        mine === question.current &&
        setState((before) => ({
          kind: 'ready',
          items: cursor ? [...before.items, ...items] : items,
          next: nextCursor,
          fault: null,
          busy: false,
        })),
      (fault) =>
        mine === question.current &&
        setState((before) => ({ ...before, kind: before.kind === 'ready' ? 'ready' : 'failed', fault, busy: false })),
    )
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new key is a new question
  useEffect(() => {
    setState({ kind: 'waiting', items: [], fault: null, busy: true })
    read(undefined)
    return () => {
      question.current++
    }
  }, [read, key])
  const again = useCallback(() => read(undefined), [read])
  useGoingOn(state.kind === 'failed' ? state.fault : null, again)
  const { next, ...shown } = state
  return { ...shown, more: next ? () => read(next) : undefined, again }
}
