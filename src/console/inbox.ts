import type { ChangeRequestList, ReviewList } from '@contract'
import { useEffect, useSyncExternalStore } from 'react'
import { host } from '../platform/host'
import { get } from './client'

/** How many changes wait for this operator's review; shown wherever they are. */
let waiting: number | null = null
const listeners = new Set<() => void>()

/** Another operator's click is seen within a minute; one's own at once, by {@link refreshInbox}. */
const EVERY_MS = 60_000

export const reviews = () => get<ReviewList>('/admin/reviews')
const requests = (state: string) => (cursor?: string) => get<ChangeRequestList>('/admin/changes', { state, cursor })
/** Those that nobody has decided, or that have yet to take effect. */
export const waitingRequests = requests('waiting')
export const allRequests = requests('')

/** Counts anew, of requests those of the first page. A number that can't be read now is better unchanged than gone. */
export async function refreshInbox(): Promise<void> {
  const lists = await Promise.all([reviews(), waitingRequests()]).catch(() => null)
  if (!lists) return
  const [campaigns, asked] = lists
  waiting =
    campaigns.items.filter((item) => item.mayReview).length + asked.items.filter((item) => item.mayApprove).length
  for (const listener of [...listeners]) listener()
}

/** Null before it is known. */
export function useInbox(username: string): number | null {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another operator has another inbox
  useEffect(() => {
    waiting = null
    void refreshInbox()
    const timer = setInterval(() => host.visible() && void refreshInbox(), EVERY_MS)
    const stop = host.onReturn(() => void refreshInbox())
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [username])
  return useWaiting()
}

/** The same on a page, where the frame has it counted. */
export function useWaiting(): number | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => waiting,
  )
}
