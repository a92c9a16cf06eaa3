import { createHash } from 'node:crypto'
import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { addDays } from '../../../../server/domain/business-date'
import type { Order } from '../../../../server/domain/order'
import { sqlOrderDesk } from '../../../../server/store/sql/desk/orders'
import { sqlSearchDesk } from '../../../../server/store/sql/desk/search'
import { migrations } from '../../../../server/store/sql/migrations'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlDeliveries } from '../../../../server/store/sql/payment/deliveries'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { packBooks } from '../../../../server/store/sql/payment/pack-books'
import { packPapers } from '../../../../server/store/sql/payment/pack-papers'
import { pruneOutbox } from '../../../../server/store/sql/payment/prune-outbox'
import { ownPage } from '../../../../server/store/sql/reconcile/match'
import { chained } from '../audit/books'
import { opensHere } from '../upgraded'
import { closed, DATE, NOON, newOrder, opening, paid, SUCCEEDED, UNKNOWN } from './ledger-orders'

/** What was paid is found by when, and by its channel's number, whether the event that says so is a row or packed. */

const NEXT = addDays(DATE, 1)
const THIRD = addDays(DATE, 2)
const MINUTE = 60_000
const SOON = 10 * MINUTE
const MIDNIGHT = Date.parse(`${NEXT}T00:00:00+08:00`)
const DAY = 24 * 60 * MINUTE

describe.each(sqlEngines())('what was paid, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const rows = async <Row>(text: string, values: unknown[] = []) =>
    (await sql.db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows
  const dateOf = (at: number) => (at < MIDNIGHT ? DATE : addDays(DATE, 1 + Math.floor((at - MIDNIGHT) / DAY)))
  /** Opened at a time, and paid so many ms later. */
  const made = async (createdAt: number, took: number, more: Parameters<typeof newOrder>[0] = {}) => {
    const order = newOrder({ businessDate: dateOf(createdAt), createdAt, ...more })
    expect((await sqlLedger(sql).openOrder(opening(order))).kind).toBe('opened')
    const end = paid(order, createdAt + took)
    const reply = { ...SUCCEEDED, outcome: { kind: 'succeeded' as const, channelTradeNo: end.channelTradeNo } }
    await sqlLedger(sql).endOrder(order, end, reply)
    return order
  }
  const packed = async (upTo: string) => {
    await chained(sql, upTo)
    await packPapers(sql, '2100-01-01')
    await packBooks(sql)
  }
  const packedNos = async () =>
    (await rows<{ no: string }>('select distinct order_no as no from packed_events order by 1')).map(({ no }) => no)
  const numbers = (orders: readonly Order[]) => orders.map(({ orderNo }) => orderNo).sort()
  const endedOn = async (date: string) => {
    const found = await sqlOrderDesk(sql).orders({ branchCode: null, state: 'paid', endedOn: date, limit: 100 })
    return found.map(({ orderNo }) => orderNo).sort()
  }
  /** Of a date, a page of so many at a time; no statement has any. */
  const bookings = async (ownDate: string, limit: number) => {
    const found: string[] = []
    let booked = 0
    for (let after: { endedAt: number; number: string } | undefined, pages = 0; pages < 100; pages++) {
      const input = { day: { channel: 'bank' as const, date: THIRD }, kind: 'clearing' as const, ownDate, limit }
      const page = await ownPage(sql, { ...input, after, shortBefore: MIDNIGHT + 9 * DAY })
      booked += page.booked.clearing.count
      found.push(...page.shortEntries.map(({ orderNo }) => orderNo))
      after = page.next
      if (!after) break
    }
    expect(found.length).toBe(booked)
    return found
  }
  const said = async () =>
    (await rows<{ no: string }>('select order_no as no from outbox order by id')).map(({ no }) => no)
  const search = async (tradeNo: string) =>
    (await sqlSearchDesk(sql).ordersByNumber([tradeNo], null, 10)).map(({ orderNo }) => orderNo)

  it('is found when its event is packed: by the channel’s number, by the day of its ending, and to be matched', async () => {
    const order = await made(NOON, 800)
    const other = await made(NOON, 900)
    await packed(DATE)
    expect(await rows('select from order_events')).toEqual([])
    expect(await search(`bank-${order.orderNo}`)).toEqual([order.orderNo])
    expect(await search('bank-none')).toEqual([])
    expect([await endedOn(DATE), await endedOn(NEXT)]).toEqual([numbers([order, other]), []])
    expect(await bookings(DATE, 10)).toEqual([order.orderNo, other.orderNo])
    expect(await bookings(NEXT, 10)).toEqual([])
  })

  it('is packed anew where a version from before had packed it', async () => {
    await rows('drop schema public cascade')
    await rows('create schema public')
    await sql.migrate({ steps: Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0104')) })
    await opensHere(sql)
    const order = await made(NOON, 800)
    const late = await made(NOON, SOON + 1)
    await packed(DATE)
    const told = await rows('select * from packed_events order by event_id')
    expect(await packedNos()).toEqual(numbers([order, late]))
    await sql.migrate({ contract: true })
    expect(await packedNos()).toEqual([])
    await packBooks(sql)
    expect(await packedNos()).toEqual([order.orderNo])
    const kept = await rows<{ n: number }>('select count(*)::int as n from order_events')
    const again = await rows('select * from packed_events order by event_id')
    expect(again.length + kept[0]!.n).toBe(told.length)
    expect([await search(`bank-${order.orderNo}`), await search(`bank-${late.orderNo}`)]).toEqual([
      [order.orderNo],
      [late.orderNo],
    ])
    expect(await endedOn(DATE)).toEqual(numbers([order, late]))
  })

  it('is found by no other number that has its hash', async () => {
    const order = await made(NOON, 800)
    await packed(DATE)
    const hash = createHash('md5').update(`bank-${order.orderNo}`).digest().readInt32BE()
    expect(await rows('select trade_hashes from order_books')).toEqual([{ trade_hashes: [hash] }])
    await rows('update orders set channel_trade_no = $1', ['another'])
    expect(await search(`bank-${order.orderNo}`)).toEqual([])
  })

  it('stays a row where it would not be found by its opening: paid late, before it was opened, or of another day than its time', async () => {
    const soon = [await made(NOON, 0), await made(NOON, SOON)]
    soon.push(await made(MIDNIGHT - SOON, SOON), await made(MIDNIGHT - 1, SOON), await made(MIDNIGHT, 1))
    const stay = [await made(NOON, SOON + 1), await made(NOON, -1), await made(NOON, 1, { businessDate: NEXT })]
    // Paid soon, and a row all the same: there was news against it.
    const argued = await made(NOON, 7)
    await sqlLedger(sql).noteReply(argued.orderNo, UNKNOWN, 'decline-after-paid', NOON + 8)
    stay.push(argued)
    const never = newOrder()
    await sqlLedger(sql).openOrder(opening(never))
    await sqlLedger(sql).endOrder(never, closed(NOON + DAY / 2 - 1), null)
    await packed(NEXT)
    expect(await packedNos()).toEqual(numbers([...soon, never]))
    expect(await endedOn(DATE)).toEqual(numbers([...soon.slice(0, 2), ...stay]))
    expect(await endedOn(NEXT)).toEqual(numbers(soon.slice(2)))
  })

  it('is come by once each in the order of the endings, whatever is packed and whatever a page is', async () => {
    const orders: { order: Order; at: number }[] = []
    const opens = [0, 1, 1, 2, 5, 5, 5, 30, 31, 90].map((minutes) => MIDNIGHT - 60 * MINUTE + minutes * MINUTE)
    const takes = [0, SOON, 1, 40 * MINUTE, MINUTE, MINUTE, 0, SOON, SOON + 1, 5]
    for (const [nth, at] of opens.entries()) orders.push({ order: await made(at, takes[nth]!), at: at + takes[nth]! })
    const sorted = orders.sort((a, b) => a.at - b.at || (a.order.orderNo < b.order.orderNo ? -1 : 1))
    const of = (date: string) => sorted.filter(({ at }) => dateOf(at) === date).map(({ order }) => order.orderNo)
    const look = async () => {
      for (const limit of [1, 2, 3, 100])
        expect([await bookings(DATE, limit), await bookings(NEXT, limit)]).toEqual([of(DATE), of(NEXT)])
      expect([await endedOn(DATE), await endedOn(NEXT)]).toEqual([of(DATE).sort(), of(NEXT).sort()])
    }
    await look()
    await packed(DATE)
    expect((await packedNos()).length).toBe(7)
    await look()
    await packed(NEXT)
    expect((await packedNos()).length).toBe(8)
    await look()
    await rows(`select unpack_books($1::date, 9)`, [NEXT])
    await look()
  })

  it('is pruned once, in as many stretches as it takes, up to the time that is asked for and no further', async () => {
    const orders: Order[] = []
    for (let nth = 0; nth < 9; nth++) orders.push(await made(MIDNIGHT - 4 * MINUTE, nth * MINUTE))
    const late = await made(MIDNIGHT - 4 * MINUTE, 2 * SOON)
    await packed(NEXT)
    expect((await packedNos()).length).toBe(9)
    const all = await said()
    expect(all.length).toBe(10)
    let pruned = 0
    for (let more = true; more; ) {
      const done = await pruneOutbox(sql, MIDNIGHT + 2 * MINUTE, 2)
      if (done.kind !== 'pruned') throw new Error(done.kind)
      pruned += done.rows
      more = done.more
    }
    expect([pruned, await said()]).toEqual([6, [...orders.slice(6).map(({ orderNo }) => orderNo), late.orderNo]])
    expect(await pruneOutbox(sql, MIDNIGHT + DAY)).toEqual({ kind: 'pruned', rows: 4, more: false })
    expect(await said()).toEqual([])
  })

  it('that is missing from what is told is seen, though its event is packed', async () => {
    const order = await made(NOON, 800)
    await packed(DATE)
    await rows('delete from outbox where order_no = $1', [order.orderNo])
    expect(await pruneOutbox(sql, MIDNIGHT)).toEqual({ kind: 'rows-missing', expected: 1, found: 0 })
  })

  it('is told to WeChat once, though it was packed before anybody could', async () => {
    const weapp = { channel: 'wechatpay' as const, payerRef: 'wx|o-1' }
    const one = await made(NOON, 800, weapp)
    await made(NOON, 800, { channel: 'wechatpay', payerRef: 'other|o-1' })
    const late = await made(NOON, SOON + 800, weapp)
    await packed(DATE)
    const before = await made(NOON + 5, 900, weapp)
    const plan = (paidFrom: number, look: number) => sqlDeliveries(sql).plan({ paidFrom, payerRefPrefix: 'wx|', look })
    expect(await plan(NOON + SOON + 801, 10)).toEqual({ planned: 0, upTo: undefined })
    const steps: number[] = []
    for (let paidFrom: number | undefined = NOON; paidFrom !== undefined && steps.length < 9; ) {
      const { planned, upTo } = await plan(paidFrom, 2)
      steps.push(planned)
      paidFrom = upTo
    }
    // It looks at two of them, and at more only where it can't tell.
    expect(steps.length).toBeGreaterThan(1)
    expect(steps.reduce((a, b) => a + b)).toBe(3)
    expect(await plan(NOON, 10)).toEqual({ planned: 0, upTo: undefined })
    expect(await rows('select order_no, paid_at from deliveries order by paid_at')).toEqual([
      { order_no: one.orderNo, paid_at: NOON + 800 },
      { order_no: before.orderNo, paid_at: NOON + 905 },
      { order_no: late.orderNo, paid_at: NOON + SOON + 800 },
    ])
  })
})
