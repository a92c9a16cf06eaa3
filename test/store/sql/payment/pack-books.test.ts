import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { Order } from '../../../../server/domain/order'
import { audit } from '../../../../server/flow/audit/audit'
import { refundInputHash } from '../../../../server/flow/refund/refund'
import { holdArchive } from '../../../../server/store/sql/archive/archive'
import { sqlAudit } from '../../../../server/store/sql/audit/audit'
import { sqlOrderDesk } from '../../../../server/store/sql/desk/orders'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { EVENTS, POSTINGS, packBooks } from '../../../../server/store/sql/payment/pack-books'
import { packPapers } from '../../../../server/store/sql/payment/pack-papers'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { chained, KEYS } from '../audit/books'
import { back, REFUNDED, refunding } from '../refund/refund-contract'
import { closed, DATE, NOON, newOrder, opening, paid, SUCCEEDED, UNKNOWN } from './ledger-orders'

const NEXT = '2026-11-22'
const THIRD = '2026-11-23'

describe.each(sqlEngines())('packing events and postings, on $name', ({ start }) => {
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
  const open = async (order = newOrder()) => {
    expect((await sqlLedger(sql).openOrder(opening(order))).kind).toBe('opened')
    return order
  }
  const pay = async (order: Order) =>
    void (await sqlLedger(sql).endOrder(order, paid(order, order.createdAt + 800), SUCCEEDED))
  const made = async (businessDate = DATE, more: Parameters<typeof newOrder>[0] = {}) => {
    const createdAt = Date.parse(`${businessDate}T12:00:00+08:00`)
    const order = await open(newOrder({ businessDate, createdAt, ...more }))
    await pay(order)
    return order
  }
  const sealed = async (date = DATE) => {
    await chained(sql, date)
    await packPapers(sql, '2100-01-01')
  }
  /** Every row there is, wherever it lies, as text. */
  const books = async () => [
    await rows(
      `select event_id, order_no, kind, verb, outcome::text, raw::text, conflict, at from ${EVENTS} e order by 1`,
    ),
    await rows(`select * from ${POSTINGS} p order by 1`),
  ]
  const packedNos = async () =>
    (await rows<{ no: string }>('select distinct order_no as no from packed_events order by 1')).map((one) => one.no)
  const violations = async () =>
    (await audit({ books: sqlAudit(sql, KEYS), campaignSecret: () => undefined })).violations.map((one) => one.code)
  const live = async () =>
    (await rows<{ n: number }>('select (select count(*) from order_events) + (select count(*) from postings) as n'))[0]!
      .n

  it('keeps each to the letter, and gives each back as it was', async () => {
    const order = await open()
    await sqlLedger(sql).noteReply(
      order.orderNo,
      { ...UNKNOWN, raw: { b: 1, a: [`${order.orderNo} ${order.orderNo}`, '\u0000\u0001', '名额', 1e21, ''] } },
      null,
      NOON + 5_000_000_000,
    )
    await rows(
      `insert into order_events (order_no, kind, verb, outcome, raw, at)
       select $1, 'noted', '', 'null', x::json, -1 from (values ('null'), ('{"a" :1, "a":2}'), ('"\\u0001\\u0000"')) v(x)`,
      [order.orderNo],
    )
    await pay(order)
    await sqlLedger(sql).endOrder(await open(), closed(), null)
    await made(DATE, { amountFen: 12_345, discountFen: 0 })
    await sealed()
    const before = await books()
    expect(await packBooks(sql)).toEqual({ orders: 3 })
    expect(await live()).toBe(0)
    expect(await books()).toEqual(before)
    expect(
      await rows(
        'select unpack_books(day, 1000000) as n from (select distinct business_date as day from order_books) d',
      ),
    ).toEqual([{ n: 1 }])
    expect(await rows('select from order_books')).toEqual([])
    expect([
      await rows(
        `select event_id, order_no, kind, verb, outcome::text, raw::text, conflict, at from order_events order by 1`,
      ),
      await rows(
        `select posting_id, order_no, refund_no, correction_id, account, role, amount_fen, posted_at from postings order by 1`,
      ),
    ]).toEqual(before)
  })

  it('leaves what may still be written: without an ending, of a day that isn’t sealed, in no link yet, or with papers about', async () => {
    const over = await made()
    await open()
    await made(NEXT)
    await sealed()
    const ofNight = await open()
    await pay(ofNight)
    expect(await packBooks(sql)).toEqual({ orders: 1 })
    expect(await packedNos()).toEqual([over.orderNo])
    // After midnight, and after its day was sealed: once it is in a link, and its papers are packed.
    await chained(sql, DATE)
    expect(await packBooks(sql)).toEqual({ orders: 0 })
    await sealed()
    expect(await packBooks(sql)).toEqual({ orders: 1 })
    expect(await packedNos()).toEqual([over.orderNo, ofNight.orderNo].sort())
    await sealed(NEXT)
    expect(await packBooks(sql)).toEqual({ orders: 1 })
    expect(await packBooks(sql)).toEqual({ orders: 0 })
  })

  it('leaves what archiving asks for: contradicted news, a line’s end in a reply, news of the third day', async () => {
    const [conflict, lines, third, plain] = [await made(), await made(), await open(), await made()]
    await sqlLedger(sql).noteReply(conflict.orderNo, UNKNOWN, 'paid-after-close', NOON)
    await rows(`insert into order_events (order_no, kind, raw, at) values ($1, 'noted', '{"a":\n1}', 1)`, [
      lines.orderNo,
    ])
    await sealed(THIRD)
    await pay(third)
    await sealed(THIRD)
    expect(await packBooks(sql)).toEqual({ orders: 1 })
    expect(await packedNos()).toEqual([plain.orderNo])
  })

  it('leaves what stays of an archived day, and everything while one is archived', async () => {
    const [of, next] = [await made(), await made(NEXT)]
    await sealed(NEXT)
    await rows(`insert into archived_days values ($1::date, 'f', repeat('a', 64), 1, 0, 0)`, [DATE])
    const other = openSql({ ...engine.connection(), max: 1 })
    if (engine.name === 'PostgreSQL') {
      const hold = await holdArchive(other, false)
      await expect(packBooks(sql).finally(hold.release)).resolves.toEqual({ orders: 0 })
    }
    await other.close()
    expect(await packBooks(sql)).toEqual({ orders: 1 })
    expect(await packedNos()).toEqual([next.orderNo])
    expect(await rows('select distinct order_no from order_events')).toEqual([{ order_no: of.orderNo }])
  })

  it('comes to the same in stretches, and by two at once', async () => {
    for (let n = 0; n < 7; n++) await made(n < 4 ? DATE : NEXT)
    await sealed(NEXT)
    const before = await books()
    const other = openSql({ ...engine.connection(), max: 1 })
    const all = async (on: Sql) => {
      let orders = 0
      for (let after: string | undefined = ''; after !== undefined; ) {
        const packed = await packBooks(on, after, 3)
        orders += packed.orders
        after = packed.next
      }
      return orders
    }
    const [mine, theirs] = await Promise.all([all(sql), all(other)])
    await other.close()
    expect(mine + theirs).toBe(7)
    expect(await live()).toBe(0)
    expect(await books()).toEqual(before)
  })

  it('does all of a stretch or nothing, cut off where it may be', async () => {
    await made()
    await sealed()
    const before = await books()
    const other = openSql({ ...engine.connection(), max: 1 })
    const client = await other.pool.connect()
    await client.query('begin')
    expect((await client.query(`select packed from pack_books('', 9)`)).rows).toEqual([{ packed: 1 }])
    expect((await client.query(`select current_setting('fapai.packing') as said`)).rows).toEqual([{ said: '' }])
    await client.query('rollback')
    client.release(true)
    await other.close()
    expect(await rows('select from order_books')).toEqual([])
    expect(await books()).toEqual(before)
    expect(await packBooks(sql)).toEqual({ orders: 1 })
  })

  it('stands in the way of nothing that comes later, and the desk shows the same as before', async () => {
    const { orderNo } = await made(DATE, { card: { campaignId: 'c', slot: 0 } })
    await sqlLedger(sql).noteReply(orderNo, UNKNOWN, null, NOON + 900)
    await sealed()
    const desk = sqlOrderDesk(sql)
    const shown = async () => [await desk.order(orderNo, null), await desk.replies(orderNo)]
    const [before, found] = [await shown(), await violations()]
    expect(await packBooks(sql)).toEqual({ orders: 1 })
    expect(await shown()).toEqual(before)
    const [ledger, refunds] = [sqlLedger(sql), sqlRefunds(sql)]
    expect(await ledger.noteReply(orderNo, UNKNOWN, 'too late', NOON + 90_000_000)).toBe('paid')
    const order = (await ledger.order(orderNo))!
    expect(await ledger.endOrder(order, closed(), UNKNOWN)).toBe('already-ended')
    const refund = await refunding(refunds, order, 100, {
      idempotency: { key: 'k', inputHash: refundInputHash(orderNo, 100, null) },
    })
    expect(await refunds.endRefund(refund, back(order, refund), REFUNDED)).toBe('ended')
    const { events, postings } = (await desk.order(orderNo, null))!
    expect(events.map(({ kind }) => kind)).toEqual(['opened', 'paid', 'noted', 'noted'])
    expect(postings.map(({ refundNo }) => refundNo)).toEqual([null, null, null, ...Array(3).fill(refund.refundNo)])
    // What is posted to it still has to come to nothing, as if its own were there.
    await expect(
      rows(`insert into postings (order_no, account, role, amount_fen, posted_at) values ($1, 'a', 'payer', 1, 1)`, [
        orderNo,
      ]),
    ).rejects.toThrow(/sum to 1 fen/)
    await sealed()
    expect(await packBooks(sql)).toEqual({ orders: 0 })
    expect(await violations()).toEqual(found)
  })

  it('is for good: a pack is not changed, and none goes', async () => {
    await made()
    await sealed()
    await packBooks(sql)
    for (const text of ['update order_books set kinds = kinds', 'delete from order_books', 'truncate order_books'])
      await expect(rows(text)).rejects.toThrow(/append-only/)
  })

  it('lays nothing out that can’t be read as it was', async () => {
    await made()
    await sealed()
    await packBooks(sql)
    await rows(`alter table order_books disable trigger all`)
    await rows(`update order_books set outcomes[2] = '{'`)
    await rows(`alter table order_books enable trigger all`)
    await expect(rows('select unpack_books($1::date, 9)', [DATE])).rejects.toThrow(/json/)
    expect(await live()).toBe(0)
  })
})
