import { sqlEngines, type TestSql } from '../../../harness/sql'
import { D, type Desk, done, lineOf, NEXT, phantom, startDesk } from '../../support/reconcile'

describe.each(sqlEngines())('an operator decides on a difference, on $name', ({ start }) => {
  let engine: TestSql
  let desk: Desk
  beforeAll(async () => {
    engine = await start()
  }, 300_000)
  beforeEach(async () => {
    desk = startDesk(await engine.fresh())
    await desk.live()
  })
  afterAll(() => engine?.stop())

  const found = async (date: string) =>
    (await desk.differences(date)).map(({ class: named, detail, orderNo }) => [named, detail, orderNo])
  const only = async (date = D) => (await desk.differences(date))[0]!.differenceId
  const ofOrder = (orderNo: string) =>
    desk.rows('select correction_id, account, amount_fen from postings where order_no = $1 order by posting_id', [
      orderNo,
    ])

  it('accepts: the proposal is appended in entries that each sum to zero, and our books are the bank’s (红冲)', async () => {
    const order = await desk.paid()
    await desk.reconcile(D, [{ ...lineOf(order), payerFen: -9_400, merchantFen: 10_400, glAccount: '6421-99' }])
    const id = await only()
    expect(await desk.resolve(id, 'accept', 'the bank is right')).toMatchObject({
      kind: 'resolved',
      difference: { state: 'accepted', resolvedBy: 'checker', note: 'the bank is right' },
    })
    const { payer } = order.accounts
    expect(await ofOrder(order.orderNo)).toEqual(
      [
        [null, payer, -9_500],
        [null, '6421-03', -1_000],
        [null, 'acct-M0001', 10_500],
        [`${id}/1`, payer, 9_500],
        [`${id}/1`, '6421-03', 1_000],
        [`${id}/1`, 'acct-M0001', -10_500],
        [`${id}/2`, payer, -9_400],
        [`${id}/2`, '6421-99', -1_000],
        [`${id}/2`, 'acct-M0001', 10_400],
      ].map(([correction_id, account, amount_fen]) => ({ correction_id, account, amount_fen })),
    )
  })

  it('accepts a booking of no order of ours: its entry names none', async () => {
    await desk.reconcile(D, [phantom])
    await desk.resolve(await only(), 'accept')
    expect(await desk.balance('acct-PHANTOM')).toBe(1_234)
    expect(await desk.balance('suspense-payer')).toBe(-1_234)
  })

  it('accepts a success for a closed order: it is booked, and a refund of all of it is due for the sweeper', async () => {
    const order = await desk.closed()
    await desk.reconcile(D, [lineOf(order)])
    await desk.resolve(await only(), 'accept')
    expect(await desk.balance('acct-M0001')).toBe(10_500)
    const [due] = await desk.refunds.claimDueRefunds(desk.clock.now(), 10)
    expect(due).toMatchObject({
      order: { orderNo: order.orderNo, state: 'closed' },
      refund: { state: 'refunding', shares: { payerFen: 9_500, glFen: 1_000, merchantFen: 10_500 } },
    })
    const events = await desk.rows('select refund_no, kind from refund_events')
    expect(events).toEqual([{ refund_no: due!.refund.refundNo, kind: 'opened' }])
    const booked = await desk.endRefund(due!.refund, order)
    expect(await desk.balance('acct-M0001')).toBe(0)
    done(await desk.reconcile(NEXT, [lineOf(order, booked)]))
    expect(await found(NEXT)).toEqual([])
  })

  it('rejects with a note: the books stay', async () => {
    const order = await desk.paid()
    await desk.reconcile(D, [lineOf(order), lineOf(order)])
    expect(await desk.resolve(await only(), 'reject', ' ')).toEqual({ kind: 'refused', code: 'note-missing' })
    expect(await desk.resolve(await only(), 'reject', 'the bank reverses it')).toMatchObject({
      difference: { state: 'rejected' },
    })
    expect(await ofOrder(order.orderNo)).toHaveLength(3)
  })

  it('decides once, and of two at once one decides', async () => {
    await desk.reconcile(D, [phantom])
    const id = await only()
    const results = await Promise.all([desk.resolve(id, 'accept'), desk.resolve(id, 'reject')])
    expect(results.map((one) => one.kind).sort()).toEqual(['refused', 'resolved'])
    expect(results).toContainEqual(expect.objectContaining({ kind: 'refused', code: 'already-resolved' }))
    expect(await desk.resolve('D20261120-L99', 'accept')).toEqual({ kind: 'refused', code: 'difference-not-found' })
  })
})
