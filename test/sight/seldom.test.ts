import { randomBytes } from 'node:crypto'
import type Koa from 'koa'
import type { Logger } from 'pino'
import { bankNotices } from '../../server/channel/bank/notify'
import { generateBankKeys, HEADER } from '../../server/channel/bank/sign'
import type { Raised } from '../../server/flow/notification/raise'
import { takeNotice } from '../../server/flow/payment/notify'
import { quote } from '../../server/flow/payment/quote'
import { LedgerUnavailable, SlotsUnavailable } from '../../server/flow/ports'
import { errorWriter } from '../../server/http/error-writer'
import { alarms } from '../../server/http/metrics'
import { openLog } from '../../server/log'
import { watchBreaker, watchClock, watchFlow, watchLogIns, watchSignOn } from '../../server/main/watch'
import { within } from '../../server/sight/context'
import { kindOf, seldom } from '../../server/sight/seldom'
import { startFlow } from '../support/flow'

/** What goes on and on is told once a minute with its count: an outage is a line, and not one for each who asks. */

describe('trouble that goes on', () => {
  let text: string[]
  let log: Logger
  const lines = () => text.map((line) => JSON.parse(line) as Record<string, unknown>)
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
    text = []
    log = openLog('info', { write: (line) => void text.push(line) })
  })
  afterEach(() => jest.useRealTimers())

  const refused = (port: number) =>
    new SlotsUnavailable('Redis failed to take', {
      cause: Object.assign(new Error(`connect ${port}`), { code: 'ECONNREFUSED' }),
    })

  it('of a thousand quotes while Redis is away is one line at once and one a minute with how many, each without a stack', async () => {
    const flow = startFlow()
    const deps = { ...flow.deps, ...watchFlow(log) }
    const ask = (payerId: string) => quote(deps, { payerId, merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' })
    flow.slots.up = false
    for (let i = 0; i < 1_000; i++)
      expect(await ask(`p${i}`)).toMatchObject({ quote: { reason: 'discount-unavailable' } })
    expect(lines()).toMatchObject([{ level: 40, msg: 'discount unavailable', err: { type: 'SlotsUnavailable' } }])
    expect(text[0]!.length).toBeLessThan(400)
    expect(text[0]).not.toContain('stack')
    jest.advanceTimersByTime(60_000)
    expect(lines()[1]).toMatchObject({ msg: 'discount unavailable', times: 999, inMs: 60_000 })
    // It is over: nothing more is said, and the next one is news again.
    jest.advanceTimersByTime(600_000)
    expect(text).toHaveLength(2)
    await ask('later')
    expect(text).toHaveLength(3)
    expect(lines()[2]).not.toHaveProperty('times')
  })

  it('is told apart by what it is, and not by where it happened', () => {
    const { say } = seldom(log)
    for (let i = 0; i < 5; i++) for (const port of [6_379, 6_380]) say('warn', kindOf(refused(port)), {}, 'redis')
    say('warn', kindOf(new LedgerUnavailable('away')), {}, 'ledger')
    say('warn', kindOf(new TypeError('x is not a function')), {}, 'bug')
    expect(lines().map(({ msg }) => msg)).toEqual(['redis', 'ledger', 'bug'])
  })

  it('of more kinds than there are parts is one kind', () => {
    const { say } = seldom(log)
    for (let i = 0; i < 1_000; i++) say('warn', `kind ${i}`, {}, 'odd')
    expect(text.length).toBeLessThan(300)
  })

  it('keeps the stack of a bug, and an alarm of each order that isn’t an outage’s', () => {
    const { onAlarm, onUnavailable } = watchFlow(log)
    onUnavailable(new TypeError('deck is undefined'))
    expect(text[0]).toContain('seldom.test.ts')
    for (const orderNo of ['F1', 'F2']) {
      onAlarm({ code: 'other-trade-no', orderNo })
      onAlarm({ code: 'slot-not-confirmed', orderNo, error: refused(1) })
    }
    const alarms = lines().slice(1)
    expect(alarms.map(({ code, orderNo }) => `${code} ${orderNo}`)).toEqual([
      'other-trade-no F1',
      'slot-not-confirmed F1',
      'other-trade-no F2',
    ])
  })

  it('of a channel that takes our key no longer is a line a minute, however many orders ask it; what contradicts an order is one of each', async () => {
    const { onAlarm } = watchFlow(log)
    const before = await counted('key-unknown')
    const codes = ['key-unknown', 'channel-refused', 'channel-not-available']
    for (let i = 0; i < 30; i++) {
      for (const code of codes) onAlarm({ code, orderNo: `F${i}` })
      onAlarm({ code: 'delivery-refused', orderNo: `F${i}`, error: 'errcode-48001' })
      onAlarm({ code: 'pay-not-finalized', orderNo: `F${i}`, error: new TypeError('a bug') })
      onAlarm({ code: 'refund-abnormal', orderNo: `F${i % 2}` })
    }
    const told = lines().map(({ code, orderNo }) => `${code} ${orderNo}`)
    expect(told).toEqual([
      ...codes.map((code) => `${code} F0`),
      ...['delivery-refused F0', 'pay-not-finalized F0', 'refund-abnormal F0', 'refund-abnormal F1'],
    ])
    jest.advanceTimersByTime(60_000)
    expect(lines().slice(told.length)).toMatchObject([
      ...codes.map((code) => ({ code, orderNo: 'F29', times: 29 })),
      { code: 'delivery-refused', times: 29 },
      { code: 'pay-not-finalized', times: 29 },
      { code: 'refund-abnormal', orderNo: 'F0', times: 14 },
      { code: 'refund-abnormal', orderNo: 'F1', times: 14 },
    ])
    expect((await counted('key-unknown')) - before).toBe(30)
  })

  it('of what goes to and fro every few seconds is a line a minute for each side', () => {
    const clock = { now: Date.now }
    const breaker = watchBreaker(log, { raise() {} } as unknown as Raised, clock)
    const look = watchClock(log)
    for (let i = 0; i < 10; i++)
      for (const on of [false, true]) {
        breaker('alipay', on)
        look({ trusted: on, aheadMs: { database: i } })
      }
    expect(lines().map(({ msg, open }) => [msg, open])).toEqual([
      ['breaker', false],
      ['the clocks disagree: what cannot be undone waits', undefined],
      ['breaker', true],
      ['the clocks agree again', undefined],
    ])
    jest.advanceTimersByTime(60_000)
    expect(lines().slice(4)).toMatchObject([
      { channel: 'alipay', open: false, times: 9 },
      { aheadMs: { database: 9 }, times: 9 },
      { channel: 'alipay', open: true, times: 9 },
      { aheadMs: { database: 9 }, times: 9 },
    ])
  })

  it('of a bug that every request comes upon is a line a minute of each route, with its stack', async () => {
    const writer = errorWriter({ log })
    const ask = (routerPath: string) => {
      const ctx = {
        state: {},
        vary() {},
        get: () => '',
        set() {},
        method: 'GET',
        path: routerPath,
        _matchedRoute: routerPath,
      }
      return writer(ctx as unknown as Koa.Context, () => Promise.reject(new TypeError('deck is undefined')))
    }
    for (let i = 0; i < 20; i++) for (const route of ['/api/orders', '/api/quotes']) await ask(route)
    expect(lines().map(({ msg, level, route }) => [msg, level, route])).toEqual([
      ['internal', 50, '/api/orders'],
      ['internal', 50, '/api/quotes'],
    ])
    expect(text[0]).toContain('seldom.test.ts')
    jest.advanceTimersByTime(60_000)
    expect(lines().slice(2)).toMatchObject([{ times: 19 }, { times: 19 }])
  })

  const counted = async (code: string) =>
    (await alarms.get()).values.find(({ labels }) => labels.code === code)?.value ?? 0

  it('of strangers who send notices is a line of each fault, and an alarm each in the count', async () => {
    const flow = startFlow()
    const notices = bankNotices({ bankPublicKey: generateBankKeys().bank.publicKey, clock: flow.clock })
    const channels = new Map([['bank' as const, { ...flow.channel, notices }]])
    const deps = { ...flow.deps, ...watchFlow(log), channels }
    const before = await counted('notice-refused')
    for (let i = 0; i < 80; i++) {
      const timestamp = i % 2 ? String(flow.clock.at) : 'soon'
      const headers = { [HEADER.timestamp]: timestamp, [HEADER.nonce]: randomBytes(16).toString('hex') }
      const sent = { method: 'POST', path: '/channel/bank/notify', headers, body: Buffer.from(`{"orderNo":"F${i}"}`) }
      expect(await takeNotice(deps, 'bank', sent)).toMatchObject({ status: 403 })
    }
    expect(lines().map(({ msg, code, err }) => [msg, code, err])).toEqual([
      ['alarm', 'notice-refused', 'clock-skew'],
      ['alarm', 'notice-refused', 'signature-invalid'],
    ])
    expect((await counted('notice-refused')) - before).toBe(80)
    jest.advanceTimersByTime(60_000)
    expect(lines().map(({ times }) => times)).toEqual([undefined, undefined, 39, 39])
  })

  it('of a platform that refuses us, or of sign-ons that somebody made up, is a line of each fault', async () => {
    const before = await counted('login-fault')
    const onFault = watchLogIns(log)('WeChat')
    for (let i = 0; i < 40; i++) {
      for (const errcode of [40_125, 40_013]) onFault({ errcode, reason: 'an error of the configuration or its own' })
      watchSignOn(log)('the state is another (OAUTH_INVALID_RESPONSE)')
    }
    expect(lines().map(({ msg, errcode }) => [msg, errcode])).toEqual([
      ['log-in by WeChat', 40_125],
      ['log-in by WeChat', 40_013],
      ['sign-on refused', undefined],
    ])
    expect((await counted('login-fault')) - before).toBe(80)
  })

  it('is counted for nobody’s request: the line of the minute has no number', () => {
    within({ requestId: 'first-request' }, () => {
      for (let i = 0; i < 3; i++) seldom(log).say('warn', 'same', {}, 'same')
    })
    jest.advanceTimersByTime(60_000)
    expect(lines()).toMatchObject([{ requestId: 'first-request' }, { times: 2 }])
    expect(lines()[1]).not.toHaveProperty('requestId')
  })
})
