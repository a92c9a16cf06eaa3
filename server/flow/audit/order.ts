import type { DeckKeys } from '../../domain/key-ring'
import { isFen } from '../../domain/money'
import type { Order } from '../../domain/order'
import { balanced, type Posting, postingsOf } from '../../domain/posting'
import { type Figures, figures } from '../../domain/quote'
import { refundPostings } from '../../domain/refund'
import { amountsOf } from '../deck/cards'
import type { AuditedCorrection, AuditedOrder } from '../ports'
import { type AuditCode, differ, type Fault } from './fault'
import { orderLifeFaults, refundLifeFaults } from './life'
import { refundRecordFaults, refundShareFaults } from './refunds'

/** Everything that can be said of one order by itself: its card, its figures, its events, its postings, its refunds. */
export function orderFaults(one: AuditedOrder, campaignSecret: DeckKeys['campaignSecret']): Fault[] {
  const { order, refunds } = one
  const subject = `order ${order.orderNo}`
  return [
    ...cardFaults(one, subject, campaignSecret),
    ...figureFaults(one, subject),
    ...orderLifeFaults(one),
    ...refunds.flatMap((one) => refundLifeFaults(order, one)),
    ...postingFaults(one, subject),
    ...refundShareFaults(one),
    ...requestFaults(one, subject),
    ...refunds.flatMap(refundRecordFaults),
  ]
}

/** What was sent is of this order: its agreement and its legs, where the channel is told them. */
function requestFaults({ order, requests, request }: AuditedOrder, subject: string): Fault[] {
  if (requests !== 1) return differ('request-missing', subject, 1, requests)
  const { orderNo, businessDate, payerRef: agreementId } = order
  const said = { orderNo, businessDate, agreementId, legs: postingsOf(order) }
  const told = Object.entries(said).filter(([field]) => request?.[field] !== undefined)
  return told.flatMap(([field, value]) => differ('request-wrong', `${subject} ${field}`, value, request?.[field]))
}

function cardFaults(
  { order, sealedDeck, deckCommitment, ...clear }: AuditedOrder,
  subject: string,
  campaignSecret: DeckKeys['campaignSecret'],
): Fault[] {
  if (!order.card) return differ('discount-not-the-card', subject, 0, order.figures.discountFen)
  const { campaignId, businessDate, slot } = order.card
  const deck = `${campaignId}/${order.merchantCode}/${businessDate}`
  const amountsFen = sealedDeck && amountsOf({ campaignSecret }, sealedDeck)
  // Its deck is told by itself.
  if (sealedDeck && !amountsFen) return []
  const cardFen = amountsFen ? (amountsFen[slot] ?? null) : clear.cardFen
  if (cardFen === null) return [{ code: 'slot-not-dealt', subject, detail: `slot ${slot} of ${deck}` }]
  const told = order.card.commitment
  return [
    ...differ('discount-not-the-card', subject, cardFen, order.figures.discountFen),
    ...(told === undefined ? [] : differ('told-otherwise', subject, deckCommitment, told)),
  ]
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
  const faults = differ(code, subject, plain(expected), plain(found))
  // As they follow from the order, and that can't be: a subsidy that no account bears, e.g. of a wallet's order.
  if (faults.length === 0 && code === 'unbalanced')
    return [{ code, subject, detail: `as its figures: ${plain(found)}` }]
  return faults
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
