import { addDays, endOfBusinessDate } from '../../domain/business-date'
import { CURRENCY } from '../../domain/channel'
import type { BookDay, EntryKind } from '../../domain/match'
import type { Order } from '../../domain/order'
import { type FinalizeDeps, finalize } from '../payment/finalize'
import type { Channel, OpenMatch, Reconciliations } from '../ports'
import { type FinalizeRefundDeps, finalizeRefund } from '../refund/refund'

/** What a day's statement ends, and what it proves never happened: each through the door that every ending takes. */

export interface EndDeps extends FinalizeDeps, FinalizeRefundDeps {
  reconciliations: Reconciliations
  channels: ReadonlyMap<string, Channel>
}

const PAGE = 500
/** Orders asked about at once. */
const ASKED = 16

/** What is open and in the statement has been booked, so it ends as any order or refund does. Returns how many. */
export async function endByStatement(
  deps: EndDeps,
  day: BookDay,
  alive: (done: number) => Promise<void>,
): Promise<number> {
  let ended = 0
  for (const kind of ['clearing', 'refund'] as const)
    for (let after = ''; ; ) {
      const page = await deps.reconciliations.openMatches(kind, day, after, PAGE)
      for (const open of page) await endOne(deps, kind, open)
      ended += page.length
      await alive(ended)
      if (page.length < PAGE) break
      after = page.at(-1)!.number
    }
  return ended
}

async function endOne(deps: EndDeps, kind: EntryKind, { number, line }: OpenMatch): Promise<void> {
  const reply = {
    verb: 'statement' as const,
    outcome: { kind: 'succeeded' as const, channelTradeNo: line.channelTradeNo },
    // the bank's accounts are in one currency, and its statement names none
    seen: { amountFen: Math.abs(line.payerFen), currency: CURRENCY, payee: line.merchantAccount },
    raw: line,
  }
  const order = await deps.ledger.order(line.orderNo)
  const refund = kind === 'refund' ? await deps.refunds.refund(number) : undefined
  if (!order || (kind === 'refund' && !refund)) throw new Error(`${kind} ${number} vanished`)
  await (refund ? finalizeRefund(deps, order, refund, reply) : finalize(deps, order, reply))
}

/**
 * Orders of the channel of earlier days, still `paying`, that neither their own day's statement nor this one holds: the channel is asked
 * once more, and if it isn't definite the order is closed there first, so that a late pay of it would be refused.
 */
export async function endAbsent(
  deps: EndDeps,
  day: BookDay,
  alive: (done: number) => Promise<void>,
): Promise<{ closed: number; unanswered: number }> {
  const before = endOfBusinessDate(addDays(day.date, -1))
  let closed = 0
  let unanswered = 0
  for (let after = ''; ; ) {
    const page = await deps.reconciliations.absentPaying(day, before, after, ASKED)
    const states = await Promise.all(page.map((order) => settle(deps, order)))
    closed += states.filter((state) => state === 'closed').length
    unanswered += states.filter((state) => state === 'paying').length
    await alive(closed)
    if (page.length < ASKED) return { closed, unanswered }
    after = page.at(-1)!.orderNo
  }
}

async function settle(deps: EndDeps, order: Order): Promise<Order['state']> {
  const channel = deps.channels.get(order.channel)
  if (!channel) {
    deps.onAlarm({ code: 'channel-not-available', orderNo: order.orderNo })
    return order.state
  }
  const reply = await channel.query(order)
  const definite = reply.outcome.kind === 'succeeded' || reply.outcome.kind === 'declined'
  return (await finalize(deps, order, definite ? reply : await channel.close(order))).state
}
