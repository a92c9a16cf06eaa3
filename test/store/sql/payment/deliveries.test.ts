import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { Order } from '../../../../server/domain/order'
import { deliverer } from '../../../../server/flow/payment/deliver'
import type { Delivery, DeliveryReply } from '../../../../server/flow/ports'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlDeliveries } from '../../../../server/store/sql/payment/deliveries'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { closed, NOON, opened, paid, type Wanted } from './ledger-orders'

const HOUR_MS = 3_600_000
const WEAPP = 'wx00000000000000a1|'

describe.each(sqlEngines())('what WeChat is to be told of its mini-program’s payments, on $name', ({ start }) => {
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

  const order = async (wanted: Wanted = {}, state: 'paid' | 'closed' | 'paying' = 'paid', endedAt = now) => {
    const ledger = sqlLedger(sql)
    const one = await opened(ledger, { channel: 'wechatpay', payerRef: `${WEAPP}o-somebody`, ...wanted })
    if (state !== 'paying') await ledger.endOrder(one, state === 'paid' ? paid(one, endedAt) : closed(endedAt), null)
    return one
  }
  /** A process: what it told WeChat, and its alarms. */
  function house(answer: (delivery: Delivery) => DeliveryReply = () => ({ kind: 'done', code: '0' })) {
    const told: Delivery[] = []
    const alarms: string[] = []
    const run = deliverer({
      deliveries: sqlDeliveries(sql),
      desk: {
        async upload(delivery) {
          told.push(delivery)
          return answer(delivery)
        },
      },
      clock: { now: () => now },
      payerRefPrefix: WEAPP,
      onAlarm: ({ code, orderNo }) => alarms.push(`${code} ${orderNo}`),
    })
    return { run, told, alarms, numbers: () => told.map(({ orderNo }) => orderNo) }
  }
  const rows = async (orderNo: string) =>
    sql.run({ name: 'test-deliveries', text: 'select * from deliveries where order_no = $1' }, [orderNo])

  it('are the paid ones of the mini-program alone, each told once whoever and however often anybody looks', async () => {
    const one = await order()
    await order({ channel: 'bank' })
    await order({ payerRef: 'wx00000000000000b2|o-somebody' })
    await order({}, 'closed')
    await order({}, 'paying')
    const [a, b] = [house(), house()]
    await Promise.all([a.run(), b.run(), a.run(), b.run()])
    now += HOUR_MS
    await a.run()
    const all = [...a.told, ...b.told]
    expect(all).toEqual([
      expect.objectContaining({
        orderNo: one.orderNo,
        transactionId: `bank-${one.orderNo}`,
        payerRef: `${WEAPP}o-somebody`,
        merchantName: '商家',
      }),
    ])
    expect(await rows(one.orderNo)).toMatchObject([{ state: 'done', code: '0', attempts: 1, next_at: null }])
  })

  it('are looked for from the last 72 hours on, stretch by stretch, then as they come, and once more when they have settled', async () => {
    const MINUTE = 60_000
    const looked: number[] = []
    const began = now
    const ends: Record<number, number> = { 0: now - 50 * HOUR_MS, 1: now - HOUR_MS, 5: now + 2 * MINUTE }
    const stretches = deliverer({
      deliveries: {
        ...sqlDeliveries(sql),
        async plan({ paidFrom }) {
          looked.push((paidFrom - began) / MINUTE)
          return { planned: 0, upTo: ends[looked.length - 1] }
        },
      },
      desk: { upload: async () => ({ kind: 'done', code: '0' }) },
      ...{ clock: { now: () => now }, payerRefPrefix: WEAPP, onAlarm: () => {} },
    })
    const told: string[] = []
    for (const after of [0, 0, 0, 1, 4, 5, 5, 6, 9, 10]) {
      now = began + after * MINUTE
      told.push(await stretches())
    }
    expect(told).toEqual(['more', 'more', 'done', 'done', 'done', 'more', 'done', 'done', 'done', 'done'])
    // At five minutes once more from five minutes before the first look's end on, and at ten from five minutes before that.
    expect(looked.map((at) => Math.round(at * 6) / 6)).toEqual(
      [-72 * 60, -50 * 60, -60, -1 / 6, 1 - 1 / 6, -5, 2, 5 - 1 / 6, 6 - 1 / 6, 0].map((at) => Math.round(at * 6) / 6),
    )
  })

  it('are found though this process’s clock was a day ahead when it last looked', async () => {
    const one = house()
    now += 24 * HOUR_MS
    await one.run()
    now = NOON
    const { orderNo } = await order()
    await one.run()
    expect(one.numbers()).toEqual([orderNo])
  })

  it('are told again with ever longer pauses while WeChat doesn’t know the payment, and by another after a crash', async () => {
    let known = false
    const one = house(() => (known ? { kind: 'done', code: '0' } : { kind: 'again', code: '10060001' }))
    const { orderNo } = await order()
    const pauses: number[] = []
    for (let began = now; pauses.length < 4; now += 500) {
      const before = one.told.length
      await one.run()
      if (one.told.length === before) continue
      pauses.push(now - began)
      began = now
    }
    expect(pauses).toEqual([0, 2_000, 4_000, 8_000])
    expect(one.alarms).toEqual([])
    known = true
    now += HOUR_MS
    const next = house()
    await next.run()
    expect(next.numbers()).toEqual([orderNo])
  })

  it('that come close to 48 hours are an alarm, one each, and go on', async () => {
    const one = house(() => ({ kind: 'again', code: 'no-answer' }))
    const { orderNo } = await order()
    for (; now < NOON + 35 * HOUR_MS; now += HOUR_MS) await one.run()
    expect(one.alarms).toEqual([])
    for (; now < NOON + 60 * HOUR_MS; now += HOUR_MS) await one.run()
    expect(one.alarms).toEqual([`delivery-late ${orderNo}`])
    const later = house(() => ({ kind: 'done', code: '10060023' }))
    now += HOUR_MS
    await later.run()
    expect(later.numbers()).toEqual([orderNo])
    expect(later.alarms).toEqual([])
  })

  it('that WeChat refuses for good, or for a fortnight, are told no more, and are an alarm; what went back isn’t', async () => {
    const answers: Record<string, DeliveryReply> = {}
    const one = house(({ orderNo }) => answers[orderNo]!)
    const [other, back, slow] = [await order(), await order(), await order()] as [Order, Order, Order]
    answers[other.orderNo] = { kind: 'refused', code: '10060031' }
    answers[back.orderNo] = { kind: 'needless', code: '10060004' }
    answers[slow.orderNo] = { kind: 'again', code: '48001' }
    await one.run()
    expect(one.alarms).toEqual([`delivery-refused ${other.orderNo}`])
    now += 15 * 24 * HOUR_MS
    await one.run()
    expect(one.alarms).toEqual([`delivery-refused ${other.orderNo}`, `delivery-refused ${slow.orderNo}`])
    const before = one.told.length
    now += HOUR_MS
    await one.run()
    expect(one.told.length).toBe(before)
  })

  it('of before a start are found three days back; what ends while others look is found as well', async () => {
    const [old, older] = [
      await order({}, 'paid', now - 70 * HOUR_MS),
      await order({}, 'paid', now - 80 * HOUR_MS),
    ] as const
    const one = house()
    await one.run()
    expect(one.numbers()).toEqual([old.orderNo])
    expect(one.numbers()).not.toContain(older.orderNo)
    now += 10_000
    // by another process's clock, which is behind, and seen late
    const late = await order({}, 'paid', now - 60_000)
    await one.run()
    expect(one.numbers()).toEqual([old.orderNo])
    now += 290_000
    await one.run()
    expect(one.numbers()).toEqual([old.orderNo, late.orderNo])
  })
})
