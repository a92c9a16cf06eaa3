import type { ComponentType } from 'react'
import type { PageProps } from './page-props'
import type { Permission } from './permissions'

/** A page that exists. Adding one is a folder in `pages/` and a line here. */
export interface Page {
  /** below `#/console/`; a part with a colon is a parameter. The first that fits is taken. */
  path: string
  /** what an operator needs to open it */
  permission: Permission
  /** which entry of the navigation it belongs to */
  section: Section
  load(): Promise<{ default: ComponentType<PageProps> }>
}

/** The navigation, in its order. An entry is shown to those who may open its first page. */
export const SECTIONS = [
  ['home', '今天'],
  ['notifications', '消息'],
  ['campaigns', '活动'],
  ['reviews', '待复核'],
  ['todo', '待办'],
  ['merchants', '商户'],
  ['reconciliation', '对账'],
  ['suspicions', '可疑交易'],
  ['orders', '订单'],
  ['refunds', '退款'],
  ['audit', '审计日志'],
  ['operators', '操作员'],
] as const
export type Section = (typeof SECTIONS)[number][0]

export const PAGES: readonly Page[] = [
  page('home', 'look', 'home', () => import('./pages/home')),
  page('notifications', 'look', 'notifications', () => import('./pages/notifications')),
  page('campaigns', 'look', 'campaigns', () => import('./pages/campaigns')),
  page('campaigns/new', 'draft', 'campaigns', () => import('./pages/campaign-edit')),
  page('campaigns/:id', 'look', 'campaigns', () => import('./pages/campaign')),
  page('campaigns/:id/edit', 'draft', 'campaigns', () => import('./pages/campaign-edit')),
  page('campaigns/:id/report', 'look', 'campaigns', () => import('./pages/campaign-report')),
  page('campaigns/:id/report/sign', 'look', 'campaigns', () => import('./pages/sheet/report')),
  page('campaigns/:id/decks/:merchant/:date', 'look', 'campaigns', () => import('./pages/deck')),
  page('reviews', 'look', 'reviews', () => import('./pages/reviews')),
  page('merchants', 'look', 'merchants', () => import('./pages/merchants')),
  page('merchants/:code', 'look', 'merchants', () => import('./pages/merchants/detail')),
  page('merchant-import', 'merchants', 'merchants', () => import('./pages/merchants/import')),
  page('binding-cards', 'merchants', 'merchants', () => import('./pages/merchants/cards')),
  page('other-counts', 'merchants', 'merchants', () => import('./pages/merchants/counts')),
  page('branches', 'look', 'merchants', () => import('./pages/merchants/branches')),
  page('todo', 'books', 'todo', () => import('./pages/todo')),
  page('reconciliation', 'books', 'reconciliation', () => import('./pages/reconciliation')),
  page('reconciliation/:date', 'books', 'reconciliation', () => import('./pages/reconciliation/day')),
  page('reconciliation/:date/sign', 'books', 'reconciliation', () => import('./pages/sheet/day')),
  page('suspicions', 'suspicions', 'suspicions', () => import('./pages/suspicions')),
  page('suspicions/:id', 'suspicions', 'suspicions', () => import('./pages/suspicions/detail')),
  page('search', 'look', 'orders', () => import('./pages/search')),
  page('orders', 'look', 'orders', () => import('./pages/orders')),
  page('orders/:orderNo', 'look', 'orders', () => import('./pages/orders/detail')),
  page('orders/:orderNo/around', 'look', 'orders', () => import('./pages/orders/around')),
  page('refunds', 'look', 'refunds', () => import('./pages/refunds')),
  page('audit', 'log', 'audit', () => import('./pages/audit')),
  page('operators', 'operators', 'operators', () => import('./pages/operators')),
]

function page(path: string, permission: Permission, section: Section, load: Page['load']): Page {
  return { path, permission, section, load }
}
