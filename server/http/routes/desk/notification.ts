import { markRead, notificationPage, unreadCount, untoldOutside } from '../../../flow/notification/show'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentNotification, presentUntold } from '../../present/notification'
import { type Route, route } from '../../route'

/** 消息: what an operator is told of, and what of it they have read. */
export function notificationRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/notifications',
      summary: 'What the operator is told of, newest first, and what couldn’t be told outside of the console',
      actor: 'operator',
      permission: 'look',
      query: contract.notificationQuery,
      reply: contract.notificationList,
      async handle({ actor, query: { cursor } }) {
        const [{ items, nextCursor }, count, untold] = await Promise.all([
          notificationPage(deps, actor, cursor === undefined ? undefined : Number(cursor)),
          unreadCount(deps, actor),
          untoldOutside(deps, actor),
        ])
        return { items: items.map(presentNotification), nextCursor, ...count, outside: untold.map(presentUntold) }
      },
    }),
    route({
      method: 'GET',
      path: '/admin/notifications/unread',
      summary: 'How many of them the operator hasn’t read',
      actor: 'operator',
      permission: 'look',
      reply: contract.unreadView,
      handle: ({ actor }) => unreadCount(deps, actor),
    }),
    route({
      method: 'POST',
      path: '/admin/notifications/read',
      summary: 'Mark as read: these, or all up to one; as far as they are the operator’s',
      actor: 'operator',
      permission: 'look',
      body: contract.readBody,
      reply: contract.unreadView,
      async handle({ actor, body: { ids, upTo } }) {
        return markRead(deps, actor, ids ? { ids } : { upTo: upTo! })
      },
    }),
  ]
}
