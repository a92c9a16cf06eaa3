import type { DaySums } from '../../domain/settlement'

/** Messages that a merchant's user asked for in WeChat's mini-program (订阅消息): one for each time they agreed. */

export interface DayMessage {
  openId: string
  merchantName: string
  /** the day it tells of */
  date: string
  summary: Pick<DaySums, 'orderCount' | 'receivedFen'>
}

export type MessageReply =
  | { kind: 'sent' }
  /** the user took back what they agreed to, or it was used up: nothing will be taken any more */
  | { kind: 'refused'; code: string }
  /** it certainly didn't go: WeChat is busy, gives no token, or finds fault with what we say */
  | { kind: 'not-sent'; code: string }
  /** nobody knows */
  | { kind: 'unknown'; code: string }

export interface MessageDesk {
  /** what the user is asked to agree to */
  readonly templateId: string
  /** the app in which users are named */
  readonly appId: string
  /** Sends it once. Never throws for what the network or WeChat does. */
  send(message: DayMessage): Promise<MessageReply>
}

/** One that is to be sent now; its grant is used up. */
export interface ClaimedMessage {
  grantId: number
  userId: string
  merchantCode: string
}

/** What users agreed to, each good for one message. */
export interface MessageGrants {
  /** Keeps one more, unless `most` are unused; how many are. */
  add(bindingId: number, templateId: string, at: number, most: number): Promise<number>
  unused(bindingId: number, templateId: string): Promise<number>
  /**
   * Uses one grant of each user who has any, is bound, has had no message of that date, and whose merchant was paid on it; up to `limit`.
   * It is used before anything is sent: there are never more messages than grants.
   */
  claim(date: string, templateId: string, now: number, limit: number): Promise<ClaimedMessage[]>
  /** It didn't go: the grant is good again. */
  giveBack(grantId: number): Promise<void>
  /** The user's other grants are worth nothing any more. */
  void(grantId: number, now: number): Promise<void>
}
