import type { Order } from '../../server/domain/order'
import { balanced, type Posting } from '../../server/domain/posting'
import { MAX_REFUNDS, NOTHING_REFUNDED, type Refund, type RefundShares, refundShares } from '../../server/domain/refund'
import type { RefundLedger, RefundReply } from '../../server/flow/ports'
import { copied } from './copied'

interface Kept {
  refund: Refund
  merchantCode: string
  key: string
  inputHash: string
  attempts: number
  nextQueryAt: number
}

/** As of SQL: its time has come, or lies where only a wrong clock can have put it. */
export const isDue = (at: number, now: number, aheadMs = 90_000) => at <= now || at > now + aheadMs

export type RefundNote = RefundReply & { refundNo: string; conflict: string | null; at: number }

/** What of the fake ledger refunds need. */
export interface RefundShelf {
  order(orderNo: string): Order | undefined
  post(postings: (Posting & { orderNo: string; refundNo: string })[]): void
  tell(orderNo: string): void
}

/** {@link RefundLedger} in memory; it passes the contract suite that the SQL one passes. */
export function fakeRefunds(shelf: RefundShelf) {
  const kept = new Map<string, Kept>()
  const notes: RefundNote[] = []

  const waitMs = (waits: number) => 1000 * Math.min(2 ** waits, 16)
  const all = () => [...kept.values()]
  const byNumber = new Map<string, Refund>()
  const of = (orderNo: string) => all().filter((one) => one.refund.orderNo === orderNo)
  const known = (refundNo: string) => {
    const found = kept.get(refundNo)
    if (!found) throw new Error(`no refund ${refundNo}`)
    return found
  }

  const verbs: RefundLedger = {
    async openRefund({ idempotency, firstQueryAt, merchantCode, payerFen, seenLeftFen, ...input }) {
      const made = all().find((one) => one.merchantCode === merchantCode && one.key === idempotency.key)
      if (made)
        return made.inputHash === idempotency.inputHash
          ? { kind: 'replayed', refund: copied(made.refund) }
          : { kind: 'key-reused' }
      const order = shelf.order(input.orderNo)
      if (order?.merchantCode !== merchantCode) return { kind: 'order-not-found' }
      if (order.state !== 'paid') return { kind: 'order-not-paid' }
      const standing = of(order.orderNo).filter((one) => one.refund.state !== 'failed')
      const before = standing.reduce((sum, one) => added(sum, one.refund.shares), NOTHING_REFUNDED)
      const leftFen = order.figures.payableFen - before.payerFen
      if (leftFen !== (seenLeftFen ?? leftFen)) return { kind: 'refunded-meanwhile', leftFen }
      if (payerFen > leftFen) return { kind: 'refund-above-paid', leftFen }
      if (standing.length >= MAX_REFUNDS) return { kind: 'too-many-refunds' }
      if (kept.has(input.refundNo)) return { kind: 'refund-no-taken' }
      const shares = refundShares(order.figures, before, payerFen)
      const ends = { endedAt: null, channelRefundNo: null, failReason: null }
      const refund: Refund = { ...input, shares, state: 'refunding', ...ends }
      const nextQueryAt = firstQueryAt(order.channel)
      byNumber.set(refund.refundNo, refund)
      kept.set(refund.refundNo, { refund, merchantCode, ...idempotency, attempts: 0, nextQueryAt })
      return { kind: 'opened', refund: copied(refund), order: copied(order) }
    },
    async endRefund({ refundNo, orderNo }, ending) {
      if (ending.state === 'refunded' && !balanced(ending.postings))
        throw new Error(`postings of ${refundNo} don't balance`)
      const { refund } = known(refundNo)
      if (refund.state !== 'refunding') return 'already-ended'
      if (ending.state === 'refunded') {
        const { postings, ...end } = ending
        Object.assign(refund, end)
        shelf.post(postings.map((posting) => ({ ...posting, orderNo, refundNo })))
        shelf.tell(orderNo)
      } else Object.assign(refund, ending)
      return 'ended'
    },
    async noteRefundReply(refundNo, reply, conflict, at) {
      const one = known(refundNo)
      notes.push({ ...reply, refundNo, conflict, at })
      if (reply.verb !== 'statement' && one.attempts > 0) one.nextQueryAt = at + waitMs(one.attempts - 1)
    },
    async refund(refundNo) {
      return copied(kept.get(refundNo)?.refund)
    },
    async refundsOf(orderNo, limit) {
      const newest = of(orderNo).map((one) => one.refund)
      newest.sort((a, b) => b.createdAt - a.createdAt || (a.refundNo < b.refundNo ? 1 : -1))
      return copied(newest.slice(0, limit))
    },
    async standingOf(orderNo) {
      const standing = of(orderNo).filter(({ refund }) => refund.state !== 'failed')
      return { count: standing.length, ...standing.map(({ refund }) => refund.shares).reduce(added, NOTHING_REFUNDED) }
    },
    async refundedOf(orderNos) {
      const sums = new Map<string, RefundShares>()
      for (const { refund } of all())
        if (refund.state === 'refunded' && orderNos.includes(refund.orderNo))
          sums.set(refund.orderNo, added(sums.get(refund.orderNo) ?? NOTHING_REFUNDED, refund.shares))
      return sums
    },
    async claimDueRefunds(channels, now, limit, claimMs = 0) {
      const due = all().filter(
        (one) =>
          one.refund.state === 'refunding' &&
          channels.includes(shelf.order(one.refund.orderNo)!.channel) &&
          isDue(one.nextQueryAt, now, claimMs + 90_000),
      )
      due.sort((a, b) => a.nextQueryAt - b.nextQueryAt)
      return due.slice(0, limit).map((one) => {
        one.nextQueryAt = now + Math.max(waitMs(one.attempts), claimMs)
        const order = copied(shelf.order(one.refund.orderNo)!)
        return { refund: copied(one.refund), order, attempt: ++one.attempts }
      })
    },
  }
  return {
    verbs,
    notes,
    glBackFen: (orderNo: string) =>
      of(orderNo).reduce((fen, { refund }) => fen + (refund.state === 'refunded' ? refund.shares.glFen : 0), 0),
    /** every refund as it stands, by its number; not copies */
    all: (): ReadonlyMap<string, Refund> => byNumber,
    /** the refunds of a merchant booked on a date */
    booked: (merchantCode: string, date: string) =>
      all()
        .filter((one) => one.merchantCode === merchantCode)
        .map((one) => one.refund)
        .filter((one) => one.businessDate === date && one.state === 'refunded'),
  }
}

function added(a: RefundShares, b: RefundShares): RefundShares {
  return { payerFen: a.payerFen + b.payerFen, merchantFen: a.merchantFen + b.merchantFen, glFen: a.glFen + b.glFen }
}
