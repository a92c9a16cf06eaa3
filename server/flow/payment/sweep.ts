import type { ChannelName } from '../../domain/channel'
import { actBy, type Order } from '../../domain/order'
import { type Channel, type ChannelReply, type Channels, isTrusted, NOT_FOUND } from '../ports'
import { type FinalizeDeps, finalize } from './finalize'
import { longest } from './longest'
import { deckOf, giveBackLate } from './slot-return'

export interface SweepDeps extends FinalizeDeps {
  channels: Channels
}

/** One claim's worth of a channel, all asked at once: enough to keep it busy, few enough that the claim outlasts them all. */
const BATCH = 32
/** Beyond a query and a close, each at its deadline, a claim leaves this for the ledger and the slots, ms. */
const CLAIM_MARGIN_MS = 1_000

/**
 * Asks the channel about orders whose outcome is unknown and finalizes what is definite. An order the channel doesn't know
 * (a crash before the pay was sent) is closed at the channel first, so that a late pay of it would be refused; so is one on
 * which its payer didn't act in time; neither on a doubtful clock, by which a pay that is just being sent may seem old.
 * Of these channels alone: one that hangs keeps waiting whoever is swept with it, and nobody else. Safe beside other processes: each
 * order is one sweeper's at a time.
 * Returns how many orders it took up. One that fails keeps no other: it throws when all of them are done, and the order is due
 * again like any other.
 */
export async function sweep(deps: SweepDeps, channels: readonly ChannelName[]): Promise<number> {
  const claimMs = longest(deps.channels, 'closeAfterMs', channels) + CLAIM_MARGIN_MS
  const due = await deps.ledger.claimDue(channels, deps.clock.now(), BATCH, claimMs)
  const settled = await Promise.allSettled(due.map(({ order }) => settle(deps, order)))
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1)
    throw new AggregateError(errors, `${errors.length} of ${due.length} orders could not be settled`)
  return due.length
}

/** Gives back the slots of closed orders that nobody gave back; no channel is asked. Returns how many. */
export async function sweepReturns(deps: SweepDeps): Promise<number> {
  // As long as the longest claim of an order, for whose end they may wait.
  const claimMs = longest(deps.channels, 'closeAfterMs') + CLAIM_MARGIN_MS
  const closed = await deps.ledger.claimReturns(deps.clock.now(), BATCH, claimMs)
  await Promise.all(closed.map((order) => giveBackLate(deps, order)))
  return closed.length
}

async function settle(deps: SweepDeps, order: Order): Promise<void> {
  const channel = deps.channels.get(order.channel)
  if (!channel) return deps.onAlarm({ code: 'channel-not-available', orderNo: order.orderNo })
  await confirmAgain(deps, order)
  const reply = await channel.query(order)
  const given = isTrusted(deps.clock) && isGivenUp(channel, order, reply, deps.clock.now())
  await finalize(deps, order, given ? await channel.close(order) : reply)
}

/**
 * What is to be closed at the channel: an order that it has never seen although no pay can still be on its way, and one on which
 * nobody acted in time. Closing fences: the card goes back only when the channel says that it will never book, and it may still
 * say that it has.
 */
function isGivenUp({ limits }: Channel, order: Order, { outcome }: ChannelReply, now: number): boolean {
  const by = actBy(order)
  const late = by !== null && now > by
  switch (outcome.kind) {
    case 'pending':
      return late
    case 'unknown':
      return outcome.code === NOT_FOUND && (late || now - order.createdAt > limits.closeAfterMs)
    case 'succeeded':
    case 'declined':
      return false
  }
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
