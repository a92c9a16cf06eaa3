import { isFen } from '../../domain/money'
import type { Order } from '../../domain/order'
import { balanced, type Posting, postingsOf } from '../../domain/posting'
import { type Figures, figures } from '../../domain/quote'
import { refundPostings } from '../../domain/refund'
import type { AuditedCorrection, AuditedOrder } from '../ports'
import { type AuditCode, differ, type Fault } from './fault'
import { orderLifeFaults, refundLifeFaults } from './life'
import { refundShareFaults } from './refunds'

/** Everything that can be said of one order by itself: its card, its figures, its events, its postings, its refunds. */
export function orderFaults(one: AuditedOrder): Fault[] {
  const { order, refunds } = one
  const subject = `order ${order.orderNo}`
  return [
    ...cardFaults(one, subject),
    ...figureFaults(one, subject),
    ...orderLifeFaults(one),
    ...refunds.flatMap((one) => refundLifeFaults(order, one)),
    ...postingFaults(one, subject),
    ...refundShareFaults(one),
    ...(one.requests === 1 ? [] : differ('request-missing', subject, 1, one.requests)),
  ]
}

function cardFaults({ order, cardFen }: AuditedOrder, subject: string): Fault[] {
  if (!order.card) return differ('discount-not-the-card', subject, 0, order.figures.discountFen)
  const { campaignId, businessDate, slot } = order.card
  const deck = `${campaignId}/${order.merchantCode}/${businessDate}`
  if (cardFen === null) return [{ code: 'slot-not-dealt', subject, detail: `slot ${slot} of ${deck}` }]
  return differ('discount-not-the-card', subject, cardFen, order.figures.discountFen)
}

/** With the rule's split where it is known; without, an odd fen may have gone either way. */
function figureFaults({ order, payerPercent }: AuditedOrder, subject: string): Fault[] {
  const found = order.figures
  const { amountFen, discountFen, payerDiscountFen } = found
  const expected: Figures =
    payerPercent === null
      ? {
          amountFen,
          discountFen,
          payerDiscountFen,
          merchantRewardFen: discountFen - payerDiscountFen,
          payableFen: amountFen - payerDiscountFen,
          merchantReceivesFen: amountFen + discountFen - payerDiscountFen,
        }
      : figures(amountFen, discountFen, payerPercent)
  const faults = differ('figures-wrong', subject, expected, found)
  if (faults.length > 0) return faults
  const sound = Object.values(found).every(isFen) && found.payableFen >= 1
  return sound ? [] : [{ code: 'figures-wrong', subject, detail: `no such figures: ${JSON.stringify(found)}` }]
}

function postingFaults({ order, postings, refunds }: AuditedOrder, subject: string): Fault[] {
  const of = (refundNo: string | null) => postings.filter((posting) => posting.refundNo === refundNo)
  const known = new Set<string | null>([null, ...refunds.map(({ refund }) => refund.refundNo)])
  const strays = postings.filter((posting) => !known.has(posting.refundNo))
  return [
    ...entryFaults(subject, of(null), order.state === 'paid' ? postingsOf(order) : []),
    ...refunds.flatMap(({ refund }) =>
      entryFaults(`refund ${refund.refundNo}`, of(refund.refundNo), refundEntry(order, refund)),
    ),
    ...differ('postings-wrong', subject, [], strays),
  ]
}

function refundEntry(order: Order, refund: AuditedOrder['refunds'][number]['refund']): Posting[] {
  return refund.state === 'refunded' ? refundPostings(order, refund.shares) : []
}

/** One entry in the books beside what it should be (I4). */
export function entryFaults(subject: string, found: readonly Posting[], expected: readonly Posting[]): Fault[] {
  const code: AuditCode = balanced(found) ? 'postings-wrong' : 'unbalanced'
  return differ(code, subject, plain(expected), plain(found))
}

/** In an order of their own, for a journal is a set of entries. */
function plain(postings: readonly Posting[]): string[] {
  return postings.map(({ role, account, amountFen }) => `${role} ${account} ${amountFen}`).sort()
}

export function correctionFaults({ correctionId, postings, accepted }: AuditedCorrection): Fault[] {
  const subject = `correction ${correctionId}`
  if (accepted) return entryFaults(subject, postings, accepted)
  return [{ code: 'postings-wrong', subject, detail: 'nobody accepted it' }]
}
