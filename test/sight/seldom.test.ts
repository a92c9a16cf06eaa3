import type { Logger } from 'pino'
import { quote } from '../../server/flow/payment/quote'
import { LedgerUnavailable, SlotsUnavailable } from '../../server/flow/ports'
import { openLog } from '../../server/log'
import { watchFlow } from '../../server/main/watch'
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

  it('is counted for nobody’s request: the line of the minute has no number', () => {
    within({ requestId: 'first-request' }, () => {
      for (let i = 0; i < 3; i++) seldom(log).say('warn', 'same', {}, 'same')
    })
    jest.advanceTimersByTime(60_000)
    expect(lines()).toMatchObject([{ requestId: 'first-request' }, { times: 2 }])
    expect(lines()[1]).not.toHaveProperty('requestId')
  })
})
