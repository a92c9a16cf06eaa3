import { ConsoleError } from '../../../src/console/client'
import { sentenceOf } from '../../../src/console/sentences'
import { main, openConsole, serve, settle, setUp, then } from '../../support/console'
import { campaignSummary, sessionOf } from '../../support/console-bff'
import { actionOf } from '../../support/console-desk'

setUp()
afterEach(() => jest.restoreAllMocks())

const AUDITOR = { username: 'auditor', roles: ['auditor' as const] }
const tooMany = (headers: Record<string, string> = {}) => ({
  status: 429,
  data: { code: 'too-many-requests', status: 429 },
  headers,
})

/** Timers of so many ms, run by the test; all others as they are. */
function timersOf(wanted: number): (() => void)[] {
  const held: (() => void)[] = []
  const real = setTimeout
  jest
    .spyOn(globalThis, 'setTimeout')
    .mockImplementation(((run: () => void, ms?: number) => (ms === wanted ? held.push(run) : real(run, ms))) as never)
  return held
}

it('a console page that asked too often says for how long it waits, and reads again by itself then', async () => {
  const timers = timersOf(7_000)
  let asked = 0
  const desk = serve({
    'GET /admin/audit': () => (++asked === 1 ? tooMany({ 'retry-after': '7' }) : { data: { items: [actionOf()] } }),
    'GET /admin/audit/chain': () => ({ data: { intact: true, actions: 1, brokenAt: null, endMac: 'feed'.repeat(16) } }),
    'GET /admin/audit/seals': () => ({ data: { items: [] } }),
  })
  await openConsole('audit', AUDITOR)
  expect(main()).toContain('操作太频繁，请约 7 秒后再试')
  expect(desk.sent('GET /admin/audit')).toHaveLength(1)
  await then(() => {
    for (const run of timers.splice(0)) run()
  })
  await settle()
  expect(main()).toContain('修改操作员')
  expect(main()).not.toContain('操作太频繁')
})

it('a session whose renewal is told to wait is kept, and its page goes on by itself', async () => {
  const timers = timersOf(9_000)
  let asked = 0
  const desk = serve({
    'GET /admin/campaigns': ({ headers }) =>
      headers.get('Authorization') === 'Bearer token-2'
        ? { data: { items: [campaignSummary()] } }
        : { status: 401, data: { code: 'token-expired', status: 401 } },
    'POST /admin/session/refresh': () =>
      ++asked === 1 ? tooMany({ 'retry-after': '9' }) : { data: sessionOf({}, { token: 'token-2' }) },
  })
  await openConsole('campaigns')
  expect(main()).toContain('操作太频繁，请约 9 秒后再试')
  await then(() => {
    for (const run of timers.splice(0)) run()
  })
  await settle()
  expect(main()).toContain('美食街扫码立减')
  expect(desk.sent('POST /admin/session/refresh').map(({ body }) => body)).toEqual([
    { refreshToken: 'refresh-1' },
    { refreshToken: 'refresh-1' },
  ])
})

it('a refusal without a time is said all the same, and waits for the operator', async () => {
  const desk = serve({
    'GET /admin/audit': () => tooMany(),
    'GET /admin/audit/chain': () => ({ data: { intact: true, actions: 1, brokenAt: null, endMac: 'feed'.repeat(16) } }),
    'GET /admin/audit/seals': () => ({ data: { items: [] } }),
  })
  await openConsole('audit', AUDITOR)
  expect(main()).toContain('操作太频繁，请稍后再试')
  expect(desk.sent('GET /admin/audit')).toHaveLength(1)
  expect(sentenceOf(new Error('x'))).toBe('页面出错了，请刷新后重试')
})

it('a fault of the server’s is told with the number under which its log has it, and without one where there is none', () => {
  const fault = (body: object) => sentenceOf(new ConsoleError('problem', 'internal', 500, '', undefined, body))
  expect(fault({ requestId: '4711abcd.1a2b3c4d' })).toMatch(/科技部门：4711abcd\.1a2b3c4d$/)
  expect(fault({})).toBe('服务器出错了，已记录，请稍后重试')
})
