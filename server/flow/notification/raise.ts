import { businessDate } from '../../domain/business-date'
import type { ChannelName } from '../../domain/channel'
import type { HeldShare } from '../deck/held'
import type { NewNotification, Notifications } from '../ports'

/** What a process sees in passing and somebody should be told of, without anything waiting for it to be written down. */
export interface Raised {
  raise(notification: NewNotification): void
  /** Writes down what was raised. What couldn't be is kept for the next time. */
  flush(notifications: Pick<Notifications, 'add'>): Promise<void>
}

/** More is a flood, of which the first are enough. */
const MOST = 1_000

export function raised(): Raised {
  const waiting = new Map<string, NewNotification>()
  return {
    raise(notification) {
      if (waiting.size < MOST && !waiting.has(notification.key)) waiting.set(notification.key, notification)
    },
    async flush(notifications) {
      const taken = [...waiting.values()]
      if (taken.length === 0) return
      await notifications.add(taken)
      for (const { key } of taken) waiting.delete(key)
    },
  }
}

/** A breaker that opens and closes all afternoon is told of six times an hour, by however many processes. */
const BREAKER_MS = 10 * 60_000
const HOUR_MS = 3_600_000

export const breakerOpened = (channel: ChannelName, at: number): NewNotification => ({
  key: `breaker/${channel}/${Math.floor(at / BREAKER_MS)}`,
  topic: 'breaker',
  subject: `channel/${channel}`,
  at,
  content: { kind: 'breaker-open', channel },
  campaignId: null,
})

/** Of a campaign once an hour, with the merchant that was seen first: whoever hoards does so at many. */
export function cardsHoarded(
  seen: { campaignId: string; merchantCode: string | null } & HeldShare,
  at: number,
): NewNotification {
  const { campaignId, merchantCode, held, untaken } = seen
  return {
    key: `hoarding/${campaignId}/${businessDate(at)}/${Math.floor(at / HOUR_MS)}`,
    topic: 'hoarding',
    subject: `campaign/${campaignId}`,
    at,
    content: { kind: 'hoarding', name: campaignId, merchantCode, held, untaken },
    campaignId,
  }
}
