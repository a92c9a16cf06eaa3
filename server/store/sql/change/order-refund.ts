import { businessDate } from '../../../domain/business-date'
import { MAX_REFUNDS, type Refund } from '../../../domain/refund'
import { insertRefund, lockedOrder, standingRefunds } from '../refund/open-refund'
import type { About, Kind, Tx } from './kind'

/** What an operator asks for: of the order so much goes back, by these shares. */
interface Wish extends Pick<Refund, 'refundNo'> {
  payerFen: number
  merchantFen: number
  glFen: number
  /** for the merchant's own list */
  reason: string
}

const orderNoOf = ({ subject }: Pick<About, 'subject'>) => subject.slice('order/'.length)

async function leftOf(tx: Tx, about: Pick<About, 'subject'>) {
  const order = await lockedOrder(tx, { orderNo: orderNoOf(about) })
  if (!order) return undefined
  const before = await standingRefunds(tx, order.orderNo)
  return { order, count: before.count, leftFen: order.figures.payableFen - before.payerFen }
}

/** A payer gets back what they paid, by the word of two operators; it is sent as any refund is whose answer was lost. */
export const orderRefund: Kind = {
  async check(tx, about) {
    const found = await leftOf(tx, about)
    if (!found) return { code: 'subject-missing', field: 'orderNo' }
    if (found.order.state !== 'paid') return { code: 'order-not-paid', field: 'orderNo' }
    if ((about.after as Wish).payerFen > found.leftFen) return { code: 'refund-above-paid', field: 'amountFen' }
    return found.count >= MAX_REFUNDS ? { code: 'too-many-refunds', field: 'orderNo' } : null
  },

  // Whatever went back meanwhile changes it, and with it the shares.
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
