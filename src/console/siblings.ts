import type { OperatorSession } from '@contract'
import { sessions } from './session'

/**
 * A tab that was duplicated has the session of the first, and a refresh token works once: the second to use it would end the session of
 * both. So tabs of one session renew it one after another, and ask first whether another has done so. Nobody is told of a
 * session but a tab that names its token.
 */

type Word = { asks: string } | { was: string; session: OperatorSession }

const WAIT_MS = 200

/** refresh tokens that this tab spent for the session that it has now */
const spent = new Set<string>()
let mine = sessions.get()

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('fapai.console')

sessions.subscribe(() => {
  const next = sessions.get()
  if (next && mine && next.refreshToken !== mine.refreshToken && next.operator.username === mine.operator.username)
    spent.add(mine.refreshToken)
  if (!next) spent.clear()
  mine = next
})

channel?.addEventListener('message', ({ data }: MessageEvent<Word>) => {
  if (!('asks' in data)) return
  if (spent.has(data.asks) && mine) channel.postMessage({ was: data.asks, session: mine } satisfies Word)
})

/** True when another tab has renewed this session already: it is taken over. */
export function tookOver(): Promise<boolean> {
  const asks = sessions.get()?.refreshToken
  if (!channel || !asks) return Promise.resolve(false)
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
