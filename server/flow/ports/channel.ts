import type { ChannelName } from '../../domain/campaign'
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
}

export class ChannelUnavailable extends Error {
  override name = 'ChannelUnavailable'
}

/** What the channel answered, for the record: the raw reply beside the normalised one. */
export interface ChannelReply {
  verb: 'pay' | 'query' | 'close'
  outcome: Outcome
  raw: unknown
}
