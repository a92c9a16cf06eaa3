import {
  type AnchorHTMLAttributes,
  type MouseEvent,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import { steps } from '../platform/steps'

/**
 * The console's own thin router below `#/console/`. Taro's would take the whole page down for each step; this one keeps the
 * frame, and leaves to Taro what lies outside. A place is the address and nothing else, so reload, back and a copied link
 * all show the same.
 */
export interface Place {
  /** `campaigns/food-street`, decoded; empty at the console's door */
  path: string
  query: Readonly<Record<string, string>>
}

const ROOT = '#/console/'

/** Asked before leaving a place; calls `leave` when it may be left. */
type Guard = (leave: () => void) => void

/** where the operator is: the address follows at once what is done here, and this what the browser does, once nobody objects */
let hash = ''
let step = 0
let place: Place = { path: '', query: {} }
/** the innermost last: it is asked first */
const guards: Guard[] = []
const listeners = new Set<() => void>()

/** Each step of the history has a number of its own, by which what is shown there is known when one comes back to it. */
let lastStep = Date.now()
let cameBack = false
/** a step that was held up and may go on */
let passing = false

export const stepNow = () => step
/** True when the present place was come back to, by the browser's own keys. */
export const isBack = () => cameBack

function placeOf(text: string): Place {
  const [path = '', search = ''] = text.slice(ROOT.length).split('?')
  return { path: decodedPath(path).replace(/^\/+|\/+$/g, ''), query: Object.fromEntries(new URLSearchParams(search)) }
}

function decodedPath(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** The same object until the operator is elsewhere. */
const now = () => place

/** The address is where the operator is. */
function accept(): void {
  step = (history.state as { step?: number } | null)?.step ?? 0
  if (location.hash === hash) return
  hash = location.hash
  place = placeOf(hash.startsWith(ROOT) ? hash : ROOT)
}

function tell(): void {
  accept()
  for (const listener of [...listeners]) listener()
}

/** `to`: `campaigns?state=running`, without the root. */
export const hrefOf = (to: string) => ROOT + to

/** Goes there, unless the present page has something unsaved and its operator stays. */
export function go(to: string, { replace = false } = {}): void {
  leaveBy(() => {
    history[replace ? 'replaceState' : 'pushState']({ step: ++lastStep }, '', hrefOf(to))
    cameBack = false
    tell()
  })
}

/** Asks one guard after another, the innermost first, before what leaves the page by another way than an address. */
export function leaveBy(leave: () => void): void {
  const inner = guards.at(-1)
  if (!inner) leave()
  else
    inner(() => {
      drop(inner)
      leaveBy(leave)
    })
}

function drop(guard: Guard): void {
  const at = guards.lastIndexOf(guard)
  if (at >= 0) guards.splice(at, 1)
}

/** Changes the query in place: filters are part of the address, but typing them is no step to go back to. */
export function setQuery(changes: Record<string, string | undefined>): void {
  const { path, query } = now()
  const next = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, ...changes })) if (value) next.set(name, value)
  const search = String(next)
  history.replaceState(history.state, '', hrefOf(encodeURI(path) + (search && `?${search}`)))
  tell()
}

export function usePlace(): Place {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, now)
}

/**
 * Takes the browser's back and forward while the console is open: a step inside of it isn't Taro's, which would make the page anew. Of the two
 * events of a step the second is of where we are already.
 */
export function useBrowserSteps(): void {
  // the console opens where the address says
  useState(accept)
  useEffect(() => {
    const stepped = (event: Event) => {
      if (!location.hash.startsWith(ROOT)) return
      event.stopImmediatePropagation()
      if (location.hash === hash) return
      if (guards.length === 0 || passing) {
        passing = false
        cameBack = true
        return tell()
      }
      // back to where we were until the operator has answered; the place that was wanted is then the one before
      history.pushState({ step: ++lastStep }, '', hash)
      leaveBy(() => {
        passing = true
        history.back()
      })
    }
    steps.taken = stepped
    return () => {
      steps.taken = undefined
    }
  }, [])
}

/**
 * While `held`, leaving asks first: `ask` shows the question and calls what it is given when the answer is to leave. `closing`: so does the
 * browser, in its own words, before the tab is closed or loaded anew.
 */
export function useGuard(held: boolean, ask: Guard, closing = held): void {
  // before anything else can happen: who types may leave in the same breath
  useLayoutEffect(() => {
    if (!held) return
    const mine: Guard = (leave) => ask(leave)
    guards.push(mine)
    return () => drop(mine)
  }, [held, ask])
  useEffect(() => {
    if (!closing) return
    const keep = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', keep)
    return () => window.removeEventListener('beforeunload', keep)
  }, [closing])
}

/** A real link: it can be opened in another tab and copied. */
export function Link({ to, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const followed = (event: MouseEvent<HTMLAnchorElement>) => {
    rest.onClick?.(event)
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    event.preventDefault()
    go(to)
  }
  return <a {...rest} href={hrefOf(to)} onClick={followed} />
}

/** What names of ours are made of. A sentence that somebody put into an address is none, and no page repeats it. */
const NAME = /^[\w.:@-]{1,80}$/

/** `campaigns/:id` on `campaigns/food-street` → `{id: 'food-street'}`; null when it doesn't fit. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    const found = given[i]!
    if (!part.startsWith(':')) {
      if (part !== found) return null
    } else if (NAME.test(found)) params[part.slice(1)] = found
    else return null
  }
  return params
}

/** The first of `pages` that fits the place, with its parameters. */
export function useMatch<P extends { path: string }>(
  pages: readonly P[],
): { page: P; params: Record<string, string> } | null {
  const { path } = usePlace()
  return useMemo(() => {
    for (const page of pages) {
      const params = match(page.path, path)
      if (params) return { page, params }
    }
    return null
  }, [pages, path])
}
