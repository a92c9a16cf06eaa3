import type { ChangeKind } from './campaign-life'
import { kindRules, REQUEST_KINDS, type RequestKind } from './change'
import type { ChannelName } from './channel'
import { type Operator, type Permission, refuses } from './operator'

/** What operators are told of (消息): something waits for their review, was rejected, or needs somebody soon. */
export const NOTIFICATION_KINDS = [
  'submitted',
  'rejected',
  'budget-low',
  'reconciliation-open',
  'breaker-open',
  'hoarding',
] as const
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number]

/** By which it is decided who is told: any of the permissions will do. A rejection is its asker's alone, whatever its topic. */
const TOPICS = {
  campaign: ['review'],
  budget: ['draft', 'review'],
  reconciliation: ['reconcile'],
  breaker: ['brakeAll'],
  hoarding: ['brake'],
} as const satisfies Record<string, readonly Permission[]>
/** Of a change request its kind. */
export type NotificationTopic = keyof typeof TOPICS | RequestKind

/** The topics that the operator is told of; of a change request those that they may see and review. */
export function topicsOf(operator: Operator): NotificationTopic[] {
  const may = (permission: Permission) => refuses(operator, permission) === null
  const topics = (Object.keys(TOPICS) as (keyof typeof TOPICS)[]).filter((topic) => TOPICS[topic].some(may))
  const kinds = (Object.keys(REQUEST_KINDS) as RequestKind[]).filter((kind) => {
    const { read, review } = kindRules(kind)
    return may(read) && may(review)
  })
  return [...topics, ...kinds]
}

/** What is known of one, by its kind; `name` is the campaign's. */
export type NotificationContent =
  | {
      kind: 'submitted' | 'rejected'
      changeId: string
      change: ChangeKind | RequestKind
      name: string | null
      /** who asked, or who rejected */
      by: string
      note: string | null
    }
  | { kind: 'budget-low'; name: string; daysLeft: number; endDate: string }
  | { kind: 'reconciliation-open'; channel: ChannelName; date: string; state: 'differences' | 'missing'; count: number }
  | { kind: 'breaker-open'; channel: ChannelName }
  | { kind: 'hoarding'; name: string; merchantCode: string | null; held: number; untaken: number }

const MOST_CHARS = 100
/** A telephone, an account, a card, an identity card: none of it leaves the house in what a person wrote. */
const LONG_NUMBER = /\d(?:[\s-]?[\dXx]){5,}/g
/** What a chat would make a link, a mention or a picture of. */
const MARKUP = /[<>[\](){}*_`#|~@\\]|:\/\//g

/** What people wrote, as it may go where we don't know who reads it: short, in one line, without long numbers, links and mentions. */
export function outsideText(text: string): string {
  const plain = text.normalize('NFKC').replace(MARKUP, ' ').replace(LONG_NUMBER, '***').replace(/\s+/g, ' ').trim()
  const chars = [...plain]
  return chars.length > MOST_CHARS ? `${chars.slice(0, MOST_CHARS).join('')}…` : plain
}
