import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { StatementLine } from '../../../server/domain/match'
import type { Order } from '../../../server/domain/order'
import { listDays } from '../../../server/flow/reconcile/due'
import { isSigned } from '../../../server/flow/reconcile/report'
import { AFTER, D, type Desk, dayOf, done, lineOf, NEXT, OTHER, phantom, startDesk } from '../../support/reconcile'

type Line = Omit<StatementLine, 'lineNo'>
/** 冲正: the same booking, the other way round. */
const undo = (line: Line): Line => ({
  ...line,
  payerFen: -line.payerFen,
  glFen: -line.glFen,
  merchantFen: -line.merchantFen,
  channelTradeNo: `undo-${line.channelTradeNo}`,
})
const wrong = { payerFen: -9_400, merchantFen: 10_400 }

describe.each(oneSqlEngine())('a difference that was rejected, on $name', ({ start }) => {
  let engine: TestSql
  let desk: Desk
  let order: Order
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    desk = startDesk(await engine.fresh())
    await desk.live()
    order = await desk.paid()
  })
  afterAll(() => engine?.stop())

  const left = async () => (await desk.reconciliations.unsettled(undefined, undefined, 10)).map((one) => one.orderNo)
  const settled = async (date = D) => isSigned((await desk.reconciliations.reconciliation(dayOf(date)))!)
  async function rejected(lines: Line[]): Promise<void> {
    done(await desk.reconcile(D, lines))
    const all = await desk.differences(D)
    for (const one of all) await desk.resolve(one.differenceId, 'reject', 'the bank puts it right')
    expect(all.length).toBeGreaterThan(0)
  }

  it('stays in the list of what is left, and its day unsettled, through days that say nothing of it', async () => {
    await rejected([lineOf(order), phantom])
    done(await desk.reconcile(NEXT, []))
    done(await desk.reconcile(AFTER, []))
    expect(await left()).toEqual([phantom.orderNo])
    expect(await settled()).toBe(false)
    const [day] = await listDays(desk.deps, 'bank', D, 1)
    expect(day).toMatchObject({ state: 'differences', openCount: 0, waitingCount: 1 })
    expect(done(await desk.reconcile(D, [lineOf(order), phantom])).found).toBe(0)
    expect(await left()).toEqual([phantom.orderNo])
  })

  it.each<[string, (line: Line) => Line[], (line: Line) => Line[]]>([
    ['a booking of no order of ours', (line) => [line, phantom], () => [undo(phantom)]],
    ['a second booking', (line) => [line, line], (line) => [undo(line)]],
    ['another amount', (line) => [{ ...line, ...wrong }], (line) => [undo({ ...line, ...wrong }), line]],
    ['another GL account', (l) => [{ ...l, glAccount: '6421-99' }], (l) => [undo({ ...l, glAccount: '6421-99' }), l]],
    ['another payee', (l) => [{ ...l, merchantAccount: 'x' }], (l) => [undo({ ...l, merchantAccount: 'x' }), l]],
    ['another currency', (l) => [{ ...l, currency: 'USD' }], (l) => [undo({ ...l, currency: 'USD' }), l]],
  ])('%s is mended when the channel’s lines come to what we hold', async (_, before, mending) => {
    const line = lineOf(order)
    await rejected(before(line))
    const next = done(await desk.reconcile(NEXT, mending(line)))
    expect(next).toMatchObject({ found: 0, reconciliation: { result: { proven: true }, differences: [] } })
    expect(await left()).toEqual([])
    expect(await settled()).toBe(true)
    expect(await desk.differences(D)).toMatchObject([
      { state: 'mended', resolvedBy: 'checker', mendedBy: `statement of ${NEXT}`, note: 'the bank puts it right' },
    ])
    const dump = await desk.dump()
    expect(done(await desk.reconcile(NEXT, mending(line))).found).toBe(0)
    expect(await desk.dump()).toBe(dump)
  })

  it('a missing booking is mended when a later statement holds it', async () => {
    done(await desk.reconcile(D, []))
    done(await desk.reconcile(NEXT, []))
    const [short] = await desk.differences(D)
    await desk.resolve(short!.differenceId, 'reject', 'the bank books it')
    expect(done(await desk.reconcile(AFTER, [lineOf(order)])).found).toBe(0)
    expect(await desk.differences(D)).toMatchObject([{ state: 'mended', mendedBy: `statement of ${AFTER}` }])
  })

  it('is not mended by half: what doesn’t come to ours is a difference more', async () => {
    await rejected([{ ...lineOf(order), ...wrong }])
    done(await desk.reconcile(NEXT, [undo({ ...lineOf(order), ...wrong })]))
    expect(await left()).toEqual([order.orderNo, order.orderNo])
    done(await desk.reconcile(AFTER, [lineOf(order)]))
    expect(await left()).toEqual([])
  })

  it('is not mended by another channel’s lines', async () => {
    await rejected([lineOf(order), phantom])
    done(await desk.reconcile(D, [undo(phantom)], OTHER))
    expect(await left()).toEqual([phantom.orderNo, phantom.orderNo])
  })

  it('what nobody had decided yet is cleared in the same way, and what was accepted is not', async () => {
    done(await desk.reconcile(D, [lineOf(order), phantom, { ...phantom, orderNo: 'PHANTOM-2' }]))
    const [first] = await desk.differences(D)
    await desk.accept(first!.differenceId)
    done(await desk.reconcile(NEXT, [undo(phantom), undo({ ...phantom, orderNo: 'PHANTOM-2' })]))
    expect((await desk.differences(D)).map((one) => one.state)).toEqual(['accepted', 'cleared'])
    // Our books followed the mistake, so they must follow what puts it right.
    const [second] = await desk.differences(NEXT)
    expect(second).toMatchObject({ class: 'duplicate', orderNo: phantom.orderNo, proposal: { refund: null } })
    await desk.accept(second!.differenceId)
    expect(await desk.balance('acct-PHANTOM')).toBe(0)
  })

  it('an order that was booked for another amount ends when the channel books it right', async () => {
    const open = await desk.open()
    await rejected([lineOf(order), { ...lineOf(open), ...wrong }])
    done(await desk.reconcile(NEXT, [undo({ ...lineOf(open), ...wrong }), lineOf(open)]))
    expect(await desk.ledger.order(open.orderNo)).toMatchObject({ state: 'paid' })
    expect(await left()).toEqual([])
  })
})
