import type { OperatorSession } from '@contract'
import { sessions } from './session'

/**
 * A tab that was duplicated has the session of the first, and a refresh token works once: the second to use it would end the session of
 * both. So tabs of one session renew it one after another, and one whose token another has spent takes over what that one has. Nobody is told
 * of a session but a tab that names its token.
 */

type Word = { asks: string } | { was: string; session: OperatorSession }

/** Tabs in the background of a busy machine take their time. One that is closed by now never answers. */
const WAIT_MS = 10_000

const NAME = 'fapai.console.spent'
/** Of the spent tokens, the ends of so many: what other tabs may still have. */
const MOST = 16
const endOf = (refreshToken: string) => refreshToken.slice(-12)

/** In a tab's own storage: what it spent for the session it has now. In that of all: what any of them did. */
const stores = () => ({ own: window.sessionStorage, all: window.localStorage })
type Which = keyof ReturnType<typeof stores>

function spent(which: Which): string[] {
  try {
    return JSON.parse(stores()[which].getItem(NAME) ?? '[]') as string[]
  } catch {
    return []
  }
}

function keep(which: Which, ends: readonly string[]): void {
  try {
    stores()[which].setItem(NAME, JSON.stringify(ends.slice(-MOST)))
  } catch {}
}

let mine = sessions.get()

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('fapai.console')

sessions.subscribe(() => {
  const next = sessions.get()
  if (next && mine && next.refreshToken !== mine.refreshToken && next.operator.username === mine.operator.username)
    for (const which of ['own', 'all'] as const) keep(which, [...spent(which), endOf(mine.refreshToken)])
  if (!next) keep('own', [])
  mine = next
})

channel?.addEventListener('message', ({ data }: MessageEvent<Word>) => {
  if (!('asks' in data)) return
  if (spent('own').includes(endOf(data.asks)) && mine)
    channel.postMessage({ was: data.asks, session: mine } satisfies Word)
})

/** True when another tab has renewed this session already: it is taken over. */
export function tookOver(): Promise<boolean> {
  const asks = sessions.get()?.refreshToken
  if (!channel || !asks || !spent('all').includes(endOf(asks))) return Promise.resolve(false)
  return new Promise((resolve) => {
    const done = (found: boolean) => {
      clearTimeout(timer)
      channel.removeEventListener('message', heard)
      resolve(found)
    }
    const heard = ({ data }: MessageEvent<Word>) => {
      if (!('was' in data) || data.was !== asks) return
      sessions.set(data.session)
      done(true)
    }
    const timer = setTimeout(() => done(false), WAIT_MS)
    channel.addEventListener('message', heard)
    channel.postMessage({ asks } satisfies Word)
  })
}

/** One tab at a time, where the browser can tell. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const { locks } = navigator as Partial<Pick<Navigator, 'locks'>>
  return locks ? (locks.request('fapai.console.renewal', work) as Promise<T>) : work()
}
