import type { Order } from '../../domain/order'
import { type Channel, isTrusted } from '../ports'
import { type FinalizeDeps, finalize } from './finalize'
import { deckOf, giveBackLate } from './slot-return'

export interface SweepDeps extends FinalizeDeps {
  channels: ReadonlyMap<string, Channel>
  limits: {
    leaseTtlMs: number
    /** an order the channel has never seen is closed there once no pay of it can still be on its way: two deadlines, ms */
    closeAfterMs: number
  }
}

/** One claim's worth: enough to keep the bank busy, few enough that the claim outlasts them all. */
const BATCH = 32
/** Beyond a query and a close, each at its deadline, a claim leaves this for the ledger and the slots, ms. */
const CLAIM_MARGIN_MS = 1_000

/**
 * Asks the channel about orders whose outcome is unknown and finalizes what is definite. An order the channel doesn't know
 * (a crash before the pay was sent) is closed at the channel first, so that a late pay of it would be refused; not on a doubtful
 * clock, by which a pay that is just being sent may seem old. Gives back the
 * slots of closed orders that nobody gave back. Safe beside other processes: each order is one sweeper's at a time.
 * Returns how many orders it took up. One that fails keeps no other: it throws when all of them are done, and the order is due
 * again like any other.
 */
export async function sweep(deps: SweepDeps): Promise<number> {
  const now = deps.clock.now()
  const claimMs = deps.limits.closeAfterMs + CLAIM_MARGIN_MS
  const [due, closed] = await Promise.all([
    deps.ledger.claimDue(now, BATCH, claimMs),
    deps.ledger.claimReturns(now, BATCH),
  ])
  const returned = Promise.all(closed.map((order) => giveBackLate(deps, order)))
  const settled = await Promise.allSettled(due.map(({ order }) => settle(deps, order)))
  await returned
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1)
    throw new AggregateError(errors, `${errors.length} of ${due.length} orders could not be settled`)
  return due.length + closed.length
}

async function settle(deps: SweepDeps, order: Order): Promise<void> {
  const channel = deps.channels.get(order.channel)
  if (!channel) return deps.onAlarm({ code: 'channel-not-available', orderNo: order.orderNo })
  await confirmAgain(deps, order)
  const reply = await channel.query(order)
  const unseen = reply.outcome.kind === 'unknown' && reply.outcome.code === 'not-found'
  const old = isTrusted(deps.clock) && deps.clock.now() - order.createdAt > deps.limits.closeAfterMs
  await finalize(deps, order, unseen && old ? await channel.close(order) : reply)
}

/**
 * Whoever opened it may have died before the slot was confirmed, or the slot store may have forgotten. Should the order be
 * closed by somebody else just now, finalize finds that out and gives the slot back.
 */
async function confirmAgain(deps: SweepDeps, order: Order): Promise<void> {
  if (!order.card) return
  // The ledger holds the slot all the same, and the next attempt tries again.
  await deps.slots.confirm(deckOf(order, order.card), order.card.slot, order.payerId).catch(() => {})
}
