import type { HttpDeps } from '../deps'
import type { Route } from '../route'
import { adminBindingRoutes } from './admin-binding'
import { adminMerchantRoutes } from './admin-merchant'
import { adminOrderRoutes } from './admin-order'
import { bindingRoutes } from './binding'
import { bookRoutes } from './books'
import { reportRoutes } from './report'

/** What operators read and keep beside campaigns: reports, books, merchants and their users, orders, refunds. */
export function deskRoutes(deps: HttpDeps): Route[] {
  return [
    ...reportRoutes(deps),
    ...bookRoutes(deps),
    ...adminMerchantRoutes(deps),
    ...adminBindingRoutes(deps),
    ...adminOrderRoutes(deps),
    ...bindingRoutes(deps),
  ]
}
