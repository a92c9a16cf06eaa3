import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { breakerOpened, cardsHoarded, raised } from '../../../../server/flow/notification/raise'
import { tellNews } from '../../../../server/flow/notification/tell'
import type { NewNotification, OutsideMessage, Teller } from '../../../../server/flow/ports'
import { sqlNotifications } from '../../../../server/store/sql/notification/notifications'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { NOON } from '../payment/ledger-orders'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
type Reply = Awaited<ReturnType<Teller['tell']>>

describe.each(sqlEngines())('telling outside of the console, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let now: number
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
    now = NOON
  })
  afterAll(() => engine?.stop())

  const news = (nth = 0): NewNotification => ({ ...breakerOpened('alipay', now), key: `test/${nth}` })
  const notifications = () => sqlNotifications(sql)
  /** A process of ours with one target: what it told there, and its alarms. */
  function house(answer: (message: OutsideMessage) => Reply = () => ({ kind: 'told', code: '200' }), perMinute = 20) {
    const told: number[] = []
    const alarms: unknown[] = []
    const all = raised()
    const teller: Teller = {
      target: 'webhook',
      perMinute,
      async tell(message) {
        told.push(message.id)
        return answer(message)
      },
    }
    const deps = {
      desk: { notifications: notifications() },
      tellers: [teller],
      raised: all,
      clock: { now: () => now },
      publicUrl: 'https://fapai.example',
      onAlarm: ({ code, error }: { code: string; error?: unknown }) => alarms.push(`${code} ${error}`),
    }
    return { told, alarms, raise: all.raise, run: () => tellNews(deps), deps }
  }
  const down: () => Reply = () => ({ kind: 'again', code: 'no-answer' })
  const untold = () => notifications().untold(0)

  it('happens once for what several processes saw, and never for a process that only watches', async () => {
    const [a, b] = [house(), house()]
    for (const one of [a, b]) one.raise(breakerOpened('alipay', now))
    await Promise.all([a.run(), b.run(), a.run(), b.run()])
    await Promise.all([a.run(), b.run()])
    expect([...a.told, ...b.told]).toHaveLength(1)
    expect(await untold()).toEqual([])
  })

  it('goes on until it is told, a minute later, then two, four, and is said to be untold meanwhile', async () => {
    const one = house(down)
    one.raise(news())
    const at: number[] = []
    for (; now < NOON + 20 * MINUTE_MS; now += 10_000) {
      const before = one.told.length
      await one.run()
      if (one.told.length > before) at.push((now - NOON) / MINUTE_MS)
    }
    expect(at).toEqual([0, 1, 3, 7, 15])
    expect(await untold()).toEqual([{ target: 'webhook', count: 1, oldestAt: NOON, code: 'no-answer' }])
    // The third failure is an alarm, and not each one after it.
    expect(one.alarms).toEqual(['notification-not-told webhook: no-answer'])
    const next = house()
    now += HOUR_MS
    await next.run()
    expect([next.told.length, await untold()]).toEqual([1, []])
  })

  it('comes again when the process died between telling and writing it down', async () => {
    const dying = house(() => {
      throw new Error('killed')
    })
    dying.raise(news())
    await expect(dying.run()).rejects.toThrow('killed')
    const next = house()
    await next.run()
    expect(next.told).toEqual([])
    now += MINUTE_MS
    await next.run()
    expect(next.told).toEqual(dying.told)
  })

  it('is left to another process by one that is to stop', async () => {
    await notifications().add([news(0), news(1)])
    const one = house()
    const goOn = () => {
      if (one.told.length > 0) throw new Error('stopping')
    }
    await expect(tellNews({ ...one.deps, goOn })).rejects.toThrow('stopping')
    expect(one.told).toHaveLength(1)
    now += MINUTE_MS
    const next = house()
    await next.run()
    expect(next.told).toEqual([one.told[0]! + 1])
  })

  it('is given up after a day, which is an alarm and stays to be seen', async () => {
    const one = house(down)
    one.raise(news())
    for (; now <= NOON + 27 * HOUR_MS; now += 30 * MINUTE_MS) await one.run()
    const tries = one.told.length
    now += 10 * HOUR_MS
    await one.run()
    expect(one.told).toHaveLength(tries)
    expect(one.alarms).toHaveLength(2)
    expect(await untold()).toMatchObject([{ target: 'webhook', count: 1 }])
  })

  it('keeps to so many attempts a minute, over all processes, and loses none', async () => {
    const houses = [house(undefined, 5), house(undefined, 5), house(undefined, 5)]
    await notifications().add(Array.from({ length: 12 }, (_, nth) => news(nth)))
    const minutes: number[] = []
    const total = () => houses.flatMap(({ told }) => told)
    for (let minute = 0; minute < 4; minute++, now += MINUTE_MS) {
      const before = total().length
      for (let i = 0; i < 3; i++) await Promise.all(houses.map(({ run }) => run()))
      minutes.push(total().length - before)
    }
    expect(minutes).toEqual([5, 5, 2, 0])
    expect(new Set(total()).size).toBe(12)
  })

  it('is kept for later by a process that can’t write it down', async () => {
    const one = house()
    const broken = {
      ...one.deps,
      desk: { notifications: { ...notifications(), add: () => Promise.reject(new Error('away')) } },
    }
    one.raise(news())
    await expect(tellNews(broken)).rejects.toThrow('away')
    expect(one.told).toEqual([])
    await one.run()
    expect(one.told).toHaveLength(1)
  })

  it('is nothing of what was raised long before there was anybody to tell', async () => {
    await notifications().add([news()])
    now += 7 * HOUR_MS
    const one = house()
    await one.run()
    expect(one.told).toEqual([])
  })

  it('says of hoarding once an hour, however many merchants are hoarded at', async () => {
    const one = house()
    const seen = (merchantCode: string, at: number) =>
      one.raise(cardsHoarded({ campaignId: 'street', merchantCode, held: 9, untaken: 10 }, at))
    for (let i = 0; i < 50; i++) seen(`M${i}`, now + i * MINUTE_MS)
    await one.run()
    now += HOUR_MS
    seen('M99', now)
    await one.run()
    expect(one.told).toHaveLength(2)
  })

  it('forgets what is long past, with what was sent and read of it', async () => {
    const one = house()
    one.raise(news())
    await one.run()
    expect(await notifications().prune(NOON, 10)).toBe(0)
    expect(await notifications().prune(NOON + 1, 10)).toBe(1)
    expect(await sql.run({ name: 'test-sends', text: 'select * from notification_sends' }, [])).toEqual([])
  })
})
