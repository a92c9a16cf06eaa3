import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { newDifference } from '../../../../server/domain/difference'
import { NO_TOTALS, type StatementLine } from '../../../../server/domain/match'
import { HoldLost, type ReconciliationResult } from '../../../../server/flow/ports'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlReconciliations } from '../../../../server/store/sql/reconcile/reconciliations'
import { D, type Desk, dayOf, lineOf, OTHER, startDesk, written } from '../../../support/reconcile'

const RESULT: ReconciliationResult = {
  balanced: NO_TOTALS,
  own: NO_TOTALS,
  carried: NO_TOTALS,
  short: NO_TOTALS,
  ownOtherDays: NO_TOTALS,
  ended: 0,
  closed: 0,
  unanswered: 0,
  proven: true,
}

/** Two processes and one day: A is ours, B another with a pool of its own. */
describe.each(sqlEngines())('who has a day, on $name', ({ name, start }) => {
  let engine: TestSql
  let sql: Sql
  let other: Sql
  let a: Desk
  let b: ReturnType<typeof sqlReconciliations>
  let line: StatementLine
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
    other = openSql({ ...engine.connection(), max: 2 })
    a = startDesk(sql)
    b = sqlReconciliations(other)
    line = { ...lineOf(await a.paid()), lineNo: 1 }
  })
  afterEach(() => other?.close())
  afterAll(() => engine?.stop())

  const begin = (books: typeof b, lines: StatementLine[], holdMs = 60_000) =>
    books.begin(dayOf(D), written(D, lines).manifest, a.clock.now(), holdMs)
  const held = async (books: typeof b, lines: StatementLine[], holdMs?: number) => {
    const begun = await begin(books, lines, holdMs)
    if (begun.kind === 'refused') throw new Error(`refused: ${begun.code}`)
    return begun.hold
  }
  /** The books of process A, with something done by others just before it takes the day: as often as told. */
  const interrupted = (meanwhile: () => Promise<unknown>, times = 1) =>
    sqlReconciliations({
      ...sql,
      async run<Row>(...[statement, values]: Parameters<Sql['run']>) {
        if (statement.name === 'reconciliation-claim' && times-- > 0) await meanwhile()
        return sql.run<Row>(statement, values)
      },
    })
  const finishedByB = async (lines: StatementLine[]) => {
    const hold = await held(b, lines)
    await b.stage(hold, lines)
    await b.finish(hold, RESULT, 7)
  }

  it('a day that another process finished between our look and our take is not begun anew', async () => {
    const books = interrupted(() => finishedByB([line]))
    expect(await begin(books, [line])).toMatchObject({ kind: 'again' })
    expect(await a.reconciliations.reconciliation(dayOf(D))).toMatchObject({ matchedAt: 7 })
  })

  it('… and keeps its file when ours is another', async () => {
    const books = interrupted(() => finishedByB([line]))
    expect(await begin(books, [])).toMatchObject({ kind: 'refused', code: 'statement-changed' })
    expect(await a.reconciliations.reconciliation(dayOf(D))).toMatchObject({ manifest: written(D, [line]).manifest })
    expect(await a.reconciliations.staged(dayOf(D), 1)).toMatchObject({ clearing: { count: 1 } })
  })

  it('a day that others take and give up again and again is refused, not waited for without end', async () => {
    const books = interrupted(async () => b.giveUp(await held(b, [line])), 99)
    expect(await begin(books, [line])).toMatchObject({ kind: 'refused', code: 'reconciliation-running' })
  })

  it('of many that ask at once one has it', async () => {
    const all = await Promise.all([...Array(4)].flatMap(() => [begin(a.reconciliations, []), begin(b, [])]))
    expect(all.filter((one) => one.kind === 'begun')).toHaveLength(1)
    for (const one of all) if (one.kind === 'refused') expect(one.code).toBe('reconciliation-running')
    expect(await a.reconciliations.begin(dayOf(D, OTHER), written(D, []).manifest, 0, 0)).toMatchObject({
      kind: 'begun',
    })
  })

  it('whoever lost it can’t stage, find, clear, keep or finish, and can’t give it up for its new owner', async () => {
    const lost = await held(a.reconciliations, [line], 0)
    const mine = await held(b, [line])
    const before = await a.dump()
    const verdict = { kind: 'difference', class: 'long', detail: 'no-such-order' } as const
    const books = a.reconciliations
    const writes = [
      () => books.stage(lost, [line]),
      () => books.addDifferences(lost, [newDifference(lost, verdict, null, line, 0)]),
      () => books.clearShorts(lost, 0),
      () => books.keep(lost, 60_000),
      () => books.finish(lost, RESULT, 0),
    ]
    for (const write of writes) await expect(write()).rejects.toThrow(HoldLost)
    await books.giveUp(lost)
    expect(await a.dump()).toBe(before)
    expect(await begin(books, [line])).toMatchObject({ kind: 'refused', code: 'reconciliation-running' })
    await b.stage(mine, [line])
    await b.finish(mine, RESULT, 0)
    expect((await books.days('bank', D, D))[0]).toMatchObject({ held: false, matchedAt: 0 })
  })

  it('a finished day may be taken again for another look, by one at a time', async () => {
    await finishedByB([line])
    expect(await begin(a.reconciliations, [line])).toMatchObject({ kind: 'again' })
    expect(await begin(b, [line])).toMatchObject({ kind: 'refused', code: 'reconciliation-running' })
  })

  if (name === 'PostgreSQL')
    it('who takes a day over waits for a write under way, and then drops it if its file is another', async () => {
      const hold = await held(a.reconciliations, [line], 0)
      const client = await sql.pool.connect()
      await client.query('begin')
      const mine = 'select 1 from reconciliations where channel = $1 and statement_date = $2 and run = $3 for share'
      expect((await client.query(mine, [hold.channel, hold.date, hold.run])).rows).toHaveLength(1)
      const taking = held(b, [])
      await waiting()
      await client.query(
        `insert into statement_lines (channel, statement_date, line_no, kind, order_no, channel_trade_no, booked_at,
           payer_fen, gl_fen, merchant_fen, merchant_account)
         values ('bank', $1, 1, 'clearing', 'F', 'B', 0, -1, 0, 1, 'acct')`,
        [D],
      )
      await client.query('commit')
      client.release()
      await taking
      expect(await a.rows('select 1 from statement_lines')).toEqual([])
    })

  /** Until somebody in the database waits for a lock. */
  async function waiting(): Promise<void> {
    for (;;) {
      const { rows } = await other.pool.query(`select 1 from pg_locks where not granted`)
      if (rows.length > 0) return
    }
  }
})
