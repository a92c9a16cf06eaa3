import { apiRoutes } from '../../server/http/app'
import type { Route } from '../../server/http/route'
import { httpDepsOf, startFlow } from '../support/flow'

/** What an operator changes or decides names what they saw. Those that name nothing, each with its reason. */
const WITHOUT: Record<string, string> = {
  'POST /admin/campaigns': 'makes a new one',
  'POST /admin/campaigns/preview': 'keeps nothing',
  'POST /admin/merchants/codes': 'keeps nothing',
  'POST /admin/campaigns/:id/pause': 'stopping is right whatever has changed',
  'POST /admin/merchants/:code/pause': 'stopping is right whatever has changed',
  'POST /admin/brake': 'stopping is right whatever has changed',
  'POST /admin/session/end': 'is one’s own',
  'DELETE /admin/sketches/:name': 'is one’s own',
  'POST /admin/notifications/read': 'is one’s own',
  'POST /admin/templates': 'makes a new one',
  'DELETE /admin/templates/:id': 'one never changes',
  'POST /admin/second-factor': 'is one’s own',
  'POST /admin/second-factor/confirm': 'is one’s own',
  'POST /admin/password': 'is one’s own, and names the password before',
  'POST /admin/counts/import': 'what differs is the next revision, and the file is dry-run first',
  'POST /admin/merchants/import':
    'a file says what it makes of each merchant; what moves money is held against what was there',
  'POST /admin/merchants/:code/binding-codes': 'makes a new one',
  'POST /admin/merchants/:code/users/:bindingId/unbind': 'names one binding, which can only end',
  'POST /admin/reconciliations/:date': 'a day is done once, whoever asks',
  'POST /admin/reconciliations/:date/keep': 'names the file that was seen by its hash',
  'POST /admin/campaigns/:id/report/sheet': 'changes nothing, and says what it was made of',
  'POST /admin/reconciliations/:date/sheet': 'changes nothing, and says what it was made of',
  'POST /admin/scorings/:date': 'a day is scored once, whoever asks',
  'PATCH /admin/operators/:username': 'disables or renames at once; what an operator may is a change request',
  'PATCH /admin/merchants/:code': 'renames at once; account and branch are a change request',
  'POST /admin/operators/:username/unlock': 'ends a lock, and another may begin at any time',
}

const routes = apiRoutes(httpDepsOf(startFlow())).filter(
  ({ actor, method }) => actor === 'operator' && method !== 'GET',
)
const nameOf = ({ method, path }: Route) => `${method} ${path}`
/** A change request keeps what was true when it was asked for, and is overtaken when it isn't so any more. */
const isRequest = ({ status }: Route) => status === 202

describe('If-Match', () => {
  it('is asked for by every route by which an operator changes or decides anything, but for a list with its reasons', () => {
    const lacking = routes.filter((route) => !route.ifMatch && !isRequest(route)).map(nameOf)
    expect(lacking.filter((name) => !WITHOUT[name])).toEqual([])
    expect(routes.filter(({ ifMatch }) => ifMatch).length).toBeGreaterThan(12)
  })

  it('stands with none of the list, which would then be wrong', () => {
    expect(routes.filter(({ ifMatch }) => ifMatch).filter((route) => WITHOUT[nameOf(route)])).toEqual([])
  })
})
