import { CURRENCY } from '../../domain/channel'
import { decide, type Order, type Outcome } from '../../domain/order'
import { decideRefund, movedFen, type Refund } from '../../domain/refund'
import type { AuditedEvent, AuditedOrder, AuditedRefund } from '../ports'
import { differ, type Fault } from './fault'

/** How an order or a refund ended, by the rule that ends them; null when that news ends nothing. */
interface Ending {
  state: string
  number: string | null
  reason: string | null
}

interface Life {
  subject: string
  /** as its row says */
  state: string
  number: string | null
  reason: string | null
  createdAt: number
  endedAt: number | null
  /** the state before any ending */
  open: string
  events: readonly AuditedEvent<string>[]
  decide(outcome: Outcome): Ending | null
}

/** Replays an order's events (I5): opened once, ended at most once, by a definite answer, and the row says the same. */
export function orderLifeFaults({ order, events }: AuditedOrder): Fault[] {
  return lifeFaults({
    subject: `order ${order.orderNo}`,
    state: order.state,
    number: order.channelTradeNo,
    reason: order.closeReason,
    createdAt: order.createdAt,
    endedAt: order.endedAt,
    open: 'paying',
    events,
    decide: (outcome) => endingOf(order, outcome),
  })
}

/** What the channel named is in its raw replies; here the amounts are held against the postings (order.ts). */
function endingOf(order: Order, outcome: Outcome): Ending | null {
  const seen = { amountFen: order.figures.payableFen, currency: CURRENCY, payee: order.accounts.merchant }
  const decision = decide({ ...order, state: 'paying' }, outcome, seen)
  if (decision.kind !== 'end') return null
  return decision.state === 'paid'
    ? { state: 'paid', number: decision.channelTradeNo, reason: null }
    : { state: 'closed', number: null, reason: decision.closeReason }
}

/** The same of a refund. */
export function refundLifeFaults(order: Order, { refund, events }: AuditedRefund): Fault[] {
  return lifeFaults({
    subject: `refund ${refund.refundNo}`,
    state: refund.state,
    number: refund.channelRefundNo,
    reason: refund.failReason,
    createdAt: refund.createdAt,
    endedAt: refund.endedAt,
    open: 'refunding',
    events,
    decide: (outcome) => refundEndingOf(order, refund, outcome),
  })
}

function refundEndingOf(order: Order, refund: Refund, outcome: Outcome): Ending | null {
  const seen = { amountFen: movedFen(refund.shares), currency: CURRENCY, payee: order.accounts.merchant }
  const decision = decideRefund(order, { ...refund, state: 'refunding' }, outcome, seen)
  if (decision.kind !== 'end') return null
  return decision.state === 'refunded'
    ? { state: 'refunded', number: decision.channelRefundNo, reason: null }
    : { state: 'failed', number: null, reason: decision.failReason }
}

function lifeFaults(life: Life): Fault[] {
  const { subject, state, number, reason, createdAt, endedAt, events } = life
  const opened = events.filter((event) => event.kind === 'opened')
  const endings = events.filter((event) => event.kind !== 'opened' && event.kind !== 'noted')
  if (opened.length !== 1) return differ('opened-not-once', subject, 1, opened.length)
  if (endings.length > 1)
    return [{ code: 'ended-twice', subject, detail: `ended as ${endings.map((event) => event.kind).join(' and as ')}` }]
  const [ending] = endings
  const decided = ending ? ending.outcome && life.decide(ending.outcome) : null
  if (ending && decided?.state !== ending.kind)
    return [{ code: 'ended-without-answer', subject, detail: `${ending.kind} by ${JSON.stringify(ending.outcome)}` }]
  // Only news of an open one is kept without a conflict, and definite news would have ended it.
  const ignored = events.find(
    ({ kind, outcome, conflict }) => kind === 'noted' && !conflict && outcome && life.decide(outcome),
  )
  if (ignored) return [{ code: 'answer-ignored', subject, detail: `noted ${JSON.stringify(ignored.outcome)}` }]
  const { state: endState, ...how } = decided ?? { state: life.open, number: null, reason: null }
  return differ(
    'state-not-from-events',
    subject,
    { state: endState, ...how, createdAt: opened[0]!.at, endedAt: ending?.at ?? null },
    { state, number, reason, createdAt, endedAt },
  )
}
