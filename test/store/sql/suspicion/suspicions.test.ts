import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { addDays } from '../../../../server/domain/business-date'
import type { Suspicions } from '../../../../server/flow/ports'
import { scoreDue } from '../../../../server/flow/suspicion/due'
import { scoreDay } from '../../../../server/flow/suspicion/score'
import { HandedOver } from '../../../../server/job/every'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { sqlSuspicions } from '../../../../server/store/sql/suspicion/suspicions'
import { FARMED, farmed, honest, layDay, STREET, STREET_CAMPAIGN } from '../../../support/farmed-street'

const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const clock = { now: () => Date.parse('2026-11-18T03:00:00+08:00') }

describe.each(sqlEngines())('the nightly scoring, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let suspicions: Suspicions
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
    await seedFoodStreet(sql, {
      merchants: STREET,
      campaigns: [{ ...STREET_CAMPAIGN, merchantCodes: STREET.map(({ merchantCode }) => merchantCode) }],
    })
    suspicions = sqlSuspicions(sql)
  })
  afterAll(() => engine?.stop())

  const score = (date: string, anew = false) => scoreDay({ suspicions, clock }, date, { anew })
  const open = () => suspicions.list({ state: 'open', limit: 10 })
  const dismiss = (at = clock.now()) =>
    sql.db
      .updateTable('suspicions')
      .set({ decision: 'dismissed', decided_at: at })
      .where('decision', 'is', null)
      .execute()

  it('puts the farmed merchant before people, with the orders that tell of it, and nobody else', async () => {
    const numbers = await layDay(sql, MONDAY)
    expect(await score(MONDAY)).toEqual({ kind: 'scored', merchants: 10, found: 1 })
    expect(await open()).toMatchObject([
      { merchantCode: FARMED, state: 'open', firstDate: MONDAY, lastDate: MONDAY, days: 1, dismissedBefore: 0 },
    ])
    const [found] = await open()
    const [day] = await suspicions.daysOf(found!.suspicionId, 10)
    expect(day!.evidence[0]).toMatchObject({ indicator: 'same-payer', hits: 18, of: 20 })
    expect(day!.evidence[0]!.orderNos).toEqual(numbers.get(FARMED)!.slice(1, 19))
    const orders = await suspicions.ordersOf({ campaignId: found!.campaignId, merchantCode: FARMED, date: MONDAY })
    expect(orders.map(({ payer }) => payer)).toEqual([...new Array(19).fill(1), 2])
  })

  it('is done once a date: by another process that asks at once, and again, it is refused; by hand it finds the same', async () => {
    await layDay(sql, MONDAY)
    const kinds = (await Promise.all([score(MONDAY), score(MONDAY), score(MONDAY)])).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'scored')).toHaveLength(1)
    const before = await open()
    expect(await score(MONDAY)).toEqual({ kind: 'done' })
    expect(await score(MONDAY, true)).toMatchObject({ kind: 'scored', found: 1 })
    expect(await open()).toEqual(before)
  })

  it('is taken up by another when its process died in between, once that one’s time is over', async () => {
    await layDay(sql, MONDAY)
    const die = () => Promise.reject(new Error('died'))
    const dying = { ...suspicions, record: die, keep: die }
    await expect(scoreDay({ suspicions: dying, clock }, MONDAY, { anew: false })).rejects.toThrow('died')
    expect(await score(MONDAY)).toEqual({ kind: 'running' })
    await sql.db.updateTable('suspicion_runs').set({ held_until: 0 }).execute()
    expect(await score(MONDAY)).toMatchObject({ kind: 'scored', found: 1 })
  })

  it('is left to another at once by a process that is told to stop, or fails', async () => {
    await layDay(sql, MONDAY)
    const goOn = () => {
      throw new HandedOver('score-day')
    }
    await expect(scoreDay({ suspicions, clock, goOn }, MONDAY, { anew: false })).rejects.toThrow(HandedOver)
    const failing = { ...suspicions, record: () => Promise.reject(new Error('away')) }
    await expect(scoreDay({ suspicions: failing, clock }, MONDAY, { anew: false })).rejects.toThrow('away')
    expect(await score(MONDAY)).toMatchObject({ kind: 'scored', found: 1 })
  })

  it('gives a merchant one suspicion until it is decided, however many days it has', async () => {
    await layDay(sql, MONDAY)
    await layDay(sql, TUESDAY)
    await score(TUESDAY)
    await score(MONDAY)
    expect(await open()).toMatchObject([{ merchantCode: FARMED, firstDate: MONDAY, lastDate: TUESDAY, days: 2 }])
  })

  it('leaves a merchant that was dismissed in peace for two weeks, and never opens a decided day anew', async () => {
    await layDay(sql, MONDAY)
    await layDay(sql, TUESDAY)
    await score(MONDAY)
    await dismiss()
    expect(await score(MONDAY, true)).toMatchObject({ found: 0 })
    expect(await score(TUESDAY)).toMatchObject({ found: 0 })
    const later = addDays(MONDAY, 15)
    await layDay(sql, later)
    expect(await score(later)).toMatchObject({ found: 1 })
    expect(await open()).toMatchObject([{ firstDate: later, dismissedBefore: 1 }])
    await dismiss()
    expect(await score(later, true)).toMatchObject({ found: 0 })
    expect(await open()).toEqual([])
  })

  it('knows a ring by the weeks before: the same people at one merchant, every day', async () => {
    const ring = (code: string, date: string) =>
      code === FARMED
        ? Array.from({ length: 20 }, (_, i) => ({ payerId: `ring-${i}`, amountFen: 1_000 + i, minute: 500 + i }))
        : honest(code, date)
    const last = addDays(MONDAY, 10)
    for (let date = MONDAY; date <= last; date = addDays(date, 1)) await layDay(sql, date, (code) => ring(code, date))
    await score(last)
    const [found] = await open()
    const [day] = await suspicions.daysOf(found!.suspicionId, 1)
    const traits = day!.evidence.map(({ indicator, hits }) => [indicator, hits])
    expect(traits).toEqual(
      expect.arrayContaining([
        ['at-threshold', 20],
        ['regulars', 20],
      ]),
    )
  })

  it('counts what went back, and no order that wasn’t paid', async () => {
    const numbers = await layDay(sql, MONDAY, (code) => (code === FARMED ? farmed.slice(0, 3) : []))
    const [one] = numbers.get(FARMED)!
    const refund = {
      payer_fen: 600,
      merchant_fen: 600,
      gl_fen: 0,
      idempotency_key: 'k',
      input_hash: 'h',
      created_at: 1,
    }
    const ended = { state: 'refunded' as const, ended_at: 2, channel_refund_no: 'r', next_query_at: null }
    const of = { refund_no: 'R1', order_no: one!, merchant_code: FARMED, branch_code: 'B01' }
    await sql.db
      .insertInto('refunds')
      .values({ ...of, ...refund, ...ended, channel: 'bank', business_date: MONDAY })
      .execute()
    const input = {
      campaignId: STREET_CAMPAIGN.campaignId,
      date: MONDAY,
      merchantCodes: [FARMED, 'M0001'],
      thresholdFen: 1_000,
    }
    const [day, ...others] = await suspicions.merchantDays(input)
    expect(others).toEqual([])
    expect(day!.orders.map(({ refundedFen }) => refundedFen)).toEqual([600, 0, 0])
    expect(day!.orders[0]).toMatchObject({ daysHere: 1, merchants: 1, ordersAnywhere: 3, amountFen: 1_000 })
    await sql.db.updateTable('orders').set({ state: 'closed', close_reason: 'x', channel_trade_no: null }).execute()
    expect(await suspicions.merchantDays(input)).toEqual([])
  })

  describe('when it is due', () => {
    const due = (at = clock.now(), trusted = true) =>
      scoreDue({ suspicions, clock: { now: () => at, trusted: () => trusted } as never })
    const matched = (date: string, at = clock.now()) =>
      sql.db.executeQuery(
        CompiledQuery.raw(
          `insert into reconciliations
             (channel, statement_date, sha256, bytes, lines, totals, started_at, held_until, matched_at, result)
           values ('bank', $1, '', 0, 0, '{}', $2, 0, $2, '{}')`,
          [date, at],
        ),
      )

    it('waits for the date’s reconciliation and for a clock that is sure, and then takes the days in turn', async () => {
      await layDay(sql, MONDAY)
      expect(await due()).toBeUndefined()
      await matched(MONDAY)
      await matched(TUESDAY)
      expect(await due(clock.now(), false)).toBeUndefined()
      expect(await due()).toMatchObject({ date: MONDAY, result: { kind: 'scored', found: 1 } })
      expect(await due()).toMatchObject({ date: TUESDAY, result: { kind: 'scored', merchants: 0 } })
      expect(await due()).toBeUndefined()
    })

    it('never scores a day that isn’t over, nor one that lies far back', async () => {
      await matched('2026-11-18')
      await matched('2026-10-01')
      expect(await due()).toBeUndefined()
    })

    it('hides nothing from it to have a later day scored first, or the day itself before it was reconciled', async () => {
      await layDay(sql, MONDAY, () => [])
      await score(TUESDAY, true)
      await score(MONDAY, true)
      await sql.db.deleteFrom('decks').execute()
      await layDay(sql, MONDAY)
      await matched(MONDAY, clock.now() + 60_000)
      const later = clock.now() + 120_000
      expect(await due(later)).toMatchObject({ date: MONDAY, result: { kind: 'scored', found: 1 } })
    })
  })

  it('shows the queue page by page, the worst first, and nothing twice', async () => {
    const rows = Array.from({ length: 7 }, (_, i) => ({
      suspicion_id: `${MONDAY}.M${i}.street`,
      campaign_id: 'street',
      merchant_code: `M${i}`,
      first_date: MONDAY,
      last_date: MONDAY,
      score: 50 + (i % 3),
      decision: null,
      decided_at: null,
    }))
    await sql.db.insertInto('suspicions').values(rows).execute()
    const seen: string[] = []
    let after: { rank: number; suspicionId: string } | undefined
    for (let page = 0; page < 4; page++) {
      const items = await suspicions.list({ state: 'open', after, limit: 2 })
      seen.push(...items.map(({ score, suspicionId }) => `${score} ${suspicionId}`))
      const last = items.at(-1)
      if (last) after = { rank: last.score, suspicionId: last.suspicionId }
    }
    expect(seen).toHaveLength(7)
    expect(seen).toEqual([...seen].sort().reverse())
  })
})
