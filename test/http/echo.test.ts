import { apiRoutes, createApp } from '../../server/http/app'
import { type Served, serve } from '../../server/serve'
import { httpDepsOf, startFlow } from '../support/flow'

const MARK = 'mark<b>7q1'

/** What somebody writes into an address comes back in no refusal: nobody makes our pages say their words. */
describe('an address’s text', () => {
  const flow = startFlow()
  const everybody = {
    username: 'all',
    name: 'all',
    roles: ['maker', 'checker', 'auditor', 'admin', 'viewer'],
    branchCode: null,
  }
  const operators = { session: async () => ({ operator: everybody, mustChangePassword: false }) }
  const deps = httpDepsOf(flow, { operators: operators as never })
  const routes = apiRoutes(deps)
  let served: Served
  beforeAll(async () => {
    served = await serve(createApp(deps).callback(), 0, '127.0.0.1')
  })
  afterAll(() => served.stop(0))

  const now = flow.clock.at
  const tokens: Record<string, string> = {
    payer: deps.tokens.issue({ kind: 'payer', payerId: 'p1' }, now).token,
    merchant: deps.tokens.issue({ kind: 'merchant', merchantCode: 'M0001' }, now).token,
    operator: deps.tokens.issue({ kind: 'operator', sessionId: 's1' }, now).token,
  }
  async function refusal(method: string, path: string, actor = 'anyone', accept = '*/*') {
    const answer = await fetch(`http://127.0.0.1:${served.port}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        Accept: accept,
        'Content-Type': 'application/json',
        'If-Match': MARK,
        'Idempotency-Key': `${MARK} `,
        ...(tokens[actor] && { Authorization: `Bearer ${tokens[actor]}` }),
      },
      ...(method !== 'GET' && { body: JSON.stringify({ [MARK]: MARK, cursor: MARK }) }),
    })
    return { status: answer.status, said: `${JSON.stringify([...answer.headers])} ${await answer.text()}` }
  }
  const mark = encodeURIComponent(MARK)

  it('stands in no refusal of the API, whatever part of the address it is in', async () => {
    let refused = 0
    for (const { method, path, actor, query } of routes) {
      const names = ['cursor', MARK, ...Object.keys(query?.shape ?? {})]
      const search = names.map((name) => `${encodeURIComponent(name)}=${mark}`).join('&')
      for (const address of [path.replace(/:\w+/g, mark), path.replace(/:\w+/g, 'M0001')]) {
        const { status, said } = await refusal(method, `${address}?${search}`, actor)
        if (status >= 400) refused++
        if (status >= 400) expect(`${method} ${path} ${said}`).not.toContain('7q1')
      }
    }
    expect(refused).toBeGreaterThan(routes.length)
  })

  it.each([
    `/${mark}`,
    `/${mark}.txt`,
    `/%7q1%`,
    `//7q1/..%2f7q1`,
    `/q/${mark}`,
    `/login/${mark}`,
    `/login/wechat?to=${mark}`,
    `/login/wechat/back?state=${mark}&code=${mark}`,
    `/admin/oidc/callback?error=${mark}&error_description=${mark}`,
    `/channel/${mark}/notify`,
    `/api/merchants/${mark}?${mark}`,
    `/static/${mark}`,
  ])('stands in no refusal of %s', async (path) => {
    for (const [method, accept] of [
      ['GET', '*/*'],
      ['GET', 'text/html'],
      ['POST', '*/*'],
    ] as const) {
      const { status, said } = await refusal(method, path, 'anyone', accept)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(said).not.toContain('7q1')
    }
  })
})
