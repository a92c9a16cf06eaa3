import { decide, type Order } from '../domain/order'
import type { ChannelReply, Clock, Feed, Ledger, Slots } from './ports'

export interface FinalizeDeps {
  ledger: Ledger
  slots: Slots
  feed: Feed
  clock: Clock
  limits: { leaseTtlMs: number }
  /** news that contradicts an ending, or a slot that could not be given back: people must see it */
  onAlarm(alarm: { code: string; orderNo: string; error?: unknown }): void
}

/**
 * The only way an order ends, whoever brings the news (reply of a pay, query, close; later notify and statement).
 * Only a definite, verified outcome ends it (I5); anything else is kept for the record and the order stays as it is.
 * Returns the order as it now stands.
 */
export async function finalize(deps: FinalizeDeps, order: Order, reply: ChannelReply): Promise<Order> {
  const decision = decide(order, reply.outcome)
  const now = deps.clock.now()
  switch (decision.kind) {
    case 'hold':
      await deps.ledger.noteReply(order.orderNo, reply, null, now)
      return order
    case 'nothing':
      return order
    case 'conflict':
      await deps.ledger.noteReply(order.orderNo, reply, decision.code, now)
      deps.onAlarm({ code: decision.code, orderNo: order.orderNo })
      return order
    case 'end': {
      const { kind: _, ...end } = decision
      const ending = { ...end, endedAt: now }
      if ((await deps.ledger.endOrder(order, ending, reply)) === 'already-ended') return again(deps, order, reply)
      const ended: Order =
        ending.state === 'paid'
          ? { ...order, state: 'paid', endedAt: now, channelTradeNo: ending.channelTradeNo }
          : { ...order, state: 'closed', endedAt: now, closeReason: ending.closeReason }
      if (ended.state === 'paid') deps.feed.nudge()
      else await giveBack(deps, ended)
      return ended
    }
  }
}

/** Somebody else ended it first: look how, and hold the same news against that ending. */
async function again(deps: FinalizeDeps, order: Order, reply: ChannelReply): Promise<Order> {
  const current = await deps.ledger.order(order.orderNo)
  if (!current) throw new Error(`order ${order.orderNo} vanished`)
  return finalize(deps, current, reply)
}

/** The slot of a closed order stays with its payer for one more lease (I8: closing an order draws no other card). */
async function giveBack(deps: FinalizeDeps, order: Order): Promise<void> {
  if (!order.card) return
  const deck = { ...order.card, merchantCode: order.merchantCode, businessDate: order.businessDate }
  try {
    await deps.slots.release(deck, order.card.slot, order.payerId, deps.limits.leaseTtlMs)
  } catch (error) {
    deps.onAlarm({ code: 'slot-not-released', orderNo: order.orderNo, error })
  }
}
