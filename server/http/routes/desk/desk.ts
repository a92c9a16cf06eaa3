import type { HttpDeps } from '../../deps'
import type { Route } from '../../route'
import { bindingRoutes } from '../merchant/binding'
import { adminBindingRoutes } from './binding'
import { bookRoutes } from './books'
import { effectRoutes } from './effect'
import { homeRoutes } from './home'
import { adminMerchantRoutes } from './merchant'
import { notificationRoutes } from './notification'
import { adminOrderRoutes } from './order'
import { adminRefundRoutes } from './refund'
import { reportRoutes } from './report'
import { sheetRoutes } from './sheet'
import { suspicionRoutes } from './suspicion'
import { takeHomeRoutes } from './take-home'
import { todoRoutes } from './todo'

/** What operators read and keep beside campaigns: reports, books, merchants and their users, orders, refunds. */
export function deskRoutes(deps: HttpDeps): Route[] {
  return [
    ...homeRoutes(deps),
    ...notificationRoutes(deps),
    ...reportRoutes(deps),
    ...sheetRoutes(deps),
    ...effectRoutes(deps),
    ...bookRoutes(deps),
    ...todoRoutes(deps),
    // before those of one order or merchant: `orders.csv` is no number
    ...takeHomeRoutes(deps),
    ...adminMerchantRoutes(deps),
    ...adminBindingRoutes(deps),
    ...adminOrderRoutes(deps),
    ...adminRefundRoutes(deps),
    ...suspicionRoutes(deps),
    ...bindingRoutes(deps),
  ]
}
