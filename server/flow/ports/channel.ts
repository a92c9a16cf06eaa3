import type { ChannelName } from '../../domain/channel'
import type { Order, Outcome } from '../../domain/order'
import type { Agreement } from './catalog'

export interface Channel {
  readonly name: ChannelName
  /** The request of one composite clearing, balanced; what is stored is what is sent. */
  payRequest(order: Order): unknown
  /** Sends it once, never again under another number (I6). Never throws: whatever isn't definite and verified is `unknown`. */
  pay(order: Order): Promise<ChannelReply>
  query(order: Order): Promise<ChannelReply>
  /** Asks the channel to refuse the order from now on if it has not booked it; the reply is definite either way. */
  close(order: Order): Promise<ChannelReply>
  /** Binds the payer's account (签约) by a one-time code. Throws ChannelUnavailable; undefined when the code is refused. */
  agree(payerId: string, oneTimeCode: string): Promise<Omit<Agreement, 'createdAt'> | undefined>
  ping(): Promise<void>
  /**
   * 0 when it takes pays; else how long until it may again, ms, while a pay would most likely come to nothing. Asked before an
   * order is opened. Query, close and refund are never stopped.
   */
  pausedMs?(): number
}

export class ChannelUnavailable extends Error {
  override name = 'ChannelUnavailable'
}

/** What the channel answered, for the record: the raw reply beside the normalised one. */
export interface ChannelReply {
  /** `statement`: a line of its statement, as definite as a reply */
  verb: 'pay' | 'query' | 'close' | 'notify' | 'statement'
  outcome: Outcome
  raw: unknown
}

/**
 * The code of an `unknown` pay whose request certainly never left: no connection was made, so no byte of it was written.
 * Nobody sends a pay again (I6), so the channel can't ever have it.
 */
export const NOT_SENT = 'not-sent'

/** An HTTP request as it came, for a channel to verify. Header names in lower case; the path with its query. */
export interface RawRequest {
  method: string
  path: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Uint8Array
}

/** What a channel tells of its own accord (异步通知), once it is verified. Refused: nothing of it may be believed. */
export type Notice = { kind: 'verified'; orderNo: string; reply: ChannelReply } | { kind: 'refused'; code: string }
export type ReadNotice = (request: RawRequest) => Notice
