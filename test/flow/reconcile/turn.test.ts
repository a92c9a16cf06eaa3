import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import type { StatementSource } from '../../../server/flow/ports'
import { listDays, reconcileDue } from '../../../server/flow/reconcile/due'
import { reconcileDay } from '../../../server/flow/reconcile/reconcile'
import { HandedOver } from '../../../server/job/every'
import { AFTER, D, type Desk, dayOf, done, lineOf, NEXT, OTHER, startDesk, written } from '../../support/reconcile'

const BEFORE = '2026-11-19'

describe.each(oneSqlEngine())('the days of a channel, on $name', ({ start }) => {
  let engine: TestSql
  let desk: Desk
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    desk = startDesk(await engine.fresh())
  })
  afterAll(() => engine?.stop())

  const at = (time: string) => {
    desk.clock.at = Date.parse(`${time}+08:00`)
  }
  const due = (statements: Record<string, 'late' | []>) => {
    const fetchStatement: StatementSource['fetchStatement'] = async (date) =>
      statements[date] === 'late'
        ? { kind: 'refused', code: 'statement-not-ready', detail: date }
        : written(date, statements[date] ?? [])
    const sources = new Map([['bank' as const, { reconcileFromMs: 3_600_000, cutBeforeMs: 0, fetchStatement }]])
    return reconcileDue({ ...desk.deps, statements: sources }, 'bank')
  }
  const states = async (days: number, channel: 'bank' | typeof OTHER = 'bank') =>
    (await listDays(desk.deps, channel, AFTER, days)).map(({ date, state }) => `${date} ${state}`)

  it('begin with the first that has orders, though its statement comes two days late', async () => {
    desk.late()
    const order = await desk.paid(D)
    await desk.paid(NEXT)
    at(`${NEXT}T02:00:00`)
    expect(await due({ [D]: 'late' })).toMatchObject({ date: D, result: { code: 'statement-not-ready' } })
    at('2026-11-23T02:00:00')
    expect(await due({ [D]: 'late' })).toMatchObject({ date: D, result: { code: 'statement-not-ready' } })
    const found = []
    for (let i = 0; i < 4; i++) found.push(await due({}))
    expect(found.map((one) => one?.date)).toEqual([D, NEXT, AFTER, undefined])
    expect(found[1]?.result).toMatchObject({ kind: 'reconciled', found: 1 })
    expect((await desk.differences(NEXT))[0]).toMatchObject({ class: 'short', orderNo: order.orderNo })
  })

  it('are left to another process at once by one that is told to stop', async () => {
    const order = await desk.paid(D)
    at(`${AFTER}T02:00:00`)
    const fetchStatement: StatementSource['fetchStatement'] = async (date) =>
      written(date, [{ ...lineOf(order), lineNo: 1 }])
    const statements = new Map([['bank' as const, { reconcileFromMs: 3_600_000, cutBeforeMs: 0, fetchStatement }]])
    const onProgress = () => {
      throw new HandedOver('reconcile-day bank')
    }
    await expect(reconcileDue({ ...desk.deps, statements, onProgress }, 'bank')).rejects.toThrow(HandedOver)
    expect(await reconcileDue({ ...desk.deps, statements }, 'bank')).toMatchObject({
      date: D,
      result: { kind: 'reconciled' },
    })
  })

  it('are none as long as it has had no orders, whatever other channels have', async () => {
    await desk.paid(D, 'payer-2', OTHER)
    at(`${AFTER}T02:00:00`)
    expect(await due({})).toBeUndefined()
    expect(await reconcileDay(desk.deps, dayOf(NEXT))).toMatchObject({ kind: 'refused', code: 'before-first-day' })
    expect(await states(2)).toEqual([`${AFTER} none`, `${NEXT} none`])
    expect(await states(2, OTHER)).toEqual([`${AFTER} missing`, `${NEXT} missing`])
  })

  it('before the first are refused, years back as well, before the channel is asked for anything', async () => {
    await desk.paid(D)
    const asked: string[] = []
    const fetchStatement: StatementSource['fetchStatement'] = async (date) => {
      asked.push(date)
      return written(date, [])
    }
    const statements = new Map([['bank' as const, { reconcileFromMs: null, cutBeforeMs: 0, fetchStatement }]])
    const before = await desk.dump()
    for (const date of [BEFORE, '2001-01-01'])
      expect(await reconcileDay({ ...desk.deps, statements }, dayOf(date))).toEqual({
        kind: 'refused',
        code: 'before-first-day',
        detail: `the first day of bank is ${D}`,
      })
    expect(asked).toEqual([])
    expect(await desk.dump()).toBe(before)
    expect(await states(5)).toEqual([
      `${AFTER} missing`,
      `${NEXT} missing`,
      `${D} missing`,
      `${BEFORE} none`,
      '2026-11-18 none',
    ])
  })

  it('come in turn: a later one names the earlier ones that are still open', async () => {
    desk.late()
    await desk.paid(D)
    expect(await desk.reconcile(AFTER, [])).toMatchObject({ code: 'day-before-missing', days: [D, NEXT] })
    done(await desk.reconcile(D, []))
    expect(await desk.reconcile(AFTER, [])).toMatchObject({ code: 'day-before-missing', days: [NEXT] })
    done(await desk.reconcile(NEXT, []))
    done(await desk.reconcile(AFTER, []))
    expect(await states(3)).toEqual([`${AFTER} balanced`, `${NEXT} differences`, `${D} balanced`])
  })

  it('names a month of them at the most', async () => {
    await desk.paid(D)
    const far = addDays(D, 400)
    const result = await desk.reconcile(far, [])
    expect(result).toMatchObject({ code: 'day-before-missing' })
    expect((result as { days: string[] }).days).toEqual(Array.from({ length: 31 }, (_, i) => addDays(D, i)))
  })

  it('of a house that began in the middle stay as they are: what it passed over is refused, what it has goes on', async () => {
    await desk.paid(D)
    // as it was done when a house began with yesterday
    const hold = await desk.hold(NEXT, [])
    const none = { clearing: { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 } }
    const sums = { ...none, refund: none.clearing }
    const result = { balanced: sums, own: sums, carried: sums, short: sums, ownOtherDays: sums, proven: true }
    await desk.reconciliations.finish(hold, { ...result, ended: 0, closed: 0, unanswered: 0 }, 0)
    expect(await desk.reconcile(D, [])).toMatchObject({ kind: 'refused', code: 'day-passed' })
    done(await desk.reconcile(AFTER, []))
    expect(await desk.reconcile(BEFORE, [lineOf(await desk.paid())])).toMatchObject({ code: 'day-passed' })
  })
})
