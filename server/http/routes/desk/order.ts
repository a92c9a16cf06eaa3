import { z } from 'zod'
import { deskOrder, deskOrders } from '../../../flow/payment/desk'
import type { DeskCursor } from '../../../flow/ports'
import { deskRefunds } from '../../../flow/refund/desk'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentDeskOrder, presentDeskOrderDetail, presentDeskRefund } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** Orders and refunds for whoever answers a complaint. */
export function adminOrderRoutes(deps: HttpDeps): Route[] {
  return [listOrders(deps), readOrder(deps), listRefunds(deps)]
}

const listOrders = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/orders',
    summary: 'Orders, newest first',
    actor: 'operator',
    permission: 'look',
    query: contract.adminOrderQuery,
    reply: contract.adminOrderList,
    async handle({ actor, query: { cursor, discounted, ...filter } }) {
      const given = { ...filter, discounted: discounted === 'true', after: cursorOf(cursor) }
      const { items, nextCursor } = await deskOrders(deps, actor, given)
      return { items: items.map(presentDeskOrder), nextCursor: nextCursor && cursorText(nextCursor) }
    },
  })

const readOrder = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/orders/:orderNo',
    summary: 'An order with what happened to it and what was posted',
    actor: 'operator',
    permission: 'look',
    params: z.object({ orderNo: z.string().max(64) }),
    reply: contract.adminOrderDetail,
    problems: ['order-not-found'],
    async handle({ actor, params }) {
      const order = await deskOrder(deps, actor, params.orderNo)
      if (!order) throw new HttpProblem('order-not-found', { field: 'orderNo' })
      return presentDeskOrderDetail(order)
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
    async handle({ actor, query: { cursor, ...filter } }) {
      const { items, nextCursor } = await deskRefunds(deps, actor, { ...filter, after: cursorOf(cursor) })
      return { items: items.map(presentDeskRefund), nextCursor: nextCursor && cursorText(nextCursor) }
    },
  })

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
