import { businessDate } from '../../../domain/business-date'
import { MAX_REFUNDS, type Refund, type RefundShares, refundShares } from '../../../domain/refund'
import { insertRefund, lockedOrder, standingRefunds } from '../refund/open-refund'
import type { About, Kind, Tx } from './kind'

/** What an operator asks for: of the order so much goes back, by these shares. */
interface Wish extends Pick<Refund, 'refundNo'>, RefundShares {
  /** what both saw would be left to give back after it */
  leftFen: number
  /** for the merchant's own list */
  reason: string
}

const orderNoOf = ({ subject }: Pick<About, 'subject'>) => subject.slice('order/'.length)

async function leftOf(tx: Tx, about: Pick<About, 'subject'>) {
  const order = await lockedOrder(tx, { orderNo: orderNoOf(about) })
  if (!order) return undefined
  const { count, ...before } = await standingRefunds(tx, order.orderNo)
  return { order, count, before, leftFen: order.figures.payableFen - before.payerFen }
}

/**
 * Whether it is to the fen what the refund would be if it were made now. What gives the payer nothing shifts shares too: a claw-back
 * that came between, or failed.
 */
function asSeen({ order, before, leftFen }: NonNullable<Awaited<ReturnType<typeof leftOf>>>, wish: Wish): boolean {
  const shares = refundShares(order.figures, before, wish.payerFen)
  return (
    wish.leftFen === leftFen - wish.payerFen && wish.merchantFen === shares.merchantFen && wish.glFen === shares.glFen
  )
}

/** A payer gets back what they paid, by the word of two operators; it is sent as any refund is whose answer was lost. */
export const orderRefund: Kind = {
  async check(tx, about) {
    const found = await leftOf(tx, about)
    if (!found) return { code: 'subject-missing', field: 'orderNo' }
    if (found.order.state !== 'paid') return { code: 'order-not-paid', field: 'orderNo' }
    const wish = about.after as Wish
    if (wish.payerFen > found.leftFen) return { code: 'refund-above-paid', field: 'amountFen' }
    if (found.count >= MAX_REFUNDS) return { code: 'too-many-refunds', field: 'orderNo' }
    return asSeen(found, wish) ? null : { code: 'subject-changed', field: 'leftFen' }
  },

  // For whoever reviews it; `check` holds the shares against what is there.
  async standing(tx, about) {
    const found = await leftOf(tx, about)
    return found && { leftFen: found.leftFen }
  },

  async apply(tx, request, at) {
    const { refundNo, reason, payerFen, merchantFen, glFen } = request.after as Wish
    const { order } = (await leftOf(tx, request))!
    const refund: Refund = {
      refundNo,
      orderNo: order.orderNo,
      businessDate: businessDate(at),
      shares: { payerFen, merchantFen, glFen },
      reason,
      state: 'refunding',
      createdAt: at,
      endedAt: null,
      channelRefundNo: null,
      failReason: null,
    }
    const idempotency = { key: `change ${request.changeId}`, inputHash: '' }
    await insertRefund(tx, refund, order, { idempotency, firstQueryAt: () => at })
  },
}
