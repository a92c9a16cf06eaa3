import type { Order } from '../../../domain/order'

/** Pages of orders by a moment and the order's number, both descending, which no order that comes meanwhile can shift. */
interface Place {
  at: number
  orderNo: string
}

/** Every place is after this one: the largest safe integer, far beyond any moment. */
const BEGINNING: Place = { at: Number.MAX_SAFE_INTEGER, orderNo: '' }

const CURSOR = /^(\d{1,15})\.(\S{1,64})$/

/** The place that a cursor of {@link pageOf} names; undefined for one that is none of ours. */
export function pageAfter(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return BEGINNING
  const [, at, orderNo] = CURSOR.exec(cursor) ?? []
  return at === undefined || orderNo === undefined ? undefined : { at: Number(at), orderNo }
}

/** `found` was asked for one more than `limit`, which tells whether there is a next page. */
export function pageOf(
  found: Order[],
  limit: number,
  momentOf: (order: Order) => number | null,
): { items: Order[]; nextCursor?: string } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return found.length > limit && last ? { items, nextCursor: `${momentOf(last)}.${last.orderNo}` } : { items }
}
