import type { UnreadView } from '@contract'
import { useEffect, useSyncExternalStore } from 'react'
import { host } from '../platform/host'
import { get, post } from './client'

/** How much this operator was told of and hasn't read; shown wherever they are. */
let unread: UnreadView | null = null
const listeners = new Set<() => void>()

/** What happens is seen within half a minute. */
const EVERY_MS = 30_000

function tell(next: UnreadView): void {
  unread = next
  for (const listener of [...listeners]) listener()
}

/** A number that can't be read now is better unchanged than gone. */
async function refresh(): Promise<void> {
  const next = await get<UnreadView>('/admin/notifications/unread').catch(() => null)
  if (next) tell(next)
}

/** Marks as read, and counts what is left. Throws as {@link post}. */
export async function markRead(which: { ids: number[] } | { upTo: number }): Promise<void> {
  tell(await post<UnreadView>('/admin/notifications/read', which))
}

const current = () => unread

/** Null before it is known; `username` where it is to be kept up to date. */
export function useUnread(username?: string): UnreadView | null {
  useEffect(() => {
    if (username === undefined) return
    unread = null
    void refresh()
    const timer = setInterval(() => host.visible() && void refresh(), EVERY_MS)
    const stop = host.onReturn(() => void refresh())
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [username])
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, current)
}
