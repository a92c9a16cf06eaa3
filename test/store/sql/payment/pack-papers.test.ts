import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { Order } from '../../../../server/domain/order'
import { audit } from '../../../../server/flow/audit/audit'
import { refundInputHash } from '../../../../server/flow/refund/refund'
import { sqlAudit } from '../../../../server/store/sql/audit/audit'
import { sqlOrderDesk } from '../../../../server/store/sql/desk/orders'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { packPapers } from '../../../../server/store/sql/payment/pack-papers'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { chained, KEYS } from '../audit/books'
import { asked } from '../refund/refund-contract'
import { closed, DATE, NOON, newOrder, opening, paid, SUCCEEDED, UNKNOWN } from './ledger-orders'

const NEXT = '2026-11-22'

describe.each(sqlEngines())('packing what was sent and answered, on $name', ({ start }) => {
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
  const open = async (order = newOrder(), request: object = { orderNo: order.orderNo }) => {
    expect((await sqlLedger(sql).openOrder(opening(order, { request }))).kind).toBe('opened')
    return order
  }
  const pay = async (order: Order, raw: unknown = { status: 200 }) =>
    void (await sqlLedger(sql).endOrder(order, paid(order), { ...SUCCEEDED, raw }))
  const made = async (raw?: unknown, businessDate = DATE) => {
    const order = await open(newOrder({ businessDate }))
    await pay(order, raw)
    return order
  }
  /** All there is of requests and replies, wherever it lies. */
  const papers = async () =>
    JSON.stringify(
      await rows(`
        select order_no, request::text, sent_at, reply::text, replied_at from channel_requests
        union all select order_no, request::text, sent_at, reply, replied_at from packed_papers order by 1`),
    )
  const packedNos = async () =>
    (await rows<{ no: string }>('select order_no as no from packed_papers')).map((x) => x.no)
  const violations = async () =>
    (await audit({ books: sqlAudit(sql, KEYS), campaignSecret: () => undefined })).violations.map((one) => one.code)

  it('keeps each to the letter, and the desk finds it', async () => {
    const order = await open()
    const raw = { b: 1, a: [`${order.orderNo} and ${order.orderNo}`, '\u0001', '名额', 1e21, ''], __proto: null }
    await pay(order, raw)
    const strange = await open()
    await rows(`update channel_requests set reply = '{"a" :1,\n"a":2,"n":"\\u0000\\u0001"}' where order_no = $1`, [
      strange.orderNo,
    ])
    await sqlLedger(sql).endOrder(strange, closed(), null)
    await chained(sql, DATE)
    const desk = sqlOrderDesk(sql)
    const found = await violations()
    const [before, said] = [await papers(), [await desk.replies(order.orderNo), await desk.replies(strange.orderNo)]]
    expect(await packPapers(sql, NEXT)).toEqual({ orders: 2 })
    expect(await rows('select from channel_requests')).toEqual([])
    expect(await papers()).toBe(before)
    expect([await desk.replies(order.orderNo), await desk.replies(strange.orderNo)]).toEqual(said)
    expect(said[0]).toEqual([expect.objectContaining({ raw })])
    expect(await violations()).toEqual(found)
  })

  it('leaves what may still be written: of today, without an ending, and what is in no link yet', async () => {
    const over = await made()
    await open()
    await made({}, NEXT)
    await chained(sql, DATE)
    await made()
    expect(await packPapers(sql, DATE)).toEqual({ orders: 0 })
    expect(await packPapers(sql, NEXT)).toEqual({ orders: 1 })
    expect(await packedNos()).toEqual([over.orderNo])
    await chained(sql, DATE)
    expect(await packPapers(sql, NEXT)).toEqual({ orders: 1 })
    expect(await rows('select from order_papers')).toHaveLength(2)
  })

  it('comes to the same in stretches, and by two at once', async () => {
    for (let n = 0; n < 7; n++) await made({ n })
    await chained(sql, DATE)
    const before = await papers()
    const other = openSql({ ...engine.connection(), max: 1 })
    const all = async (on: Sql) => {
      let orders = 0
      for (let after: string | undefined = ''; after !== undefined; ) {
        const packed = await packPapers(on, NEXT, after, 3)
        orders += packed.orders
        after = packed.next
      }
      return orders
    }
    const [mine, theirs] = await Promise.all([all(sql), all(other)])
    await other.close()
    expect(mine + theirs).toBe(7)
    expect(new Set(await packedNos()).size).toBe(7)
    expect(await papers()).toBe(before)
  })

  it('stands in the way of nothing that comes later: a notice, a refund, a key used again', async () => {
    const order = newOrder()
    const first = opening(order)
    await sqlLedger(sql).openOrder(first)
    await pay(order)
    await chained(sql, DATE)
    const found = await violations()
    await packPapers(sql, NEXT)
    const ledger = sqlLedger(sql)
    expect(await ledger.noteReply(order.orderNo, UNKNOWN, 'too late', NOON + 90_000_000)).toBe('paid')
    expect(await ledger.endOrder(order, closed(), UNKNOWN)).toBe('already-ended')
    expect(await ledger.openOrder({ ...first, order: { ...newOrder(), payerId: order.payerId } })).toMatchObject({
      kind: 'replayed',
    })
    const inputHash = refundInputHash(order.orderNo, 100, null)
    const refund = asked((await ledger.order(order.orderNo))!, 100, { idempotency: { key: 'k', inputHash } })
    expect((await sqlRefunds(sql).openRefund(refund)).kind).toBe('opened')
    await chained(sql, DATE)
    expect(await violations()).toEqual(found)
  })

  it('is for good: a pack is not changed, and none goes', async () => {
    await made()
    await chained(sql, DATE)
    await packPapers(sql, NEXT)
    for (const text of [
      'update order_papers set sent_at = sent_at',
      'delete from order_papers',
      'truncate order_papers',
    ])
      await expect(rows(text)).rejects.toThrow(/append-only/)
  })
})
