import { createHash } from 'node:crypto'
import { businessDate } from '../../domain/business-date'
import { FOR_PEOPLE } from '../../domain/channel'
import type { Order } from '../../domain/order'
import { decideRefund, newRefundNo, type Refund, refundPostings } from '../../domain/refund'
import type { FinalizeDeps } from '../payment/finalize'
import { inPlace } from '../payment/in-place'
import type {
  Channels,
  Clock,
  Feed,
  OpenRefundResult,
  Random,
  RefundEnding,
  RefundLedger,
  RefundReply,
  UserRole,
} from '../ports'

export interface FinalizeRefundDeps {
  refunds: RefundLedger
  feed: Feed
  clock: Clock
  onAlarm: FinalizeDeps['onAlarm']
  onDecline?: FinalizeDeps['onDecline']
}

export interface RefundDeps extends FinalizeRefundDeps {
  channels: Channels
  random: Random
}

export interface RefundInput {
  merchantCode: string
  /** of whoever asks */
  role: UserRole
  orderNo: string
  /** what goes back to the payer, fen; what the merchant and the branch get or give follows from it */
  payerFen: number
  /** what was left of the order when they looked: two telephones at once don't refund twice what one of them meant */
  seenLeftFen?: number | undefined
  reason?: string | undefined
  idempotencyKey: string
}

export type RefundRefusal =
  | 'not-owner'
  | 'order-not-found'
  | 'order-not-paid'
  | 'refund-above-paid'
  | 'refunded-meanwhile'
  | 'too-many-refunds'
  | 'key-reused'
export type RefundResult =
  | { kind: 'refund'; refund: Refund }
  /** `leftFen`: what of the order can still be refunded, where that is the reason */
  | { kind: 'refused'; code: RefundRefusal; leftFen?: number }

/**
 * Refunds a paid order of the merchant, for its owner, in full or in part, once: (a) the refund is stored with its shares before anything is
 * sent, (b) the channel is called outside any transaction, (c) it is finalized. The same key with the same input gives the
 * same refund. Its slot is not dealt again, and the payer's limit of the day stays used.
 */
export async function refund(deps: RefundDeps, input: RefundInput): Promise<RefundResult> {
  if (input.role !== 'owner') return { kind: 'refused', code: 'not-owner' }
  const result = await open(deps, input)
  switch (result.kind) {
    case 'opened':
      return { kind: 'refund', refund: await sendFirst(deps, result.order, result.refund) }
    case 'replayed':
      return { kind: 'refund', refund: result.refund }
    case 'refund-above-paid':
    case 'refunded-meanwhile':
      return { kind: 'refused', code: result.kind, leftFen: result.leftFen }
    case 'order-not-found':
    case 'order-not-paid':
    case 'too-many-refunds':
    case 'key-reused':
      return { kind: 'refused', code: result.kind }
    case 'refund-no-taken':
      throw new Error('three refund numbers in a row exist already')
  }
}

async function open(deps: RefundDeps, input: RefundInput): Promise<OpenRefundResult> {
  const { merchantCode, orderNo, payerFen, seenLeftFen, reason = null } = input
  const now = deps.clock.now()
  const date = businessDate(now)
  // As with order numbers: nothing has been sent, so another number is free to take.
  for (let attempt = 1; ; attempt++) {
    const result = await deps.refunds.openRefund({
      refundNo: newRefundNo(date, deps.random(12)),
      orderNo,
      merchantCode,
      payerFen,
      seenLeftFen,
      reason,
      businessDate: date,
      createdAt: now,
      idempotency: { key: input.idempotencyKey, inputHash: refundInputHash(orderNo, payerFen, reason) },
      firstQueryAt: (channel) => now + (deps.channels.get(channel)?.limits.firstQueryMs ?? 0),
    })
    if (result.kind !== 'refund-no-taken' || attempt === 3) return result
  }
}

/**
 * As with a pay: once it may have been booked, nothing that fails is told as a refusal; it stays `refunding`. So it does while as many
 * wait for the channel as may: the sweeper asks for it.
 */
async function sendFirst(deps: RefundSendDeps, order: Order, refund: Refund): Promise<Refund> {
  const channel = deps.channels.get(order.channel)
  const first = () => send(deps, order, refund)
  try {
    const sent = await (channel ? inPlace(channel, first) : first())
    return 'kind' in sent ? refund : sent
  } catch (error) {
    deps.onAlarm({ code: 'refund-not-finalized', orderNo: order.orderNo, error })
    return refund
  }
}

/** Asks the channel for a refund that is stored, for the first time or again under the same number, and finalizes it. */
export async function send(deps: RefundSendDeps, order: Order, refund: Refund): Promise<Refund> {
  const channel = deps.channels.get(order.channel)?.refunds
  if (channel) return finalizeRefund(deps, order, refund, await channel.refund(order, refund))
  deps.onAlarm({ code: 'channel-not-available', orderNo: order.orderNo })
  return refund
}

export type RefundSendDeps = FinalizeRefundDeps & Pick<RefundDeps, 'channels'>

/** The channel holds the money until it is told at its own desk where it goes; it has the number for another refund. */
const ALARMING = new Set([...FOR_PEOPLE, 'refund-abnormal', 'refund-number-reused'])

/**
 * The only way a refund ends, whoever brings the news. Only a definite, verified outcome ends it; anything else is kept for
 * the record and it stays `refunding`, its amount reserved. Returns the refund as it now stands.
 */
export async function finalizeRefund(
  deps: FinalizeRefundDeps,
  order: Order,
  refund: Refund,
  reply: RefundReply,
): Promise<Refund> {
  const decision = decideRefund(order, refund, reply.outcome, reply.seen)
  const now = deps.clock.now()
  switch (decision.kind) {
    case 'hold':
      await deps.refunds.noteRefundReply(refund.refundNo, reply, null, now)
      if (reply.outcome.kind === 'unknown' && ALARMING.has(reply.outcome.code))
        deps.onAlarm({ code: reply.outcome.code, orderNo: order.orderNo })
      return refund
    case 'nothing':
      return refund
    case 'conflict':
      await deps.refunds.noteRefundReply(refund.refundNo, reply, decision.code, now)
      deps.onAlarm({ code: decision.code, orderNo: order.orderNo })
      return refund
    case 'end': {
      const { kind: _, ...end } = decision
      const ending: RefundEnding =
        end.state === 'refunded'
          ? { ...end, postings: refundPostings(order, refund.shares), endedAt: now }
          : { ...end, endedAt: now }
      if ((await deps.refunds.endRefund(refund, ending, reply)) === 'already-ended')
        return again(deps, order, refund, reply)
      if (end.state === 'refunded') deps.feed.nudge()
      else deps.onDecline?.(order.channel, end.failReason)
      return { ...refund, ...end, endedAt: now }
    }
  }
}

/** Somebody else ended it first: look how, and hold the same news against that ending. */
async function again(deps: FinalizeRefundDeps, order: Order, refund: Refund, reply: RefundReply): Promise<Refund> {
  const current = await deps.refunds.refund(refund.refundNo)
  if (!current) throw new Error(`refund ${refund.refundNo} vanished`)
  return finalizeRefund(deps, order, current, reply)
}

/** What a refund's key stands for: the same key with another of these is refused. */
export function refundInputHash(orderNo: string, payerFen: number, reason: string | null): string {
  return createHash('sha256')
    .update(JSON.stringify([orderNo, payerFen, reason]))
    .digest('hex')
}
