import { z } from 'zod'
import { addDays, businessDate } from '../../../domain/business-date'
import { archivedBefore } from '../../../flow/archive/archived'
import { aroundOf, deskOrder, deskOrders, deskReplies } from '../../../flow/payment/desk'
import { search } from '../../../flow/payment/search'
import type { DeskCursor } from '../../../flow/ports'
import { deskRefunds } from '../../../flow/refund/desk'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { MISSING_ORDER, missingOrder } from '../../missing-order'
import { presentAround, presentDeskOrder, presentDeskOrderDetail, presentDeskRefund } from '../../present/desk'
import { iso } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** Orders and refunds for whoever answers a complaint. */
export function adminOrderRoutes(deps: HttpDeps): Route[] {
  return [findAnything(deps), listOrders(deps), readOrder(deps), readReplies(deps), readAround(deps), listRefunds(deps)]
}

type OrderQuery = Omit<z.output<typeof contract.adminOrderQuery>, 'cursor'>
const params = z.object({ orderNo: z.string().max(64) })

const findAnything = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/search',
    summary: 'Payments, refunds and merchants by whatever is known of them',
    actor: 'operator',
    permission: 'look',
    query: contract.searchQuery,
    reply: contract.searchResult,
    async handle({ actor, query }) {
      const { merchants, orders, refunds, ...found } = await search(deps, actor, query.q)
      return {
        ...found,
        merchants: merchants.map(({ merchantCode: code, name }) => ({ code, name })),
        orders: orders.map(presentDeskOrder),
        refunds: refunds.map(presentDeskRefund),
      }
    },
  })

const listOrders = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/orders',
    summary: 'Orders, newest first',
    actor: 'operator',
    permission: 'look',
    query: contract.adminOrderQuery,
    reply: contract.adminOrderList,
    async handle({ actor, query: { cursor, ...query } }) {
      const given = { ...orderFilter(query), after: cursorOf(cursor) }
      const page = await deskOrders(deps, actor, given)
      const { items, nextCursor } = page
      return {
        items: items.map(presentDeskOrder),
        nextCursor: nextCursor && cursorText(nextCursor),
        archivedBefore: await archivedOf(deps, query, page),
      }
    },
  })

const readOrder = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/orders/:orderNo',
    summary: 'An order with what happened to it and what was posted',
    actor: 'operator',
    permission: 'look',
    params,
    reply: contract.adminOrderDetail,
    problems: MISSING_ORDER,
    async handle({ actor, params }) {
      const order = await deskOrder(deps, actor, params.orderNo)
      if (!order) throw await missingOrder(deps, params.orderNo, 'bank')
      return presentDeskOrderDetail(order)
    },
  })

const readReplies = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/orders/:orderNo/replies',
    summary: 'What the channel literally said of an order, without what names its payer',
    actor: 'operator',
    permission: 'books',
    params,
    reply: contract.adminReplyList,
    problems: MISSING_ORDER,
    async handle({ actor, params }) {
      const replies = await deskReplies(deps, actor, params.orderNo)
      if (!replies) throw await missingOrder(deps, params.orderNo, 'bank')
      return { items: replies.map((one) => ({ ...one, at: iso(one.at) })) }
    },
  })

const readAround = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/orders/:orderNo/around',
    summary: 'What happened at its merchant around it: orders, cards, what stopped discounts',
    actor: 'operator',
    permission: 'look',
    params,
    query: contract.aroundQuery,
    reply: contract.aroundView,
    problems: MISSING_ORDER,
    async handle({ actor, params, query }) {
      const around = await aroundOf(deps, actor, params.orderNo, query.minutes)
      if (!around) throw await missingOrder(deps, params.orderNo, 'bank')
      // An order that is here may have been among those that are archived.
      const first = businessDate(around.from)
      return { ...presentAround(around), archivedBefore: await archivedBefore(deps, {}, first) }
    },
  })

const listRefunds = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/refunds',
    summary: 'Refunds, newest first',
    actor: 'operator',
    permission: 'look',
    query: contract.adminRefundQuery,
    reply: contract.adminRefundList,
    async handle({ actor, query: { cursor, ...query } }) {
      const given = { ...refundFilter(query), after: cursorOf(cursor) }
      const { items, nextCursor } = await deskRefunds(deps, actor, given)
      return { items: items.map(presentDeskRefund), nextCursor: nextCursor && cursorText(nextCursor) }
    },
  })

/** An order that has no ending after so long is a statement's to decide. */
const ENDED_WITHIN_DAYS = 7

/** Before which date orders by these filters are archived, at the end of their list. Those without an ending and corrected ones never are. */
export async function archivedOf(deps: HttpDeps, query: OrderQuery, page: { nextCursor?: unknown } = {}) {
  const { state, stuck, corrected, date, from, deckFrom, endedOn } = query
  if (state === 'paying' || stuck || corrected) return undefined
  const first = date ?? from ?? deckFrom ?? (endedOn && addDays(endedOn, -ENDED_WITHIN_DAYS))
  return archivedBefore(deps, page, first)
}

/** A list and its file go by the same filters. */
export function orderFilter({ branchCode, discounted, corrected, stuck, ...rest }: OrderQuery & { cursor?: string }) {
  const { cursor: _, ...filter } = rest
  return {
    ...filter,
    ofBranch: branchCode,
    discounted: isTrue(discounted),
    corrected: isTrue(corrected),
    stuck: isTrue(stuck),
  }
}

export function refundFilter({ branchCode, asked, ...rest }: z.output<typeof contract.adminRefundQuery>) {
  const { cursor: _, ...filter } = rest
  return { ...filter, ofBranch: branchCode, asked: isTrue(asked) }
}

const isTrue = (said: 'true' | undefined) => said === 'true' || undefined

const CURSOR = /^(\d{4}-\d{2}-\d{2})\.(\d{1,15})\.(\S{1,64})$/

function cursorText({ businessDate, createdAt, number }: DeskCursor): string {
  return `${businessDate}.${createdAt}.${number}`
}

/** Problem: invalid-input for a cursor that is none of ours. */
function cursorOf(text: string | undefined): DeskCursor | undefined {
  if (text === undefined) return undefined
  const [, businessDate, createdAt, number] = CURSOR.exec(text) ?? []
  if (!contract.businessDate.safeParse(businessDate).success || number === undefined)
    throw new HttpProblem('invalid-input', { field: 'cursor', detail: 'this cursor is none of ours' })
  return { businessDate: businessDate!, createdAt: Number(createdAt), number }
}
