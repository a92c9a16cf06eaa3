import { exchange } from '../../harness/ask'
import { readNetwork } from '../../server/domain/ip'
import { apiRoutes } from '../../server/http/app'
import { callerBehind } from '../../server/http/caller'
import type { HttpDeps } from '../../server/http/deps'
import { LIMITS, type LimitName } from '../../server/http/limits'
import { limiter, noLimits } from '../../server/store/limiter'
import { type Flow, httpDepsOf, MERCHANT, serveApp, startFlow } from '../support/flow'

/** The app with limits on, behind a proxy on this machine, so that each request may come from where the test says. */
async function open(changed: (flow: Flow) => Partial<HttpDeps> = () => ({})) {
  const flow = startFlow()
  const time = { at: 0, now: () => time.at }
  const callerOf = callerBehind([readNetwork('127.0.0.1')!])
  const deps = httpDepsOf(flow, { limiter: limiter(time, null), callerOf, ...changed(flow) })
  const app = await serveApp(deps)
  const call = async (
    method: string,
    path: string,
    { token, from = '203.0.113.7', device, body, key, forged }: Sent = {},
  ) => {
    const all = {
      'X-Forwarded-For': forged ? `${forged}, ${from}` : from,
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(device && { 'X-Fapai-Device': device }),
      ...(key && { 'Idempotency-Key': key }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    }
    const sent = body === undefined ? undefined : JSON.stringify(body)
    const { text, ...reply } = await exchange(app.url + path, method, all, sent)
    const code = reply.status === 200 ? 'ok' : (JSON.parse(text || '{}').code as string)
    return { status: reply.status, code, headers: reply.headers, body: text && JSON.parse(text) }
  }
  return {
    ...app,
    flow,
    time,
    call,
    tokenOf: (payerId: string) => deps.tokens.issue({ kind: 'payer', payerId }, flow.clock.at, 3_600_000).token,
    async quote(token: string, sent: Sent = {}) {
      const body = { merchantCode: MERCHANT.merchantCode, amountFen: 10_000, channel: 'bank' }
      return call('POST', '/api/quotes', { token, body, ...sent })
    },
    logIn: (code: string, sent: Sent = {}) =>
      call('POST', '/api/session', { body: { platform: 'browser', code }, ...sent }),
  }
}
interface Sent {
  token?: string
  from?: string
  device?: string
  body?: unknown
  key?: string
  forged?: string
}
type Opened = Awaited<ReturnType<typeof open>>

/** How many of so many were let through, and the first answer that wasn't. */
async function letThrough(times: number, ask: (i: number) => ReturnType<Opened['call']>) {
  const answers = []
  for (let i = 0; i < times; i++) answers.push(await ask(i))
  const refused = answers.filter(({ status }) => status === 429)
  return { through: times - refused.length, refused: refused[0], answers }
}

let house: Opened
beforeEach(async () => {
  house = await open()
})
afterEach(() => house.stop())

describe('one payer’s quotes', () => {
  it('are a few a second: a flood is told to wait, in which terms, and for how long; nobody else is', async () => {
    const token = house.tokenOf('p1')
    const { through, refused, answers } = await letThrough(100, () => house.quote(token))
    expect(through).toBe(30)
    expect(refused).toMatchObject({
      code: 'too-many-requests',
      body: { type: 'urn:fapai:problem:too-many-requests', status: 429 },
    })
    expect(refused!.headers.get('content-type')).toContain('application/problem+json')
    expect(refused!.headers.get('retry-after')).toBe('10')
    expect(refused!.headers.get('ratelimit-policy')).toBe('"quotes-by-payer";q=30;w=10')
    expect(refused!.headers.get('ratelimit')).toBe('"quotes-by-payer";r=0;t=10')
    // told before it comes to that, and not while it is far
    expect(answers.slice(0, 30).map(({ headers }) => headers.get('ratelimit')?.split(';')[1] ?? '')).toEqual([
      ...Array(15).fill(''),
      ...Array.from({ length: 15 }, (_, i) => `r=${14 - i}`),
    ])
    expect((await house.quote(house.tokenOf('p2'))).status).toBe(200)
  })

  it('may go on when the window has ended, and a refusal names the rest of it', async () => {
    const token = house.tokenOf('p1')
    await letThrough(30, () => house.quote(token))
    house.time.at = 9_100
    expect((await house.quote(token)).headers.get('retry-after')).toBe('1')
    house.time.at = 10_000
    expect((await house.quote(token)).status).toBe(200)
  })

  it('are the payer’s wherever they come from, and whatever they say of where that is', async () => {
    const token = house.tokenOf('p1')
    const { through } = await letThrough(60, (i) =>
      house.quote(token, { from: `198.51.100.${i}`, device: `device-${i}`, forged: `192.0.2.${i}` }),
    )
    expect(through).toBe(30)
  })

  it('used up leave paying and asking how it went as they are', async () => {
    const token = house.tokenOf('p1')
    const { answers } = await letThrough(40, () => house.quote(token))
    const { quoteId } = answers[0]!.body
    const paid = await house.call('POST', '/api/orders', { token, key: 'key-00000001', body: { quoteId } })
    expect(paid).toMatchObject({ status: 200, body: { state: 'paid' } })
    expect((await house.call('GET', `/api/orders/${paid.body.orderNo}`, { token })).status).toBe(200)
  })
})

describe('one payer’s orders', () => {
  const pay = (token: string, quoteId: string, key: string) =>
    house.call('POST', '/api/orders', { token, key, body: { quoteId } })

  it('asked for again by their own key are answered beyond the limit; a new one is not, and nothing of it is stored', async () => {
    const token = house.tokenOf('p1')
    const first = (await house.quote(token)).body
    const order = await pay(token, first.quoteId, 'key-00000001')
    await letThrough(60, (i) => pay(token, first.quoteId, `key-other-${i}`))
    const other = (await house.quote(token)).body
    const before = house.flow.pays().length
    expect(await pay(token, other.quoteId, 'key-00000002')).toMatchObject({ status: 429, code: 'too-many-requests' })
    expect(house.flow.pays()).toHaveLength(before)
    expect(await house.flow.ledger.orderByKey('p1', 'key-00000002')).toBeUndefined()
    const again = await pay(token, first.quoteId, 'key-00000001')
    expect([again.status, again.body.orderNo]).toEqual([200, order.body.orderNo])
  })

  it('asked for again without end are bounded, too', async () => {
    const token = house.tokenOf('p1')
    const { quoteId } = (await house.quote(token)).body
    await pay(token, quoteId, 'key-00000001')
    const { through } = await letThrough(200, () => pay(token, quoteId, 'key-00000001'))
    expect(through).toBe(29 + 60)
  })

  it('keep from where they came, as the proxies say it, in hashes alone', async () => {
    const traces: unknown[] = []
    const { openOrder } = house.flow.ledger
    house.flow.ledger.openOrder = (input) => {
      traces.push(input.trace)
      return openOrder(input)
    }
    const token = house.tokenOf('p1')
    const sent = [
      { from: '203.0.113.7', device: 'one' },
      { from: '203.0.113.7', device: 'two', forged: '192.0.2.1' },
      { from: '2001:db8::1' },
      { from: '2001:db8::2:3' },
    ]
    for (const [i, one] of sent.entries()) {
      const body = { quoteId: (await house.quote(token)).body.quoteId }
      expect((await house.call('POST', '/api/orders', { token, key: `key-${i}-000000`, body, ...one })).status).toBe(
        200,
      )
    }
    const hash = expect.stringMatching(/^[\w-]{16}$/)
    expect(traces).toEqual([hash, hash, null, null].map((deviceHash) => ({ addressHash: hash, deviceHash })))
    const [first, second, third, fourth] = traces as { addressHash: string; deviceHash: string }[]
    expect([first!.addressHash === second!.addressHash, first!.deviceHash === second!.deviceHash]).toEqual([
      true,
      false,
    ])
    expect([third!.addressHash === fourth!.addressHash, first!.addressHash === third!.addressHash]).toEqual([
      true,
      false,
    ])
  })

  it('another’s key opens nothing', async () => {
    const [mine, theirs] = [house.tokenOf('p1'), house.tokenOf('p2')]
    const { quoteId } = (await house.quote(mine)).body
    await pay(mine, quoteId, 'key-00000001')
    await letThrough(40, (i) => pay(theirs, quoteId, `key-theirs-${i}`))
    expect((await pay(theirs, quoteId, 'key-00000001')).status).toBe(429)
  })

  it('may be looked at as often as any page looks: ten times a second for ten seconds, and then it is told to wait', async () => {
    const token = house.tokenOf('p1')
    const { quoteId } = (await house.quote(token)).body
    const { orderNo } = (await pay(token, quoteId, 'key-00000001')).body
    const { through, refused } = await letThrough(120, () => house.call('GET', `/api/orders/${orderNo}`, { token }))
    expect([through, refused?.headers.get('retry-after')]).toEqual([100, '10'])
  })
})

describe('log-ins', () => {
  it('of a street’s crowd behind one address all go through: 500 people in a minute, each of them twice', async () => {
    const { through } = await letThrough(1_000, (i) =>
      house.logIn(`payer-${i % 500}`, { device: `telephone-${i % 500}` }),
    )
    expect(through).toBe(1_000)
  })

  it('of one device are few; who names none is counted by the address, as a page that names a new one each time is', async () => {
    expect((await letThrough(30, (i) => house.logIn(`a-${i}`, { device: 'one' }))).through).toBe(20)
    expect((await letThrough(600, (i) => house.logIn(`b-${i}`))).through).toBe(600)
    expect((await letThrough(600, (i) => house.logIn(`c-${i}`, { device: 'not a device!' }))).through).toBe(580)
  })

  it('of one address end somewhere, however many devices it says it is, and whatever addresses', async () => {
    const { through, refused } = await letThrough(1_300, (i) =>
      house.logIn(`a-${i}`, { device: `device-${i}`, forged: `192.0.2.${i % 250}` }),
    )
    expect([through, refused?.headers.get('ratelimit-policy')]).toEqual([1_200, '"log-in-by-address";q=1200;w=60'])
    expect((await house.logIn('b', { device: 'b', from: '203.0.113.8' })).status).toBe(200)
  })

  it('of one network of IPv6 end, whichever of its 65,536 lines they come by', async () => {
    const from = (i: number) => `2001:db8:7:${i.toString(16)}::1`
    const { through } = await letThrough(5_000, (i) => house.logIn(`a-${i}`, { device: 'one', from: from(i % 1_000) }))
    expect(through).toBe(4_800)
    expect((await house.logIn('b', { device: 'one', from: '2001:db8:8::1' })).status).toBe(200)
  })
})

describe('notices', () => {
  const notify = (from?: string) => house.call('POST', '/channel/bank/notify', { ...(from && { from }), body: {} })

  it('that are refused are counted, and then not even read; a channel’s own are not, however many', async () => {
    await house.stop()
    const answer = { status: 403 }
    house = await open((flow) => {
      const channel = flow.deps.channels.get('bank')!
      const notices = {
        read: () => ({ kind: 'refused' as const, code: 'signature' }),
        acknowledge: () => ({ ...answer, type: 'application/json', body: '{}' }),
      }
      return { channels: new Map([['bank', { ...channel, notices }]]) as never }
    })
    answer.status = 200
    expect((await letThrough(200, () => notify())).through).toBe(200)
    answer.status = 403
    expect((await letThrough(100, () => notify())).through).toBe(60)
    expect((await notify('198.51.100.1')).status).toBe(403)
  })
})

describe('every address of the API', () => {
  const deps = () => httpDepsOf(startFlow(), { limiter: noLimits })
  const nameOf = ({ limit, actor }: ReturnType<typeof apiRoutes>[number]): LimitName =>
    limit ?? (actor === 'anyone' ? 'open' : actor)

  it('has a limit by somebody who is known there', () => {
    for (const one of apiRoutes(deps())) {
      const by = LIMITS[nameOf(one)].map((rule) => rule.by)
      expect(by.length).toBeGreaterThan(0)
      for (const who of by) expect(['address', 'device', one.actor]).toContain(who)
    }
  })

  it('that anybody may call has one by the address, since a device is only a word', () => {
    for (const one of apiRoutes(deps()).filter(({ actor }) => actor === 'anyone'))
      expect(LIMITS[nameOf(one)].map((rule) => rule.by)).toContain('address')
  })

  it('lets go within a minute', () => {
    for (const rule of Object.values(LIMITS).flat()) expect(rule.limit.seconds).toBeLessThanOrEqual(60)
  })
})
