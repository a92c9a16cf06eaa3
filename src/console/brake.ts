import type { HeldView } from '@contract'
import { useEffect, useSyncExternalStore } from 'react'
import { host } from '../platform/host'
import { get } from './client'

/** What the brake holds; shown wherever they are. */
let held: HeldView | null = null
const listeners = new Set<() => void>()

/** Another operator's pull is seen within this time; one's own at once, by {@link refreshHeld}. */
const EVERY_MS = 15_000

/** Reads anew. What can't be read now is better unchanged than gone. */
export async function refreshHeld(): Promise<void> {
  const now = await get<HeldView>('/admin/brake').catch(() => null)
  if (!now) return
  held = now
  for (const listener of [...listeners]) listener()
}

/** Reads it as long as somebody is logged in. */
export function useWatchedBrake(username: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another operator sees other merchants
  useEffect(() => {
    held = null
    void refreshHeld()
    const timer = setInterval(() => host.visible() && void refreshHeld(), EVERY_MS)
    const stop = host.onReturn(() => void refreshHeld())
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [username])
}

/** Null before it is known. */
export function useHeld(): HeldView | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => held,
  )
}
