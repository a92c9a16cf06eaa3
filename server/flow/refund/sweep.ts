import type { ChannelName } from '../../domain/channel'
import type { Order } from '../../domain/order'
import type { Refund } from '../../domain/refund'
import { longest } from '../payment/longest'
import { finalizeRefund, type RefundSendDeps, send } from './refund'

/** As many as of orders, and with the same margin; see payment/sweep.ts. */
const BATCH = 32
const CLAIM_MARGIN_MS = 1_000

/**
 * Asks the channel about refunds whose outcome is unknown and finalizes what is definite. A refund the channel doesn't know
 * (a crash before it was sent, a lost request) is asked for again under the same number: the channel does it once, even if
 * the first request is still on its way. Each is one sweeper's at a time, and of these
 * channels alone. Returns how many were asked about; one that fails keeps no other.
 */
export async function sweepRefunds(deps: RefundSendDeps, channels: readonly ChannelName[]): Promise<number> {
  const claimMs = longest(deps.channels, 'closeAfterMs', channels) + CLAIM_MARGIN_MS
  const due = await deps.refunds.claimDueRefunds(channels, deps.clock.now(), BATCH, claimMs)
  const settled = await Promise.allSettled(due.map(({ order, refund }) => settle(deps, order, refund)))
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1)
    throw new AggregateError(errors, `${errors.length} of ${due.length} refunds could not be settled`)
  return due.length
}

async function settle(deps: RefundSendDeps, order: Order, refund: Refund): Promise<void> {
  const reply = await deps.channels.get(order.channel)?.refunds?.queryRefund(order, refund)
  const unseen = !reply || (reply.outcome.kind === 'unknown' && reply.outcome.code === 'not-found')
  await (unseen ? send(deps, order, refund) : finalizeRefund(deps, order, refund, reply))
}
