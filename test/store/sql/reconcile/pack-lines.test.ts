import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { StatementLine } from '../../../../server/domain/match'
import { holdArchive } from '../../../../server/store/sql/archive/archive'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { LINES, packLines } from '../../../../server/store/sql/reconcile/pack-lines'
import { orderFault } from '../../../../server/store/sql/reconcile/unbooked'
import { AFTER, D, type Desk, done, lineOf, NEXT, phantom, startDesk } from '../../../support/reconcile'

describe.each(sqlEngines())('packing lines of statements, on $name', ({ name, start }) => {
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

  /** Every line there is, wherever it lies. */
  const lines = () => desk.rows(`select * from ${LINES} l order by channel, statement_date, line_no`)
  const live = async () =>
    (await desk.rows('select statement_date::text as date from statement_lines order by 1')).map((row) => row.date)
  const another = <T>(work: (on: Sql) => Promise<T>) => {
    const other = openSql({ ...engine.connection(), max: 1 })
    return work(other).finally(() => other.close())
  }
  /** Days until AFTER, so that all but the last are packed. */
  const through = async (onD: Omit<StatementLine, 'lineNo'>[], later: Partial<Record<string, typeof onD>> = {}) => {
    done(await desk.reconcile(D, onD))
    for (const date of [NEXT, AFTER]) done(await desk.reconcile(date, later[date] ?? []))
  }

  it('keeps each to the letter, and gives each back as it was', async () => {
    const [order, returned] = [await desk.paid(), await desk.paid()]
    const refund = await desk.refunded(returned)
    await through([
      lineOf(order),
      { ...lineOf(returned), payerTail: null },
      lineOf(returned, refund),
      { ...phantom, orderNo: '名额 "x", {y}', currency: 'USD', payerTail: '', channelTradeNo: '', bookedAt: -1 },
      { ...phantom, payerFen: 9e14, glFen: -8e14, merchantFen: -1e14, glAccount: 'NULL', bookedAt: 9e15 },
    ])
    const before = await lines()
    expect(before).toHaveLength(5)
    expect(await packLines(sql)).toEqual({ lines: 5 })
    expect(await live()).toEqual([])
    expect(await lines()).toEqual(before)
    for (const { numbered } of await desk.rows('select distinct numbered from statement_packs'))
      expect(await desk.rows('select unpack_lines($1, 9) as n', [numbered])).toEqual([{ n: 1 }])
    expect(await desk.rows('select from statement_packs')).toEqual([])
    expect(await live()).toHaveLength(5)
    expect(await lines()).toEqual(before)
  })

  it('leaves a statement that isn’t reconciled, or whose next one isn’t', async () => {
    const [first, second] = [await desk.paid(), await desk.paid(NEXT)]
    const line = { ...lineOf(second), lineNo: 1 }
    done(await desk.reconcile(D, [lineOf(first)]))
    const hold = await desk.hold(NEXT, [line])
    await desk.reconciliations.stage(hold, [line])
    expect(await packLines(sql)).toEqual({ lines: 0 })
    await desk.reconciliations.giveUp(hold)
    done(await desk.reconcile(NEXT, [lineOf(second)]))
    expect(await packLines(sql)).toEqual({ lines: 1 })
    expect(await live()).toEqual([NEXT])
  })

  it('changes nothing of a day that is run again, and refuses another file for it', async () => {
    const [order, returned] = [await desk.paid(), await desk.paid()]
    const refund = await desk.refunded(returned)
    const given = [lineOf(order), lineOf(returned), lineOf(returned, refund), phantom, lineOf(order)]
    await through(given)
    const before = [await lines(), await desk.differences(D)]
    const was = await desk.reconciliations.reconciliation({ channel: 'bank', date: D })
    expect(await packLines(sql)).toEqual({ lines: 5 })
    expect(done(await desk.reconcile(D, given))).toMatchObject({ again: true, found: 0, reconciliation: was })
    expect([await lines(), await desk.differences(D)]).toEqual(before)
    expect(await live()).toEqual([])
    for (const date of [NEXT, AFTER])
      expect(done(await desk.reconcile(date, []))).toMatchObject({ again: true, found: 0 })
    expect(await desk.reconcile(D, [phantom])).toMatchObject({ kind: 'refused', code: 'statement-changed' })
    expect(await lines()).toEqual(before[0])
  })

  it('isn’t read line by line when a day is run again: it can’t turn out otherwise once the next is done', async () => {
    const order = await desk.paid()
    const given = [lineOf(order), phantom]
    await through(given)
    expect(await packLines(sql)).toEqual({ lines: 2 })
    const reading = jest.fn()
    const { matchLines, ownPage } = desk.reconciliations
    desk.deps.reconciliations.matchLines = (...of) => matchLines(...of).finally(reading)
    desk.deps.reconciliations.ownPage = (...of) => ownPage(...of).finally(reading)
    const was = await desk.reconciliations.reconciliation({ channel: 'bank', date: D })
    expect(done(await desk.reconcile(D, given))).toMatchObject({ again: true, found: 0, reconciliation: was })
    expect(reading).not.toHaveBeenCalled()
    // The last day is looked at as before.
    expect(done(await desk.reconcile(AFTER, []))).toMatchObject({ again: true, found: 0 })
    expect(reading).toHaveBeenCalled()
  })

  it('knows a packed line when its number comes again, and when what was wrong with it is put right', async () => {
    const [booked, wrong] = [await desk.paid(), await desk.paid()]
    const of = lineOf(wrong)
    done(
      await desk.reconcile(D, [lineOf(booked), { ...of, payerFen: of.payerFen - 5, merchantFen: of.merchantFen + 5 }]),
    )
    done(await desk.reconcile(NEXT, []))
    expect(await packLines(sql)).toEqual({ lines: 2 })
    const back = { ...of, payerFen: 5, glFen: 0, merchantFen: -5, glAccount: null, channelTradeNo: 'mended' }
    done(await desk.reconcile(AFTER, [lineOf(booked), back]))
    expect((await desk.differences(AFTER)).map((one) => [one.class, one.orderNo])).toEqual([
      ['duplicate', booked.orderNo],
    ])
    expect((await desk.differences(D)).map((one) => [one.class, one.state])).toEqual([['amountMismatch', 'cleared']])
  })

  it('finds what was carried over where it was packed', async () => {
    desk.late()
    const carried = await desk.paid()
    await through([], { [NEXT]: [lineOf(carried)] })
    expect(await packLines(sql)).toEqual({ lines: 1 })
    expect(done(await desk.reconcile(NEXT, [lineOf(carried)]))).toMatchObject({ again: true, found: 0 })
    expect(await desk.differences(NEXT)).toEqual([])
  })

  it('lets nothing be ended as never booked that a packed line holds', async () => {
    const open = await desk.open()
    await through([{ ...lineOf(open), merchantAccount: 'acct-other' }])
    expect(await packLines(sql)).toEqual({ lines: 1 })
    expect(await sql.transaction((tx) => orderFault(tx, open.orderNo))).toBe('statement-holds-it')
    // Nor is the channel asked of it, as of what no statement holds.
    expect(done(await desk.reconcile(AFTER, []))).toMatchObject({ again: true, found: 0 })
    expect(desk.channel.calls.filter(({ orderNo }) => orderNo === open.orderNo)).toEqual([])
  })

  it('comes to the same in stretches, of a number with many lines, and by two at once', async () => {
    const orders = [await desk.paid(), await desk.paid(), await desk.paid()]
    await through([...orders.map((order) => lineOf(order)), ...Array.from({ length: 300 }, () => phantom)])
    const before = await lines()
    const all = async (on: Sql) => {
      let packed = 0
      for (let after: string | undefined = ''; after !== undefined; ) {
        const stretch = await packLines(on, after, 2)
        packed += stretch.lines
        after = stretch.next
      }
      return packed
    }
    const [mine, theirs] = await another((other) => Promise.all([all(sql), all(other)]))
    expect(mine + theirs).toBe(303)
    expect(await live()).toEqual([])
    expect(await lines()).toEqual(before)
    expect(done(await desk.reconcile(D, before.map(asGiven)))).toMatchObject({ again: true, found: 0 })
  })

  it('leaves what is of an archived day, whose taking out may have been cut off', async () => {
    const order = await desk.paid()
    await through([lineOf(order), phantom])
    await desk.rows(`insert into archived_days values ($1::date, 'f', repeat('a', 64), 1, 0, 0)`, [D])
    expect(await packLines(sql)).toEqual({ lines: 1 })
    expect(await desk.rows('select order_no from statement_lines')).toEqual([{ order_no: order.orderNo }])
  })

  it('packs all of a stretch or nothing, and nothing while days are archived', async () => {
    await through([lineOf(await desk.paid())])
    const before = await lines()
    await another(async (other) => {
      const client = await other.pool.connect()
      await client.query('begin')
      expect((await client.query(`select packed from pack_lines('', 9)`)).rows).toEqual([{ packed: 1 }])
      await client.query('rollback')
      client.release(true)
    })
    expect(await desk.rows('select from statement_packs')).toEqual([])
    if (name === 'PostgreSQL')
      await another(async (other) => {
        const hold = await holdArchive(other, false)
        await expect(packLines(sql).finally(hold.release)).resolves.toEqual({ lines: 0 })
      })
    expect(await lines()).toEqual(before)
    expect(await packLines(sql)).toEqual({ lines: 1 })
  })

  it('is for good: a pack is not changed, and none goes', async () => {
    await through([phantom])
    await packLines(sql)
    for (const text of [
      'update statement_packs set currencies = currencies',
      'delete from statement_packs',
      'truncate statement_packs',
    ])
      await expect(desk.rows(text)).rejects.toThrow(/append-only/)
  })
})

/** What the channel gave, of a row. */
const asGiven = (row: Record<string, unknown>) =>
  ({
    kind: row.kind,
    orderNo: row.order_no,
    refundNo: row.refund_no,
    channelTradeNo: row.channel_trade_no,
    bookedAt: row.booked_at,
    payerFen: row.payer_fen,
    glFen: row.gl_fen,
    merchantFen: row.merchant_fen,
    glAccount: row.gl_account,
    merchantAccount: row.merchant_account,
    payerTail: row.payer_tail,
    currency: row.currency,
  }) as Omit<StatementLine, 'lineNo'>
