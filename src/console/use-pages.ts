import { useCallback, useEffect, useRef, useState } from 'react'
import { isBack, stepNow } from './router'
import { useGoingOn } from './use-going-on'

interface PageOf<T> {
  items: T[]
  nextCursor?: string
  archivedBefore?: string
}

/** A list that is read a page at a time. */
export interface Pages<T> {
  kind: 'waiting' | 'failed' | 'ready'
  items: T[]
  /** of the last reading; null when it went well */
  fault: unknown
  busy: boolean
  /** orders of dates before it are archived; told with the last page */
  archivedBefore?: string
  /** reads the next page; undefined when there is none */
  more?: () => void
  /** reads anew from the top */
  again(): void
}

type State<T> = Pick<Pages<T>, 'kind' | 'items' | 'fault' | 'busy' | 'archivedBefore'> & { next?: string }

/** How many pages of each list were read, by its step of the history and its key: as many are read when one comes back to it. */
const depths = new Map<string, number>()

/**
 * Reads the first page for each `key` (the filters as text), and as many as there were of a list that is come back to; an answer to an
 * older question is dropped.
 */
export function usePages<T>(ask: (cursor: string | undefined) => Promise<PageOf<T>>, key: string): Pages<T> {
  const [state, setState] = useState<State<T>>({ kind: 'waiting', items: [], fault: null, busy: true })
  const question = useRef(0)
  const asking = useRef(ask)
  asking.current = ask
  const place = `${stepNow()} ${key}`
  const read = useCallback(
    async (cursor: string | undefined, pages: number) => {
      const mine = ++question.current
      setState((before) => ({ ...before, busy: true }))
      try {
        const items: T[] = []
        let next = cursor
        let archivedBefore: string | undefined
        for (let left = pages; left > 0; left--) {
          const page = await asking.current(next)
          if (mine !== question.current) return
          items.push(...page.items)
          next = page.nextCursor
          archivedBefore = page.archivedBefore
          if (!next) break
        }
        depths.set(place, cursor ? (depths.get(place) ?? 1) + pages : pages)
        setState((before) => ({
          kind: 'ready',
          items: cursor ? [...before.items, ...items] : items,
          next,
          archivedBefore,
          fault: null,
          busy: false,
        }))
      } catch (fault) {
        if (mine === question.current)
          setState((before) => ({ ...before, kind: before.kind === 'ready' ? 'ready' : 'failed', fault, busy: false }))
      }
    },
    [place],
  )
  useEffect(() => {
    setState({ kind: 'waiting', items: [], fault: null, busy: true })
    void read(undefined, isBack() ? (depths.get(place) ?? 1) : 1)
    return () => {
      question.current++
    }
  }, [read, place])
  const again = useCallback(() => void read(undefined, 1), [read])
  useGoingOn(state.kind === 'failed' ? state.fault : null, again)
  const { next, ...shown } = state
  return { ...shown, more: next ? () => void read(next, 1) : undefined, again }
}
