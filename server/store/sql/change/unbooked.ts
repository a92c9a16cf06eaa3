import { endAsUnbooked } from '../payment/end-order'
import { orderFault, refundFault } from '../reconcile/unbooked'
import { refundUnmade } from '../refund/refund-ledger'
import type { About, Kind } from './kind'

/** An order, or a refund, that two people end as never booked (`check` holds it against the statements, and locks it). */

const numberOf = ({ subject }: Pick<About, 'subject'>) => subject.slice(subject.indexOf('/') + 1)

export const orderEnd: Kind = {
  async check(tx, about) {
    const code = await orderFault(tx, numberOf(about))
    return code && { code, field: 'orderNo' }
  },
  async apply(tx, request, at) {
    if (!(await endAsUnbooked(tx, numberOf(request), at, request.changeId))) throw new Error(`${request.subject} ended`)
  },
}

export const refundEnd: Kind = {
  async check(tx, about) {
    const code = await refundFault(tx, numberOf(about))
    return code && { code, field: 'refundNo' }
  },
  async apply(tx, request, at) {
    if (!(await refundUnmade(tx, numberOf(request), at, request.changeId))) throw new Error(`${request.subject} ended`)
  },
}
