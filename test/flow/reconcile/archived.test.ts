import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { Sql } from '../../../server/store/sql/open-sql'
import { archiveByHand } from '../../support/archived'
import { AFTER, D, type Desk, done, lineOf, NEXT, OTHER, phantom, startDesk } from '../../support/reconcile'

describe.each(oneSqlEngine())('reconciliation after a day was archived, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let desk: Desk
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
    desk = startDesk(sql)
    await desk.live()
  })
  afterAll(() => engine?.stop())

  const found = async (date: string) =>
    (await desk.differences(date)).map(({ class: named, detail, orderNo }) => [named, detail, orderNo])

  it('refuses that day, with the statement it had and with another, and changes nothing', async () => {
    const orders = [await desk.paid(), await desk.paid()]
    const lines = orders.map((order) => lineOf(order))
    expect(done(await desk.reconcile(D, lines))).toMatchObject({ found: 0 })
    await archiveByHand(sql, D, orders)
    const before = await desk.dump()
    for (const given of [lines, [], [phantom]])
      expect(await desk.reconcile(D, given)).toMatchObject({ kind: 'refused', code: 'day-archived' })
    expect(await desk.reconcile(D, [], OTHER)).toMatchObject({ kind: 'refused', code: 'day-archived' })
    expect(await desk.dump()).toBe(before)
  })

  it('calls what a later statement says of its orders archived, and nothing else', async () => {
    const orders = [await desk.paid(), await desk.paid()]
    const [gone, stayed] = orders
    const refund = await desk.refunded(stayed!)
    done(await desk.reconcile(D, [...orders.map((order) => lineOf(order)), lineOf(stayed!, refund)]))
    await archiveByHand(sql, D, [gone!])
    const today = await desk.paid(NEXT)
    const never = { ...phantom, orderNo: `F${NEXT.replaceAll('-', '')}-0000-0000-0000` }
    const odd = ['F20261120', 'F2026112', 'F20261399-0000-0000-0000', '%', `F'; drop table orders --`]
    const { reconciliation } = done(
      await desk.reconcile(NEXT, [
        lineOf(today),
        lineOf(gone!),
        lineOf(stayed!),
        never,
        { ...lineOf(gone!), kind: 'refund', refundNo: 'R-unknown', orderNo: gone!.orderNo },
        ...odd.map((orderNo) => ({ ...phantom, orderNo })),
      ]),
    )
    expect(await found(NEXT)).toEqual([
      ['long', 'order-archived', gone!.orderNo],
      ['duplicate', 'booked-twice', stayed!.orderNo],
      ['long', 'no-such-order', never.orderNo],
      ['long', 'no-such-refund', gone!.orderNo],
      ...odd.map((orderNo) => ['long', 'no-such-order', orderNo]),
    ])
    expect(reconciliation.result).toMatchObject({ proven: true, balanced: { clearing: { count: 1 } } })
  })

  it('is decided by two people, and its payer’s leg waits, since nobody here knows who that is', async () => {
    const order = await desk.paid()
    done(await desk.reconcile(D, [lineOf(order)]))
    await archiveByHand(sql, D, [order])
    done(await desk.reconcile(NEXT, [lineOf(order)]))
    const [difference] = await desk.differences(NEXT)
    await desk.accept(difference!.differenceId)
    expect(await desk.balance('suspense-payer')).toBe(lineOf(order).payerFen)
    expect(await desk.rows('select order_no from postings')).toEqual(Array(3).fill({ order_no: null }))
    expect(done(await desk.reconcile(AFTER, []))).toMatchObject({ found: 0 })
  })

  it('makes up for days that were archived while a channel was off, on which nobody had paid by it, and goes on', async () => {
    const before = await desk.paid(D, 'payer-2', OTHER)
    done(await desk.reconcile(D, [lineOf(before)], OTHER))
    done(await desk.reconcile(D, []))
    const order = await desk.paid(NEXT)
    done(await desk.reconcile(NEXT, [lineOf(order)]))
    await archiveByHand(sql, NEXT, [order])
    const back = await desk.paid(AFTER, 'payer-2', OTHER)
    expect(await desk.reconcile(AFTER, [lineOf(back)], OTHER)).toMatchObject({
      code: 'day-before-missing',
      days: [NEXT],
    })
    expect(done(await desk.reconcile(NEXT, [], OTHER))).toMatchObject({ found: 0, again: false })
    expect(await desk.reconcile(NEXT, [], OTHER)).toMatchObject({ kind: 'refused', code: 'day-archived' })
    expect(done(await desk.reconcile(AFTER, [lineOf(back)], OTHER))).toMatchObject({ found: 0 })
  })

  it('of a channel that was never reconciled begins after what is archived, whatever stays of it', async () => {
    const stayed = await desk.paid(D, 'payer-2', OTHER)
    await desk.refunded(stayed)
    await archiveByHand(sql, D, [])
    const order = await desk.paid(NEXT, 'payer-2', OTHER)
    expect(await desk.reconciliations.firstDay(OTHER)).toBe(NEXT)
    expect(await desk.reconcile(D, [lineOf(stayed)], OTHER)).toMatchObject({ kind: 'refused', code: 'day-archived' })
    expect(done(await desk.reconcile(NEXT, [lineOf(order)], OTHER))).toMatchObject({ found: 0 })
  })

  it('finds nothing in a day that is run again, one of whose lines is of an order that was archived since', async () => {
    desk.late()
    const order = await desk.paid()
    done(await desk.reconcile(D, []))
    expect(done(await desk.reconcile(NEXT, [lineOf(order)]))).toMatchObject({ found: 0, again: false })
    await archiveByHand(sql, D, [order])
    const before = await desk.dump()
    expect(done(await desk.reconcile(NEXT, [lineOf(order)]))).toMatchObject({
      found: 0,
      again: true,
      reconciliation: { result: { proven: true, balanced: { clearing: { count: 1 } } } },
    })
    expect([await found(NEXT), await desk.dump()]).toEqual([[], before])
  })
})
