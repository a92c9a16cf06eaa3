import type { NotificationContent, NotificationKind, NotificationTopic } from '../../domain/notification'

/** What operators are told of, whom, and what became of telling it outside of the console. Times in ms. */

/** One that is raised once for its key, however often and by however many processes. */
export interface NewNotification {
  key: string
  topic: NotificationTopic
  subject: string
  at: number
  content: NotificationContent
  /** whose branch and name it has; null: the whole bank's */
  campaignId: string | null
}

export interface Notification {
  notificationId: number
  at: number
  kind: NotificationKind
  topic: NotificationTopic
  subject: string
  content: NotificationContent
}

export interface SeenNotification extends Notification {
  read: boolean
  /** it waited for a review, and doesn't any more */
  settled: boolean
  /** where it couldn't be told so far, or at all */
  untold: NotificationTarget[]
}

/** Who reads: their own, and those of their topics that aren't their own doing; `branchCode`: their branch's alone. */
export interface NotificationReader {
  username: string
  topics: readonly NotificationTopic[]
  branchCode: string | null
  /** nothing older */
  since: number
}

export const NOTIFICATION_TARGETS = ['webhook', 'wecom'] as const
export type NotificationTarget = (typeof NOTIFICATION_TARGETS)[number]

export interface DueTelling extends Notification {
  attempts: number
}

export interface Notifications {
  add(raised: readonly NewNotification[]): Promise<void>
  /** Newest first; `before`: the last one's id of the page before. */
  list(reader: NotificationReader, page: { before: number | undefined; limit: number }): Promise<SeenNotification[]>
  /** Neither read nor settled; counted up to `most`. */
  unread(reader: NotificationReader, most: number): Promise<number>
  /** Those of the reader's that are named, or all up to one. */
  markRead(reader: NotificationReader, which: { ids: readonly number[] } | { upTo: number }, at: number): Promise<void>

  /** Takes what was raised since for each target, once. */
  plan(targets: readonly NotificationTarget[], since: number): Promise<void>
  /**
   * Hands out what is due for a target, the oldest first, each to one caller at a time, and never more than `perMinute` attempts in any
   * minute, whoever asks; next after 1, 2, 4, … minutes, at most an hour.
   */
  claim(target: NotificationTarget, now: number, limits: { perMinute: number; limit: number }): Promise<DueTelling[]>
  /** Its end, or only what came of it. */
  note(
    of: { notificationId: number; target: NotificationTarget },
    noted: { state: 'due' | 'done' | 'failed'; code: string },
  ): Promise<void>
  /** What was raised since and couldn't be told at a first attempt, by target. */
  untold(since: number): Promise<{ target: NotificationTarget; count: number; oldestAt: number; code: string }[]>
  /** Takes away what is older; how many. */
  prune(before: number, limit: number): Promise<number>
}

/** What goes out of the house: no personal data, and nothing that opens anything. */
export interface OutsideMessage {
  id: number
  kind: NotificationKind
  at: number
  title: string
  text: string
  /** null: nobody said under which address we are */
  url: string | null
}

export interface Teller {
  target: NotificationTarget
  perMinute: number
  /** Sends it; the same message may come twice. Never throws for what the network or the other side does. */
  tell(message: OutsideMessage, now: number): Promise<{ kind: 'told' | 'again'; code: string }>
}
