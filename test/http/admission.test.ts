import type { IncomingMessage, ServerResponse } from 'node:http'
import { quote } from '../../server/flow/payment/quote'
import { admission } from '../../server/http/admission'
import { createApp } from '../../server/http/app'
import { loopDelay } from '../../server/http/loop-delay'
import { serve } from '../../server/serve'
import { httpDepsOf, startFlow } from '../support/flow'

/** More is asked than can be served: what goes, in which order, and what stays. */

const ADDRESSES = {
  report: ['GET', '/admin/campaigns/street/report?from=2026-11-01'],
  file: ['POST', '/admin/merchants/import'],
  preview: ['POST', '/admin/campaigns/preview'],
  orders: ['GET', '/admin/orders'],
  deskLogIn: ['POST', '/admin/session'],
  campaign: ['GET', '/admin/campaigns/street'],
  rules: ['GET', '/api/merchants/M0001/rules'],
  page: ['GET', '/'],
  document: ['GET', '/openapi.json'],
  shop: ['GET', '/api/merchants/M0001?from=code'],
  logIn: ['POST', '/api/session'],
  accounts: ['GET', '/api/agreements'],
  pauseCampaign: ['POST', '/admin/campaigns/street/pause'],
  pauseMerchant: ['POST', '/admin/merchants/M0001/pause'],
  brake: ['POST', '/admin/brake'],
  quote: ['POST', '/api/quotes'],
  pay: ['POST', '/api/orders'],
  order: ['GET', '/api/orders/F1'],
  notice: ['POST', '/channel/bank/notify'],
} as const
const DESK = ['report', 'file', 'preview', 'orders']
const PAGES = ['deskLogIn', 'campaign', 'rules', 'page', 'document']
const NEWCOMERS = ['shop', 'logIn', 'accounts', 'quote']
const PAYMENTS = ['pauseCampaign', 'pauseMerchant', 'brake', 'pay', 'order', 'notice']
const inTheirOrder = (names: string[]) => Object.keys(ADDRESSES).filter((name) => names.includes(name))
const ALL = Object.keys(ADDRESSES)

/** Each of those addresses once, without a server: which were refused, and with what. */
function refused(admit: ReturnType<typeof admission>['admit']) {
  const names: string[] = []
  const answers = new Set<string>()
  for (const [name, [method, url]] of Object.entries(ADDRESSES)) {
    let over: (this: unknown) => void = () => {}
    const response = {
      once: (_: string, listener: () => void) => (over = listener),
      writeHead: (status: number, headers: Record<string, string>) =>
        answers.add(`${status} ${headers['Retry-After']} ${headers['Content-Type']}`),
      end: () => names.push(name),
    }
    admit(() => over.call(response))(
      { method, url, headers: {}, rawHeaders: [] } as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    )
  }
  return { names, answers: [...answers] }
}

describe('when the event loop is late', () => {
  it.each([
    ['not so', 99, [], true],
    ['a little', 100, DESK, true],
    ['more', 200, DESK, false],
    ['much', 500, [...DESK, ...PAGES], false],
    ['very much', 1_000, inTheirOrder([...DESK, ...PAGES, ...NEWCOMERS]), false],
    ['hopelessly', 2_000, ALL, false],
  ])('%s, %d ms, it gives up in order', (_, late, gone, draws) => {
    const door = admission({ requests: 100, delayMs: 100, delay: () => late, waiting: () => 0, now: () => 0 })
    const { names, answers } = refused(door.admit)
    expect(names).toEqual(gone)
    expect(answers).toEqual(gone.length > 0 ? ['503 2 application/problem+json; charset=utf-8'] : [])
    expect(door.drawsCards()).toBe(draws)
    expect(door.figures().underWay).toBe(0)
  })
})

const owed = (open: (() => void)[]) => {
  const response = {
    statusCode: 200,
    writableEnded: false,
    once: (_: string, over: () => void) =>
      open.push(() => {
        response.writableEnded = true
        over.call(response)
      }),
    writeHead() {},
    end() {},
  }
  return response
}

describe('when much is under way', () => {
  it('it gives up in the same order, counts nothing that it refused, and recovers', () => {
    const door = admission({ requests: 20, delayMs: 100, delay: () => 0, waiting: () => 0, now: () => 0 })
    const open: (() => void)[] = []
    const begin = () =>
      door.admit(() => {})(
        { method: 'POST', url: '/api/orders', headers: {}, rawHeaders: [] as string[] } as IncomingMessage,
        owed(open) as never,
      )
    const seen: [number, string[], boolean][] = []
    for (let i = 0; i < 25; i++) {
      begin()
      const { names } = refused(door.admit)
      if (seen.at(-1)?.[1].length !== names.length || seen.at(-1)?.[2] !== door.drawsCards())
        seen.push([open.length, names, door.drawsCards()])
    }
    expect(seen).toEqual([
      [1, [], true],
      [10, DESK, true],
      [15, DESK, false],
      [18, [...DESK, ...PAGES], false],
      [19, inTheirOrder([...DESK, ...PAGES, ...NEWCOMERS]), false],
      [20, ALL, false],
    ])
    expect(new Set([...DESK, ...PAGES, ...NEWCOMERS, ...PAYMENTS])).toEqual(new Set(ALL))
    expect(door.figures()).toEqual({ underWay: 20, waitMs: 0, steps: 5 })
    for (const over of open) over()
    expect(refused(door.admit).names).toEqual([])
  })
})

describe('when people wait', () => {
  it('it gives up in the same order, those who have their price last, and takes everybody again when they have gone', () => {
    let at = 0
    const door = admission({ requests: 1_000, delayMs: 100, now: () => at, delay: () => 0, waiting: () => 0 })
    const open: (() => void)[] = []
    /** so many are here; forty in a tenth of a second are served */
    const here = (count: number) => {
      for (let i = 0; i < 30; i++) {
        at += 100
        door.figures()
        for (const over of open.splice(0, 40)) over()
        while (open.length < count)
          door.admit(() => {})(
            { method: 'POST', url: '/api/orders/F1/confirm', headers: {}, rawHeaders: [], complete: true } as never,
            owed(open) as never,
          )
      }
      return [refused(door.admit).names, door.drawsCards()]
    }
    expect(here(16)).toEqual([[], true])
    expect(here(50)).toEqual([DESK, true])
    expect(here(70)).toEqual([DESK, false])
    expect(here(90)).toEqual([[...DESK, ...PAGES], false])
    expect(here(150)).toEqual([inTheirOrder([...DESK, ...PAGES, ...NEWCOMERS]), false])
    expect(open).toHaveLength(150)
    for (const over of open.splice(0)) over()
    expect(refused(door.admit).names).toEqual([])
    expect([door.drawsCards(), door.figures()]).toEqual([true, { underWay: 0, waitMs: 0, steps: 0 }])
  })
})

it('who floods waits long, and nobody is refused for that', () => {
  let at = 0
  const door = admission({ requests: 1_000, delayMs: 100, now: () => at, delay: () => 0, waiting: () => 0 })
  const fill = (floods: boolean) => {
    for (let i = 0; i < 100; i++)
      door.admit(() => {}, floods)(
        { method: 'POST', url: '/api/quotes', headers: {}, rawHeaders: [], complete: true } as never,
        owed([]) as never,
      )
    for (let i = 0; i < 5; i++) {
      at += 100
      door.figures()
    }
  }
  fill(true)
  expect([door.figures(), refused(door.admit).names]).toEqual([{ underWay: 100, waitMs: 0, steps: 0 }, []])
  fill(false)
  expect(refused(door.admit).names).toEqual(ALL)
})

describe('a server that has too much to do', () => {
  it('answers a refusal as everything else, with the time of nobody, and goes on quoting in full', async () => {
    let late = 0
    const flow = startFlow()
    const load = admission({ requests: 100, delayMs: 100, delay: () => late, waiting: () => 0, now: () => 0 })
    const deps = httpDepsOf(flow, { load })
    const served = await serve(load.admit(createApp(deps).callback()), 0, '127.0.0.1')
    const url = `http://127.0.0.1:${served.port}`
    const { token } = deps.tokens.issue({ kind: 'payer', payerId: 'p1' }, deps.clock.now())
    const ask = (path: string, body?: object) =>
      fetch(url + path, {
        headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      })
    const quoted = async () =>
      (await ask('/api/quotes', { merchantCode: 'M0001', amountFen: 1_000, channel: 'bank' })).json()
    expect(await quoted()).toMatchObject({ reason: null })
    late = 200
    expect(await quoted()).toMatchObject({ reason: 'discount-unavailable', payableFen: 1_000 })
    const desk = await ask('/admin/orders')
    expect([desk.status, desk.headers.get('retry-after'), desk.headers.get('date')]).toEqual([503, '2', null])
    expect(await desk.json()).toMatchObject({ code: 'overloaded', status: 503 })
    late = 500
    const scan = await fetch(`${url}/q/M0001`, { headers: { Accept: 'text/html' } })
    expect([scan.status, scan.headers.get('retry-after'), scan.headers.get('content-type')]).toEqual([
      503,
      '2',
      'text/html; charset=utf-8',
    ])
    expect(await scan.text()).toContain('<h1>现在使用的人太多</h1>')
    late = 0
    // The card was kept for its payer all the while (I8).
    expect(await quoted()).toMatchObject({ reason: null })
    await served.stop(0)
  })

  it('tells an amount that qualifies for nothing its own reason, whatever the load', async () => {
    const load = admission({ requests: 100, delayMs: 100, delay: () => 250, waiting: () => 0, now: () => 0 })
    const { deps } = startFlow()
    const asked = { payerId: 'p1', merchantCode: 'M0001', amountFen: 1, channel: 'bank' } as const
    expect(await quote({ ...deps, load }, asked)).toMatchObject({ quote: { reason: 'below-threshold' } })
  })
})

describe('how late the event loop is', () => {
  beforeEach(() => void jest.useFakeTimers({ advanceTimers: false }))
  afterEach(() => void jest.useRealTimers())

  it('is what its timers were late by: one pause is soon forgotten, steady trouble is told as it is', () => {
    let at = 0
    const delay = loopDelay(() => at)
    const pass = (ms: number) => {
      at += ms
      jest.advanceTimersToNextTimer()
    }
    pass(100)
    expect(delay.ms()).toBe(0)
    pass(400)
    expect(delay.ms()).toBeLessThan(100)
    for (let i = 0; i < 10; i++) pass(100)
    expect(delay.ms()).toBeLessThan(10)
    for (let i = 0; i < 20; i++) pass(400)
    expect(delay.ms()).toBeGreaterThan(290)
    delay.stop()
  })
})
