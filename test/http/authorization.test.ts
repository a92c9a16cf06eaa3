import { PERMISSIONS, ROLES, type Role, WHOLE_BANK } from '../../server/domain/operator'
import type { OperatorRecord } from '../../server/flow/ports'
import { actorOf } from '../../server/http/actor'
import { apiRoutes } from '../../server/http/app'
import type { Route } from '../../server/http/route'
import { httpDepsOf, MERCHANT, startFlow } from '../support/flow'
import { type LogInHouse, openHouse } from '../support/log-in-house'

/** Whoever asks, with what the server should hold against it before it looks at anything else; null: nothing. */
interface Caller {
  name: string
  refusal(route: Route): string | null
}

/** Before anybody is logged in. */
const OPEN = [
  'GET /admin/session/ways',
  'POST /admin/session',
  'POST /admin/session/second-factor',
  'POST /admin/session/ticket',
  'POST /admin/session/refresh',
  'GET /admin/oidc/start',
  'GET /admin/oidc/callback',
]
const REFUSALS = new Set(
  'token-missing token-invalid token-expired role-refused branch-refused password-change-due'.split(' '),
)

const rolesOf = (route: Route): readonly Role[] => (route.permission ? PERMISSIONS[route.permission] : ROLES)
const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method} ${path}`

/** All that one person may be given who lets nobody in. */
const OFFICE = ROLES.filter((role) => role !== 'admin')

/** What a branch is, is the whole bank's to say: flow refuses it, once the input is sound. */
const OF_BRANCHES = ['PATCH /admin/branches/:code']

const CALLERS: Caller[] = [
  { name: 'nobody', refusal: () => 'token-missing' },
  { name: 'a payer', refusal: () => 'role-refused' },
  { name: 'a merchant', refusal: () => 'role-refused' },
  ...ROLES.map((role) => ({
    name: role,
    refusal: (route: Route) => (rolesOf(route).includes(role) ? null : 'role-refused'),
  })),
  { name: 'must-change', refusal: ({ permission }) => (permission === null ? null : 'password-change-due') },
  {
    name: 'of-a-branch',
    refusal: (route) =>
      route.permission === 'operators'
        ? 'role-refused'
        : (route.permission && WHOLE_BANK.includes(route.permission)) || OF_BRANCHES.includes(nameOf(route))
          ? 'branch-refused'
          : null,
  },
]

const routes = apiRoutes(httpDepsOf(startFlow()))
  .filter((route) => route.actor === 'operator')
  // Logging out comes last, so that the others are asked by who is logged in.
  .sort((a, b) => Number(a.path === '/admin/session/end') - Number(b.path === '/admin/session/end'))

/** What is wrong with how routes are registered, whoever asks. */
function faultsOf(list: readonly Route[]): string[] {
  return list.flatMap((route) => {
    const under = route.path.startsWith('/admin')
    if (route.actor !== 'operator') return under && !OPEN.includes(nameOf(route)) ? [`${nameOf(route)} is open`] : []
    if (!under) return [`${nameOf(route)} is an operator’s, and not under /admin`]
    return route.permission === undefined ? [`${nameOf(route)} takes no permission`] : []
  })
}

describe('the authorization of operators', () => {
  let house: LogInHouse
  const tokens = new Map<string, string | undefined>([['nobody', undefined]])

  beforeAll(async () => {
    house = await openHouse()
    tokens.set('a payer', await house.payer('payer-1'))
    tokens.set('a merchant', house.owner(MERCHANT.merchantCode))
    const people: [string, Partial<OperatorRecord>][] = [
      ...ROLES.map((role): [string, Partial<OperatorRecord>] => [role, { roles: [role] }]),
      ['must-change', { roles: OFFICE, mustChangePassword: true }],
      ['of-a-branch', { roles: OFFICE, branchCode: MERCHANT.branchCode }],
    ]
    for (const [name, more] of people) {
      await house.add(name, more)
      const { token } = (await house.logIn(name)).body
      expect([name, token]).toEqual([name, expect.any(String)])
      tokens.set(name, token)
    }
  })
  afterAll(() => house?.stop())

  /** As it would be asked in earnest, of things that aren't there. */
  const ask = (route: Route, token: string | undefined) => {
    const path = route.path.replace(/:(\w+)/g, (_, name) => (/date/i.test(name) ? '2020-01-01' : 'none-1'))
    const raw = route.csv ? { type: 'text/csv', text: 'code\n' } : { type: 'application/json', text: '{}' }
    const more = { ...(route.ifMatch && { ifMatch: 1 }), ...(route.method !== 'GET' && { raw }) }
    return house.call(route.method, path, token, more)
  }

  it('covers every route of the server that is under /admin', async () => {
    const { paths } = (await house.call('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { security: unknown[] }>>
    }
    const documented = Object.entries(paths)
      .filter(([path]) => path.startsWith('/admin'))
      .flatMap(([path, verbs]) => Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`))
    const listed = [...routes.map(nameOf), ...OPEN].map((name) => name.replace(/:(\w+)/g, '{$1}'))
    expect([...documented].sort()).toEqual([...listed].sort())
    expect(routes.length).toBeGreaterThan(10)
  })

  it('is said of every route, and of none by forgetting it', () => {
    expect(faultsOf(apiRoutes(httpDepsOf(startFlow())))).toEqual([])
    const [one] = routes
    const wrong = [
      { ...one!, permission: undefined },
      { ...one!, actor: 'anyone' as const },
      { ...one!, path: '/api/secret' },
    ]
    expect(wrong.map((route) => faultsOf([route]).length)).toEqual([1, 1, 1])
  })

  it('refuses everybody where it was forgotten all the same', async () => {
    const operator = { username: 'any', name: 'any', roles: [...ROLES], branchCode: null }
    const deps = httpDepsOf(startFlow())
    const operators = {
      ...deps.operators,
      session: async () => ({ operator, mustChangePassword: false, secondFactor: false }),
    }
    const { token } = deps.tokens.issue({ kind: 'operator', sessionId: 's' }, deps.clock.now())
    const asked = (permission: Route['permission']) =>
      actorOf({ ...deps, operators }, { ...routes[0]!, permission }, `Bearer ${token}`)
    expect(await asked('look')).toMatchObject({ username: 'any' })
    await expect(asked(undefined)).rejects.toThrow('role-refused')
  })

  it.each(CALLERS)('of $name is as the permissions say, on every route', async ({ name, refusal }) => {
    const wrong: string[] = []
    for (const route of routes) {
      const { status, body } = await ask(route, tokens.get(name))
      const { code } = (body ?? {}) as { code?: string }
      const found = code !== undefined && REFUSALS.has(code) ? code : null
      const fits = found === refusal(route) && status < 500 && (found === null || [401, 403].includes(status))
      if (!fits) wrong.push(`${nameOf(route)}: ${status} ${code ?? ''}, not ${refusal(route) ?? 'let through'}`)
    }
    expect(wrong).toEqual([])
  })
})
