import type { Order } from '../domain/order'
import { type FinalizeDeps, finalize } from './finalize'
import type { Channel } from './ports'

export interface SweepDeps extends FinalizeDeps {
  channels: ReadonlyMap<string, Channel>
  limits: {
    leaseTtlMs: number
    /** an order the channel has never seen is closed there once no pay of it can still be on its way, ms */
    closeAfterMs: number
  }
}

/** One claim's worth: enough to keep the bank busy, few enough to be asked within the claim's first second. */
const BATCH = 32

/**
 * Asks the channel about orders whose outcome is unknown and finalizes what is definite. An order the channel doesn't know
 * (a crash before the pay was sent) is closed at the channel first, so that a late pay of it would be refused.
 * Returns how many were asked about. An order that fails keeps no other: it throws when all of them are done, and the order
 * is due again like any other.
 */
export async function sweep(deps: SweepDeps): Promise<number> {
  const due = await deps.ledger.claimDue(deps.clock.now(), BATCH)
  const settled = await Promise.allSettled(due.map(({ order }) => settle(deps, order)))
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1)
    throw new AggregateError(errors, `${errors.length} of ${due.length} orders could not be settled`)
  return due.length
}

async function settle(deps: SweepDeps, order: Order): Promise<void> {
  const channel = deps.channels.get(order.channel)
  if (!channel) return deps.onAlarm({ code: 'channel-not-available', orderNo: order.orderNo })
  const reply = await channel.query(order)
  const unseen = reply.outcome.kind === 'unknown' && reply.outcome.code === 'not-found'
  const old = deps.clock.now() - order.createdAt > deps.limits.closeAfterMs
  await finalize(deps, order, unseen && old ? await channel.close(order) : reply)
}
