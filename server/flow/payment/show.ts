import { OWN_CHANNEL } from '../../domain/channel'
import type { Order, OrderState } from '../../domain/order'
import { NOTHING_REFUNDED } from '../../domain/refund'
import {
  type Agreement,
  type Catalog,
  type Clock,
  type Freshness,
  type Ledger,
  type Merchant,
  type RefundLedger,
  unlessAway,
} from '../ports'
import { allWithRefunds, type RefundedOrder, withRefunds } from '../refund/refunded'
import type { FinalizeDeps } from './finalize'

/** What a payer sees of their own orders. Every figure comes from the order itself (I10). */

export interface PayerShowDeps {
  catalog: Pick<Catalog, 'merchant' | 'agreements'>
  ledger: Pick<Ledger, 'order' | 'payerOrders'>
  refunds: Pick<RefundLedger, 'refundedOf'>
  clock: Clock
}

/** An order with what its payer is told beside it: whom they paid, and from which account. */
export interface PayersOrder {
  order: RefundedOrder
  merchant: Merchant | undefined
  agreement: Agreement | undefined
}

/** The order as its payer may see it; another payer's order doesn't exist for them. */
export async function payerOrder(
  deps: PayerShowDeps,
  payerId: string,
  orderNo: string,
): Promise<PayersOrder | undefined> {
  const order = await deps.ledger.order(orderNo)
  return order?.payerId === payerId ? told(deps, await withRefunds(deps, order)) : undefined
}

/**
 * What a pay that began at `began` (ms) answers. Only an order that had ended before is asked about: a retry's, which may have
 * been refunded since. One that may just have been booked is told whatever fails around it: that is an alarm, and no error to its payer.
 */
export async function payAnswer(
  deps: PayerShowDeps & Pick<FinalizeDeps, 'onAlarm'>,
  order: Order,
  began: number,
): Promise<PayersOrder> {
  if (order.endedAt !== null && order.endedAt < began) return told(deps, await withRefunds(deps, order))
  const fresh = { ...order, refunded: NOTHING_REFUNDED }
  return toldOfNew(deps, fresh).catch((error) => {
    deps.onAlarm({ code: 'pay-told-in-part', orderNo: order.orderNo, error })
    return { order: fresh, merchant: undefined, agreement: undefined }
  })
}

/** By what it was opened with a moment ago. */
async function toldOfNew(deps: PayerShowDeps, order: RefundedOrder): Promise<PayersOrder> {
  const [one] = await allTold(deps, order.payerId, [order], 'believed')
  // Another process opened it, by an agreement that this one hadn't heard of.
  return one!.agreement || order.channel !== OWN_CHANNEL ? one! : told(deps, order)
}

/** What its payer may take for another payment's: long enough to walk out of the shop and back to the page. */
const JUST_PAID_MS = 10 * 60_000
/** An order the bank hasn't answered for by then is the reconciliation's, and no warning at a counter any more. */
const UNFINISHED_MS = 3 * 24 * 3_600_000

/**
 * A page of the payer's own orders, newest first, each with what of it went back. `recent` are those to be seen before
 * paying again: unfinished ones of the last three days, and what was paid in the last ten minutes by the server's clock.
 */
export async function payerOrders(
  deps: PayerShowDeps,
  payerId: string,
  { merchantCode, state, cursor }: { merchantCode?: string; state?: OrderState | 'recent'; cursor?: string },
): Promise<{ items: PayersOrder[]; nextCursor?: string }> {
  const now = deps.clock.now()
  const which =
    state === 'recent'
      ? { merchantCode, recent: { openedFrom: now - UNFINISHED_MS, paidFrom: now - JUST_PAID_MS } }
      : { merchantCode, state }
  const page = await allWithRefunds(deps, await deps.ledger.payerOrders(payerId, which, cursor, 20))
  return { ...page, items: await allTold(deps, payerId, page.items) }
}

/** Whether the payer has an order by this key, however it stands. */
export async function wasAsked(
  { ledger }: { ledger: Pick<Ledger, 'orderByKey'> },
  payerId: string,
  idempotencyKey: string,
): Promise<boolean> {
  return (await ledger.orderByKey(payerId, idempotencyKey)) !== undefined
}

async function told(deps: PayerShowDeps, order: RefundedOrder): Promise<PayersOrder> {
  const [one] = await allTold(deps, order.payerId, [order])
  return one!
}

/** Orders of one payer, told although the ledger that knows the names around them went away just now: one may be paid. */
async function allTold(
  { catalog }: PayerShowDeps,
  payerId: string,
  orders: readonly RefundedOrder[],
  fresh?: Freshness,
): Promise<PayersOrder[]> {
  const [agreements, ...merchants] = await Promise.all([
    unlessAway(catalog.agreements(payerId, fresh), []),
    ...orders.map((order) => unlessAway(catalog.merchant(order.merchantCode, fresh), undefined)),
  ])
  return orders.map((order, i) => ({
    order,
    merchant: merchants[i],
    agreement: agreements.find((one) => one.agreementId === order.payerRef),
  }))
}
