import type { HttpDeps } from '../../deps'
import type { Route } from '../../route'
import { bindingRoutes } from '../merchant/binding'
import { adminBindingRoutes } from './binding'
import { bookRoutes } from './books'
import { adminMerchantRoutes } from './merchant'
import { adminOrderRoutes } from './order'
import { reportRoutes } from './report'
import { suspicionRoutes } from './suspicion'

/** What operators read and keep beside campaigns: reports, books, merchants and their users, orders, refunds. */
export function deskRoutes(deps: HttpDeps): Route[] {
  return [
    ...reportRoutes(deps),
    ...bookRoutes(deps),
    ...adminMerchantRoutes(deps),
    ...adminBindingRoutes(deps),
    ...adminOrderRoutes(deps),
    ...suspicionRoutes(deps),
    ...bindingRoutes(deps),
  ]
}
