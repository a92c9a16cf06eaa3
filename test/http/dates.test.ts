import { z } from 'zod'
import { ask } from '../../harness/ask'
import { ROLES } from '../../server/domain/operator'
import type { Operators } from '../../server/flow/ports'
import { apiRoutes } from '../../server/http/app'
import type { Problem } from '../../server/http/contract'
import type { Route } from '../../server/http/route'
import { httpDepsOf, serveApp, startFlow } from '../support/flow'

/** Dates that no calendar of ours has. Year 0000 was a 500 on every route that takes a date. */
const NO_DATES = ['0000-01-01', '0001-01-01', '1999-12-31', '2200-01-01', '9999-12-31', '2026-02-30', '2026-13-01']

const flow = startFlow()
// An administrator makes and checks nothing.
const roles = ROLES.filter((role) => role !== 'admin')
const operator = { username: 'all', name: '全', roles, branchCode: null }
const session = async () => ({ operator, mustChangePassword: false })
const deps = httpDepsOf(flow, { operators: { session } as unknown as Operators })

type Part = 'params' | 'query' | 'body'
interface Property {
  format?: string
  anyOf?: Property[]
}

/** The fields of a part that are dates, as OpenAPI has them. */
function datesOf(route: Route, part: Part): string[] {
  const schema: z.ZodType | undefined = route[part]
  if (!schema) return []
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' }) as { properties?: Record<string, Property> }
  const isDate = ({ format, anyOf = [] }: Property): boolean => format === 'date' || anyOf.some(isDate)
  return Object.keys(properties).filter((name) => isDate(properties[name]!))
}

const cases = apiRoutes(deps).flatMap((route) =>
  (['params', 'query', 'body'] as const).flatMap((part) =>
    datesOf(route, part).map((field) => ({
      route,
      part,
      field,
      name: `${route.method} ${route.path}, ${field} of its ${part}`,
    })),
  ),
)

describe('a date that there isn’t is the caller’s fault', () => {
  let app: Awaited<ReturnType<typeof serveApp>>
  beforeAll(async () => {
    app = await serveApp(deps)
  })
  afterAll(() => app.stop())

  const tokenFor = ({ actor }: Route) => {
    const issue = (bearer: Parameters<typeof deps.tokens.issue>[0]) => deps.tokens.issue(bearer, flow.clock.at).token
    if (actor === 'operator') return issue({ kind: 'operator', sessionId: 's' })
    return actor === 'merchant'
      ? issue({ kind: 'merchant', merchantCode: 'M0001' })
      : issue({ kind: 'payer', payerId: 'p' })
  }

  it('on each of the routes that take one', () => {
    expect(cases.length).toBeGreaterThanOrEqual(13)
  })

  it.each(cases)('$name', async ({ route, part, field }) => {
    for (const date of NO_DATES) {
      const at = route.path.replace(/:(\w+)/g, (_: string, name: string) =>
        part === 'params' && name === field
          ? date
          : name === 'date'
            ? '2026-11-21'
            : name === 'channel'
              ? 'bank'
              : 'M0001',
      )
      const path = part === 'query' ? `${at}?${field}=${date}` : at
      const body = part === 'body' ? { [field]: date } : route.body ? {} : undefined
      const headers = { 'If-Match': '"1"', 'Idempotency-Key': 'key-00000001' }
      const answer = await ask<Problem>(app.url, route.method, path, { token: tokenFor(route), headers, body })
      expect([date, answer.status, answer.body.code]).toEqual([date, 400, 'invalid-input'])
      if (part !== 'body') expect(answer.body.field).toBe(field)
    }
  })
})
