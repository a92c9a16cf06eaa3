import { addDays, endOfBusinessDate } from '../../domain/business-date'
import { CURRENCY } from '../../domain/channel'
import type { BookDay, EntryKind, StatementLine } from '../../domain/match'
import type { Order } from '../../domain/order'
import { movedFen } from '../../domain/refund'
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

/**
 * What is open and in the statement has been booked, so it ends as any order or refund does; where amount, currency or payee are
 * not ours it stays as it is, with an alarm, and becomes a difference. Returns how many ended.
 */
export async function endByStatement(
  deps: EndDeps,
  day: BookDay,
  alive: (done: number) => Promise<void>,
): Promise<number> {
  let ended = 0
  for (const kind of ['clearing', 'refund'] as const)
    for (let after = ''; ; ) {
      const page = await deps.reconciliations.openMatches(kind, day, after, PAGE)
      for (const open of page) if (await endOne(deps, kind, open)) ended++
      await alive(ended)
      if (page.length < PAGE) break
      after = page.at(-1)!.number
    }
  return ended
}

async function endOne(deps: EndDeps, kind: EntryKind, { number, line }: OpenMatch): Promise<boolean> {
  const reply = {
    verb: 'statement' as const,
    outcome: { kind: 'succeeded' as const, channelTradeNo: line.channelTradeNo },
    seen: { amountFen: amountOf(kind, line), currency: line.currency, payee: line.merchantAccount },
    raw: line,
  }
  const order = await deps.ledger.order(line.orderNo)
  const refund = kind === 'refund' ? await deps.refunds.refund(number) : undefined
  if (!order || (kind === 'refund' && !refund)) throw new Error(`${kind} ${number} vanished`)
  const { state } = refund ? await finalizeRefund(deps, order, refund, reply) : await finalize(deps, order, reply)
  return state === 'paid' || state === 'refunded'
}

/** What the channel booked, as a reply of it would name it: of a claw-back what the merchant returned. */
function amountOf(kind: EntryKind, { payerFen, glFen, merchantFen }: StatementLine): number {
  return Math.abs(kind === 'refund' ? movedFen({ payerFen, glFen, merchantFen }) : payerFen)
}

/**
 * Ends what is open here as an operator decided it: the bank did book it, though otherwise than we have it, and the correction
 * that follows says how. False if it has ended otherwise since.
 */
export async function endAsDecided(deps: FinalizeDeps & FinalizeRefundDeps, line: StatementLine): Promise<boolean> {
  const order = await deps.ledger.order(line.orderNo)
  const refund = line.refundNo === null ? undefined : await deps.refunds.refund(line.refundNo)
  if (!order || (line.refundNo !== null && !refund)) throw new Error(`${line.refundNo ?? line.orderNo} vanished`)
  const amountFen = refund ? movedFen(refund.shares) : order.figures.payableFen
  const reply = {
    verb: 'statement' as const,
    outcome: { kind: 'succeeded' as const, channelTradeNo: line.channelTradeNo },
    seen: { amountFen, currency: CURRENCY, payee: order.accounts.merchant },
    raw: line,
  }
  const { state } = refund ? await finalizeRefund(deps, order, refund, reply) : await finalize(deps, order, reply)
  return state === 'paid' || state === 'refunded'
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
