import { postgresMissing, startOwnPostgres, type TestSql } from '../../../../harness/sql'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { outboxFeed } from '../../../../server/store/sql/payment/outbox-feed'
import { feedContract, until } from './feed-contract'
import { unique } from './ledger-orders'

const missing = postgresMissing()
if (missing) console.warn(`the feed of many merchants: ${missing}`)
const describeOnPostgres = missing ? describe.skip : describe

/** Only nudges and subscriptions make such a feed look. */
const NEVER_MS = 3_600_000
/** More than those whose rows alone are asked for. */
const MANY = 300

if (!missing)
  feedContract('PostgreSQL, beside pages of many other merchants', async () => {
    const engine = await startOwnPostgres()
    const sql = await engine.fresh()
    const feed = outboxFeed(sql, { pollMs: NEVER_MS })
    for (let n = 0; n < MANY; n++) await feed.subscribe(`other-${n}`, undefined, () => {})
    const close = async () => {
      await feed.stop()
      await engine.stop()
    }
    return { ledger: sqlLedger(sql), feed, close }
  })

describeOnPostgres('the feed of many merchants', () => {
  let engine: TestSql
  /** one session, which tells what it read when it is asked to */
  let sql: Sql
  const feeds: { stop(): Promise<void> }[] = []
  beforeAll(async () => {
    engine = await startOwnPostgres(['autovacuum=off'])
    await engine.fresh()
    sql = openSql({ ...engine.connection(), max: 1 })
  })
  afterEach(async () => {
    for (const feed of feeds.splice(0)) await feed.stop()
  })
  afterAll(async () => {
    await sql?.close()
    await engine?.stop()
  })

  /** A feed, what it asked and was answered, and looks of it that found it idle. */
  function watched() {
    const asked: { name: string; rows: { merchant_code: string | null }[] }[] = []
    const on: Sql = {
      ...sql,
      async run<Row>(...statement: Parameters<Sql['run']>) {
        const rows = await sql.run<Row>(...statement)
        asked.push({ name: statement[0].name, rows: rows as never })
        return rows
      },
    }
    const feed = outboxFeed(on, { pollMs: NEVER_MS })
    feeds.push(feed)
    const looks = async (times: number) => {
      for (let n = 0; n < times; n++) {
        const before = asked.length
        feed.nudge()
        await until(() => asked.length > before)
      }
    }
    const idle = () => until(() => asked.at(-1)?.name === 'feed-poll')
    return { feed, asked, looks, idle }
  }
  /** Rows of so many payments, by one transaction or by one each, of merchants in turn. */
  const put = (merchants: string[], count: number) =>
    sql.pool.query(
      `insert into outbox (merchant_code, order_no)
       select ($1::text[])[1 + n % cardinality($1::text[])], 'order-' || n from generate_series(0, $2::integer - 1) n`,
      [merchants, count],
    )
  const scans = async () => {
    await sql.pool.query('select pg_stat_force_next_flush()')
    const { rows } = await sql.pool.query<{ scans: number; rows: number }>(
      `select (seq_scan + idx_scan)::int as scans, (seq_tup_read + idx_tup_fetch)::int as rows
       from pg_stat_user_tables where relname = 'outbox'`,
    )
    return rows[0]!
  }

  it.each([1, MANY])(
    'looks into the outbox for what is new and for what waits, and no more often whether %i read it',
    async (count) => {
      await put(['elsewhere'], 5_000)
      const { feed, asked, looks, idle } = watched()
      const heard: string[] = []
      for (let n = 0; n < count; n++) await feed.subscribe(`M${n}`, undefined, ({ orderNo }) => heard.push(orderNo))
      await idle()
      await looks(1)
      const before = await scans()
      const from = asked.length
      await put(['M0'], 7)
      await looks(10)
      const polls = asked.slice(from).filter(({ name }) => name === 'feed-poll').length
      expect(asked.slice(from)).toHaveLength(polls)
      const after = await scans()
      expect(after.scans - before.scans).toBeLessThanOrEqual(3 * polls)
      // Its own seven, and those it looks past.
      expect(after.rows - before.rows).toBeLessThanOrEqual(7 + polls)
      expect(heard).toHaveLength(7)
    },
  )

  it('passes over no other merchants’ rows to catch up with one who comes', async () => {
    await put(['late'], 3)
    await put(['elsewhere'], 5_000)
    await put(['late'], 3)
    const { feed, idle } = watched()
    const heard: string[] = []
    // As a session of its own plans it, and again by what it keeps.
    for (let n = 0; n < 8; n++) {
      const before = await scans()
      const leave = await feed.subscribe('late', '1-0', ({ orderNo }) => heard.push(orderNo))
      await until(() => heard.length === 6)
      await idle()
      leave()
      expect((await scans()).rows - before.rows).toBeLessThan(50)
      expect(heard.splice(0)).toEqual([0, 1, 2, 0, 1, 2].map((n) => `order-${n}`))
    }
  })

  it('asks for no other merchants’ rows where few read, and for all that is new where many do', async () => {
    const { feed, asked, looks, idle } = watched()
    const heard: string[] = []
    await feed.subscribe('mine', undefined, () => heard.push('mine'))
    await idle()
    const from = asked.length
    await put(['mine', 'theirs'], 20)
    await looks(2)
    const merchants = () => [...new Set(asked.slice(from).flatMap(({ rows }) => rows.map((row) => row.merchant_code)))]
    expect(merchants()).toEqual(expect.arrayContaining(['mine']))
    expect(merchants()).not.toContain('theirs')
    expect(heard).toHaveLength(10)
    for (let n = 0; n < MANY; n++) await feed.subscribe(`M${n}`, undefined, () => heard.push(`M${n}`))
    await put(['mine', 'theirs'], 20)
    await looks(3)
    expect(merchants()).toContain('theirs')
    expect(heard).toHaveLength(20)
    expect(new Set(heard)).toEqual(new Set(['mine']))
  })

  it('tells more than it asks for at once, in the middle of a transaction’s, each once and in order', async () => {
    const { feed, looks, idle } = watched()
    const [mine, yours] = [unique('M'), unique('M')]
    const heard: Record<string, string[]> = { [mine]: [], [yours]: [] }
    const cursors: string[] = []
    for (const code of [mine, yours])
      await feed.subscribe(code, undefined, ({ orderNo, cursor }) => {
        heard[code]!.push(orderNo)
        if (code === mine) cursors.push(cursor)
      })
    await idle()
    await put([mine, yours], 5_000)
    await looks(1)
    await until(() => heard[mine]!.length + heard[yours]!.length >= 5_000)
    const of = (first: number) => Array.from({ length: 2_500 }, (_, n) => `order-${first + 2 * n}`)
    expect(heard).toEqual({ [mine]: of(0), [yours]: of(1) })

    // And who comes back behind all of it hears it too, while the others hear what is new.
    const back: string[] = []
    await feed.subscribe(mine, cursors[99], ({ orderNo }) => back.push(orderNo))
    await put([mine], 1)
    await looks(1)
    await until(() => back.length >= 2_401)
    expect(back).toEqual([...of(0).slice(100), 'order-0'])
    expect(heard[mine]!.slice(2_500)).toEqual(['order-0'])
  })
})

/** Other databases' transactions count as ours for as long as nobody is seen to run them any more. */
it('one who comes doesn’t go along with the others from before where they are, should the horizon go back for a moment', async () => {
  const at = (horizon: number, ...rows: object[]) => {
    const counted = { started: '1', horizon: String(horizon), xmax: '500', held: false }
    return rows.length > 0 ? rows.map((row) => ({ ...counted, ...row })) : [{ ...counted, merchant_code: null }]
  }
  const row = (merchantCode: string, xid: number) => ({
    merchant_code: merchantCode,
    xid: `${xid}`,
    id: xid,
    order_no: `order-${xid}`,
  })
  const answers: Record<string, object[][]> = {
    'feed-catch-up': [at(100), at(110), at(121, row('B', 115))],
    'feed-poll': [at(120, row('A', 105)), at(120), at(122, row('B', 121))],
  }
  const asked: string[] = []
  const sql = {
    run: async ({ name }: { name: string }, values: unknown[]) => {
      asked.push(`${name} ${JSON.stringify(values)}`)
      return answers[name]?.shift() ?? at(name === 'feed-horizon' ? 100 : 122)
    },
  } as never
  const feed = outboxFeed(sql, { pollMs: NEVER_MS })
  const heard: string[] = []
  await feed.subscribe('A', undefined, ({ orderNo }) => heard.push(`A ${orderNo}`))
  await until(() => heard.length === 1)
  await feed.subscribe('B', '90-0', ({ orderNo }) => heard.push(`B ${orderNo}`))
  await until(() => answers['feed-poll']!.length === 0)
  await feed.stop()
  expect(heard).toEqual(['A order-105', 'B order-115', 'B order-121'])
  expect(asked.filter((one) => one.startsWith('feed-catch-up')).slice(1, 3)).toEqual([
    'feed-catch-up [["B"],["90"],["1"],200]',
    'feed-catch-up [["B"],["110"],["0"],200]',
  ])
})
