import { type AnchorHTMLAttributes, type MouseEvent, useEffect, useMemo, useSyncExternalStore } from 'react'

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

let hash = ''
let place: Place = { path: '', query: {} }
let guard: Guard | undefined
const listeners = new Set<() => void>()

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

/** The place of the address now; the same object until the address changes. */
function now(): Place {
  if (location.hash !== hash) {
    hash = location.hash
    place = placeOf(hash.startsWith(ROOT) ? hash : ROOT)
  }
  return place
}

function tell(): void {
  for (const listener of [...listeners]) listener()
}

/** `to`: `campaigns?state=running`, without the root. */
export const hrefOf = (to: string) => ROOT + to

/** Goes there, unless the present page has something unsaved and its operator stays. */
export function go(to: string, { replace = false } = {}): void {
  const leave = () => {
    history[replace ? 'replaceState' : 'pushState'](null, '', hrefOf(to))
    tell()
  }
  if (guard) guard(leave)
  else leave()
}

/** Changes the query in place: filters are part of the address, but typing them is no step to go back to. */
export function setQuery(changes: Record<string, string | undefined>): void {
  const { path, query } = now()
  const next = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, ...changes })) if (value) next.set(name, value)
  const search = String(next)
  history.replaceState(null, '', hrefOf(encodeURI(path) + (search && `?${search}`)))
  tell()
}

export function usePlace(): Place {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, now)
}

/**
 * Listens to the browser's back and forward while the console is open. Steps inside of it are kept from Taro's listeners,
 * which were there first; capturing listeners of a target come before the others.
 */
export function useBrowserSteps(): void {
  useEffect(() => {
    const stepped = (event: Event) => {
      if (!location.hash.startsWith(ROOT)) return
      event.stopImmediatePropagation()
      if (location.hash === hash) return
      if (!guard) return tell()
      const wanted = location.hash
      // back to where we were until the operator has answered
      history.pushState(null, '', hash)
      guard(() => {
        history.pushState(null, '', wanted)
        tell()
      })
    }
    window.addEventListener('popstate', stepped, true)
    window.addEventListener('hashchange', stepped, true)
    return () => {
      window.removeEventListener('popstate', stepped, true)
      window.removeEventListener('hashchange', stepped, true)
    }
  }, [])
}

/** While `held`, leaving asks first: `ask` shows the question and calls what it is given when the answer is to leave. */
export function useGuard(held: boolean, ask: Guard): void {
  useEffect(() => {
    if (!held) return
    const mine: Guard = (leave) =>
      ask(() => {
        guard = undefined
        leave()
      })
    guard = mine
    const closing = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', closing)
    return () => {
      if (guard === mine) guard = undefined
      window.removeEventListener('beforeunload', closing)
    }
  }, [held, ask])
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
