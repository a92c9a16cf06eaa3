import { type ChannelName, FOR_PEOPLE, WANTS_MENDING } from '../../domain/channel'
import { decide, type Order } from '../../domain/order'
import type { ChannelReply, Clock, Feed, Ledger, Slots } from '../ports'
import type { CrashDeps } from './crash-point'
import { deckOf, giveBack, type SlotReturnDeps } from './slot-return'

export interface FinalizeDeps extends SlotReturnDeps, CrashDeps {
  ledger: Ledger
  slots: Slots
  feed: Feed
  clock: Clock
  /** an order or a refund has ended by the channel's decline, by this code */
  onDecline?(channel: ChannelName, code: string): void
  /** this process ended an order, for the metrics */
  onEnded?(order: Order): void
}

/**
 * The only way an order ends, whoever brings the news (reply of a pay, query, close; notify; later the statement).
 * Only a definite, verified outcome of this very amount and payee ends it (I5); anything else is kept for the record and the
 * order stays as it is. What the payer must do is kept with it.
 * Returns the order as it now stands.
 */
export async function finalize(deps: FinalizeDeps, order: Order, reply: ChannelReply): Promise<Order> {
  const { orderNo } = order
  const decision = decide(order, reply.outcome, reply.seen)
  const now = deps.clock.now()
  switch (decision.kind) {
    case 'hold': {
      const state = await deps.ledger.noteReply(orderNo, reply, null, now)
      deps.crashPoint?.('after-note')
      if (reply.outcome.kind === 'unknown' && isForPeople(reply.verb, reply.outcome.code))
        deps.onAlarm({ code: reply.outcome.code, orderNo })
      if (state !== 'paying') return again(deps, order, reply)
      return reply.action ? { ...order, action: reply.action } : order
    }
    case 'nothing':
      return order
    case 'conflict':
      await deps.ledger.noteReply(orderNo, reply, decision.code, now)
      deps.onAlarm({ code: decision.code, orderNo })
      return order
    case 'end': {
      const { kind: _, ...end } = decision
      const verification = reply.verification ?? null
      const ending = end.state === 'paid' ? { ...end, verification, endedAt: now } : { ...end, endedAt: now }
      if ((await deps.ledger.endOrder(order, ending, reply)) === 'already-ended') return again(deps, order, reply)
      deps.crashPoint?.('after-end')
      const ended: Order =
        ending.state === 'paid'
          ? { ...order, state: 'paid', action: null, endedAt: now, channelTradeNo: ending.channelTradeNo, verification }
          : { ...order, state: 'closed', action: null, endedAt: now, closeReason: ending.closeReason }
      deps.onEnded?.(ended)
      if (ending.state === 'paid') {
        deps.feed.nudge()
        tellPaid(deps, ended)
      } else {
        deps.onDecline?.(order.channel, ending.closeReason)
        if (WANTS_MENDING.has(ending.closeReason)) deps.onAlarm({ code: ending.closeReason, orderNo })
        await giveBack(deps, ended)
      }
      deps.crashPoint?.('after-release')
      return ended
    }
  }
}

/** A proof is what the payer brought, and may be anything: that the channel can't read it is nobody's to mend. */
const isForPeople = (verb: ChannelReply['verb'], code: string) =>
  FOR_PEOPLE.has(code) && !(verb === 'confirm' && WANTS_MENDING.has(code))

/** The payer holds one less unpaid. Nobody waits for it: a store that doesn't hear of it forgets the card by itself. */
function tellPaid({ slots }: FinalizeDeps, order: Order): void {
  if (order.card) slots.paid(deckOf(order, order.card), order.card.slot, order.payerId).catch(() => {})
}

/**
 * Somebody else ended it first: look how, and hold the same news against that ending. Whoever comes here may have confirmed
 * the slot after the other gave it back, so a closed order's is given back once more.
 */
async function again(deps: FinalizeDeps, order: Order, reply: ChannelReply): Promise<Order> {
  const current = await deps.ledger.order(order.orderNo)
  if (!current) throw new Error(`order ${order.orderNo} vanished`)
  if (current.state === 'closed') await giveBack(deps, current)
  return finalize(deps, current, reply)
}
