import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { ChannelName } from '../../../server/domain/channel'
import type { StatementSource } from '../../../server/flow/ports'
import { reconcileDue } from '../../../server/flow/reconcile/due'
import { type ReconcileResult, reconcileDay } from '../../../server/flow/reconcile/reconcile'
import { AFTER, D, type Desk, dayOf, done, lineOf, NEXT, OTHER, startDesk, written } from '../../support/reconcile'

/** Two channels with statements of their own, each with its own hour. */
describe.each(oneSqlEngine())('a day of reconciliation is a channel’s, on $name', ({ start }) => {
  let engine: TestSql
  let desk: Desk
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    desk = startDesk(await engine.fresh())
    await desk.live()
  })
  afterAll(() => engine?.stop())

  const found = async (date: string, channel?: typeof OTHER) =>
    (await desk.differences(date, channel)).map((one) => [one.channel, one.class, one.detail, one.orderNo])

  it('each has runs, differences and totals of its own', async () => {
    desk.late()
    const [ours, theirs] = [await desk.paid(), await desk.paid(D, 'payer-2', OTHER)]
    const back = await desk.refunded(theirs)
    const bank = done(await desk.reconcile(D, [lineOf(ours)]))
    expect(bank).toMatchObject({ found: 0, reconciliation: { channel: 'bank', result: { proven: true } } })
    expect(bank.reconciliation.result).toMatchObject({ own: { clearing: { count: 1 }, refund: { count: 0 } } })
    const other = done(await desk.reconcile(D, [lineOf(theirs)], OTHER))
    expect(other.reconciliation).toMatchObject({
      channel: OTHER,
      manifest: { lines: 1 },
      result: { proven: true, own: { clearing: { count: 1, glFen: 0 }, refund: { count: 1 } } },
    })
    expect(done(await desk.reconcile(NEXT, [], OTHER)).found).toBe(1)
    expect(await found(NEXT, OTHER)).toEqual([[OTHER, 'short', 'not-in-statement', theirs.orderNo]])
    expect((await desk.differences(NEXT, OTHER))[0]!.refundNo).toBe(back.refundNo)
    expect(await found(NEXT)).toEqual([])
  })

  it('a line with the number of another channel’s order is long: it ends nothing there, nor does its correction touch it', async () => {
    const [open, paid] = [await desk.open(D, 'payer-2', OTHER), await desk.paid(D, 'payer-3', OTHER)]
    const back = await desk.refunding(paid)
    done(await desk.reconcile(D, [lineOf(open), lineOf(paid), lineOf(paid, back)]))
    expect(await found(D)).toEqual([
      ['bank', 'long', 'no-such-order', open.orderNo],
      ['bank', 'long', 'no-such-order', paid.orderNo],
      ['bank', 'long', 'no-such-refund', paid.orderNo],
    ])
    for (const one of await desk.differences(D)) await desk.accept(one.differenceId)
    expect(await desk.ledger.order(open.orderNo)).toMatchObject({ state: 'paying' })
    expect(await desk.refunds.refund(back.refundNo)).toMatchObject({ state: 'refunding' })
    const corrections = 'select order_no, refund_no from postings where correction_id is not null'
    for (const row of await desk.rows(corrections)) expect(row).toEqual({ order_no: null, refund_no: null })
    // Its own channel's statement ends it, and the bank's line was no first booking of it.
    expect(done(await desk.reconcile(D, [lineOf(open), lineOf(paid), lineOf(paid, back)], OTHER)).found).toBe(0)
    expect(await desk.ledger.order(open.orderNo)).toMatchObject({ state: 'paid' })
    expect(await desk.refunds.refund(back.refundNo)).toMatchObject({ state: 'refunded' })
  })

  it('another channel’s line doesn’t answer a short, nor keep an unanswered order from being closed', async () => {
    desk.late()
    const [paid, open] = [await desk.paid(D, 'payer-2', OTHER), await desk.open(D, 'payer-3', OTHER)]
    for (const date of [D, NEXT]) done(await desk.reconcile(date, [lineOf(paid), lineOf(open)]))
    done(await desk.reconcile(D, [], OTHER))
    const next = done(await desk.reconcile(NEXT, [], OTHER))
    expect(next.reconciliation.result).toMatchObject({ closed: 1 })
    expect(await found(NEXT, OTHER)).toEqual([[OTHER, 'short', 'not-in-statement', paid.orderNo]])
    done(await desk.reconcile(AFTER, [lineOf(paid)]))
    expect((await desk.differences(NEXT, OTHER))[0]).toMatchObject({ state: 'open' })
    done(await desk.reconcile(AFTER, [lineOf(paid)], OTHER))
    expect((await desk.differences(NEXT, OTHER))[0]).toMatchObject({ state: 'cleared' })
  })

  it('an order of the last minute is carried over to its own channel’s next file (日切)', async () => {
    desk.late()
    const [early, late] = [await desk.paid(D, 'payer-2', OTHER), await desk.paid(D, 'payer-3', OTHER)]
    done(await desk.reconcile(D, [], 'bank'))
    const day = done(await desk.reconcile(D, [lineOf(early)], OTHER))
    expect(day.reconciliation.result).toMatchObject({ proven: true, carried: { clearing: { count: 1 } } })
    done(await desk.reconcile(NEXT, [], 'bank'))
    const next = done(await desk.reconcile(NEXT, [lineOf(late)], OTHER))
    expect(next).toMatchObject({ found: 0, reconciliation: { result: { ownOtherDays: { clearing: { count: 1 } } } } })
  })

  it('a gap in one channel’s days holds up no other', async () => {
    for (const date of [D, NEXT, AFTER]) done(await desk.reconcile(date, []))
    done(await desk.reconcile(D, [], OTHER))
    expect(await desk.reconcile(AFTER, [], OTHER)).toMatchObject({ code: 'day-before-missing', days: [NEXT] })
    expect(done(await desk.reconcile(D, [], OTHER)).again).toBe(true)
    done(await desk.reconcile(NEXT, [], OTHER))
  })

  it('a channel without statements is refused, and nothing is stored', async () => {
    const before = await desk.dump()
    const refused = { kind: 'refused', code: 'no-statements' }
    expect(await reconcileDay(desk.deps, dayOf(D, 'unionpay'))).toMatchObject(refused)
    expect(await desk.dump()).toBe(before)
  })

  it('each is due at its own hour, also when another channel’s statement is late', async () => {
    const at = (time: string) => {
      desk.clock.at = Date.parse(`${time}+08:00`)
    }
    const late = { kind: 'refused' as const, code: 'statement-not-ready' as const, detail: '' }
    const statements = new Map<ChannelName, StatementSource>([
      ['bank', { reconcileFromMs: 3_600_000, cutBeforeMs: 0, fetchStatement: async () => late }],
      [
        OTHER,
        { reconcileFromMs: 9 * 3_600_000, cutBeforeMs: 0, fetchStatement: async (date: string) => written(date, []) },
      ],
      ['unionpay', { reconcileFromMs: null, cutBeforeMs: 0, fetchStatement: async () => late }],
    ])
    const deps = { ...desk.deps, statements }
    await desk.paid()
    await desk.paid(D, 'payer-2', OTHER)
    at('2026-11-21T08:59:59')
    expect(await reconcileDue(deps, 'bank')).toMatchObject({ date: D, result: late })
    expect(await reconcileDue(deps, OTHER)).toBeUndefined()
    at('2026-11-21T09:00:00')
    expect(await reconcileDue(deps, OTHER)).toMatchObject({ date: D, result: { kind: 'reconciled' } })
    expect(await reconcileDue(deps, OTHER)).toBeUndefined()
    expect(await reconcileDue(deps, 'unionpay')).toBeUndefined()
    // What doesn't come in a day won't by itself: some channels never say that a day had no trades.
    at('2026-11-22T00:59:59')
    await reconcileDue(deps, 'bank')
    expect(desk.alarms).toEqual([])
    at('2026-11-22T01:00:00')
    await reconcileDue(deps, 'bank')
    expect(desk.alarms).toEqual(['statement-overdue'])
  })

  it('of processes that reconcile two channels at once, each channel is done once and neither waits for the other', async () => {
    const [ours, theirs] = [await desk.paid(), await desk.paid(D, 'payer-2', OTHER)]
    const twice = { ...lineOf(ours), orderNo: 'PHANTOM' }
    desk.give(D, [lineOf(ours), twice])
    desk.give(D, [lineOf(theirs), { ...lineOf(theirs), orderNo: 'PHANTOM' }], OTHER)
    const days = [dayOf(D), dayOf(D, OTHER), dayOf(D), dayOf(D, OTHER)]
    const results = await Promise.all(days.map((day) => reconcileDay(desk.deps, day)))
    for (const result of results)
      if (result.kind === 'refused') expect(result.code).toBe('reconciliation-running')
      else expect(result.reconciliation.result.proven).toBe(true)
    expect(await found(D)).toEqual([['bank', 'long', 'no-such-order', 'PHANTOM']])
    expect(await found(D, OTHER)).toEqual([[OTHER, 'long', 'no-such-order', 'PHANTOM']])
  })

  it('a process that was given up for dead finds the day another’s, and writes nothing more', async () => {
    const order = await desk.paid()
    const [mine, theirs] = [[lineOf(order), lineOf(order)], [lineOf(order)]].map((lines) =>
      written(
        D,
        lines.map((line, i) => ({ ...line, lineNo: i + 1 })),
      ),
    )
    let meanwhile: ReconcileResult | undefined
    // It stands still between two batches, and a minute later, by the ledger's clock, another takes its place.
    async function* slow() {
      yield [{ ...lineOf(order), lineNo: 1 }]
      await desk.rows('update reconciliations set held_until = 0')
      meanwhile = await reconcileDay(depsWith(theirs!), dayOf(D))
      yield [{ ...lineOf(order), lineNo: 2 }]
    }
    const depsWith = (statement: ReturnType<typeof written>) => ({
      ...desk.deps,
      statements: new Map([
        ['bank' as const, { reconcileFromMs: null, cutBeforeMs: 0, fetchStatement: async () => statement }],
      ]),
    })
    const result = await reconcileDay(depsWith({ ...mine!, batches: slow }), dayOf(D))
    expect(result).toMatchObject({ kind: 'refused', code: 'reconciliation-running' })
    expect(meanwhile).toMatchObject({ kind: 'reconciled', found: 0, reconciliation: { manifest: { lines: 1 } } })
    expect(await desk.reconciliations.reconciliation(dayOf(D))).toMatchObject({ manifest: theirs!.manifest })
    expect(await desk.rows('select line_no from statement_lines')).toEqual([{ line_no: 1 }])
    expect(await found(D)).toEqual([])
  })
})
