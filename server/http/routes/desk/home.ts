import { refuses } from '../../../domain/operator'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { glances } from '../../glances'
import { presentHome } from '../../present/home'
import { type Route, route } from '../../route'

/** The console's first page: how today is going. */
export function homeRoutes(deps: HttpDeps): Route[] {
  const { today, paces, books } = glances(deps)
  return [
    route({
      method: 'GET',
      path: '/admin/home',
      summary: 'How today is going across campaigns, how yesterday closed, and what waits for somebody',
      actor: 'operator',
      permission: 'look',
      reply: contract.homeView,
      async handle({ actor }) {
        const seesBooks = refuses(actor, 'books') === null
        return presentHome(...(await Promise.all([today(actor.branchCode), paces(), seesBooks ? books() : null])))
      },
    }),
  ]
}
