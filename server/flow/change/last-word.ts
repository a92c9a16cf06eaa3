import type { ChangeRequest } from '../../domain/change'
import { type FinalizeDeps, finalize } from '../payment/finalize'
import type { Channels } from '../ports'
import { type FinalizeRefundDeps, finalizeRefund } from '../refund/refund'

export interface LastWordDeps extends FinalizeDeps, FinalizeRefundDeps {
  channels: Channels
}

/**
 * Before two people end what they believe was never booked, its channel has the last word: it is asked once more, and told to close an
 * order that it can't say anything of. If it answers after all, that ends it, and the decision is overtaken.
 */
export async function askOnceMore(
  deps: LastWordDeps,
  { kind, subject }: Pick<ChangeRequest, 'kind' | 'subject'>,
): Promise<void> {
  const number = subject.slice(subject.indexOf('/') + 1)
  if (kind === 'order.end') await askOfOrder(deps, number)
  if (kind === 'refund.end') await askOfRefund(deps, number)
}

async function askOfOrder(deps: LastWordDeps, orderNo: string): Promise<void> {
  const order = await deps.ledger.order(orderNo)
  const channel = order && deps.channels.get(order.channel)
  if (!channel || order.state !== 'paying') return
  const reply = await channel.query(order)
  const definite = reply.outcome.kind === 'succeeded' || reply.outcome.kind === 'declined'
  await finalize(deps, order, definite ? reply : await channel.close(order))
}

async function askOfRefund(deps: LastWordDeps, refundNo: string): Promise<void> {
  const refund = await deps.refunds.refund(refundNo)
  const order = refund && (await deps.ledger.order(refund.orderNo))
  const channel = order && deps.channels.get(order.channel)?.refunds
  if (!channel || refund.state !== 'refunding') return
  await finalizeRefund(deps, order, refund, await channel.queryRefund(order, refund))
}
