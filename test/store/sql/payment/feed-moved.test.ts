import { CompiledQuery } from 'kysely'
import { postgresMissing, startTestPostgres, type TestSql } from '../../../../harness/sql'
import { sqlBooksChain } from '../../../../server/store/sql/audit/books-chain'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { HORIZON, outboxFeed } from '../../../../server/store/sql/payment/outbox-feed'
import { until } from './feed-contract'
import { opened, paid, SUCCEEDED, unique } from './ledger-orders'

const missing = postgresMissing()
if (missing) console.warn(`the feed and another PostgreSQL: ${missing}`)
const describeOnPostgres = missing ? describe.skip : describe

/** Transactions apart, so that what a test does leaves the one behind behind. */
const AHEAD = 2_000
/** Longer than any test. */
const PATIENT_MS = 3_600_000

/** The BFF stays up while its database's address leads to another server, whose transactions have other numbers. */
describeOnPostgres('the feed, when another PostgreSQL takes the place of its own', () => {
  const engines: TestSql[] = []
  let behind: Sql
  let ahead: Sql
  const feeds: { stop(): Promise<void> }[] = []
  const xmaxOf = async (sql: Sql) => Number((await sql.run<{ xmax: string }>(HORIZON, []))[0]!.xmax)

  beforeAll(async () => {
    engines.push(await startTestPostgres(), await startTestPostgres())
    const both = await Promise.all(engines.map((engine) => engine.fresh()))
    const ends = await Promise.all(both.map(xmaxOf))
    const lower = ends[0]! < ends[1]! ? 0 : 1
    behind = both[lower]!
    ahead = both[1 - lower]!
    // Each row is a transaction's of its own.
    const burn = `do $$ begin for i in 1..${AHEAD} loop begin
      insert into heartbeat (one, at) values (true, now()) on conflict (one) do update set at = excluded.at;
    exception when division_by_zero then null; end; end loop; end $$`
    await ahead.db.executeQuery(CompiledQuery.raw(burn))
    expect((await xmaxOf(ahead)) - (await xmaxOf(behind))).toBeGreaterThanOrEqual(AHEAD)
  })
  afterEach(async () => {
    for (const feed of feeds.splice(0)) await feed.stop()
  })
  afterAll(async () => {
    for (const engine of engines) await engine.stop()
  })

  /** A merchant's feed on `from`, which has heard of a payment there, and what leads it elsewhere. `busy`: there something is always just being committed. */
  async function following(from: Sql, patienceMs: number, busy = false) {
    let here = from
    const states: boolean[] = []
    const leading: Sql = {
      ...from,
      async run<Row>(...statement: Parameters<Sql['run']>) {
        if (here !== from) states.push(feed.behind())
        const rows = await here.run<Row & object>(...statement)
        return busy ? rows.map((row) => ('held' in row ? { ...row, held: true } : row)) : rows
      },
    }
    const feed = outboxFeed(leading, { pollMs: 1, patienceMs })
    feeds.push(feed)
    const merchantCode = unique('M')
    const heard: string[] = []
    const listen = () => feed.subscribe(merchantCode, undefined, (event) => heard.push(event.orderNo))
    const leave = await listen()
    const pay = async (at: Sql) => {
      const order = await opened(sqlLedger(at), { merchantCode })
      await sqlLedger(at).endOrder(order, paid(order), SUCCEEDED)
      return order.orderNo
    }
    const first = await pay(from)
    await until(() => heard.length === 1)
    expect([heard, feed.behind()]).toEqual([[first], false])
    const lead = (to: Sql) => {
      here = to
    }
    return { feed, heard, pay, merchantCode, states, lead, listen, leave }
  }

  it.each([
    ['behind its own', () => [ahead, behind] as const],
    ['ahead of its own', () => [behind, ahead] as const],
  ])('hears of what is paid at one whose transactions are %s, and pages are told to look', async (_, servers) => {
    const [from, to] = servers()
    const { feed, heard, pay, lead } = await following(from, PATIENT_MS)
    lead(to)
    await until(() => feed.behind())
    const order = await pay(to)
    await until(() => heard.length === 2)
    expect(heard[1]).toBe(order)
  })

  it('is itself again once pages have heard it', async () => {
    const { feed, lead, states } = await following(ahead, 1_000)
    lead(behind)
    await until(() => states.includes(true))
    await until(() => !feed.behind())
  })

  it('isn’t late at one whose transactions are behind, where nobody read while its own went', async () => {
    const { feed, heard, pay, lead, listen, leave } = await following(ahead, PATIENT_MS, true)
    leave()
    lead(behind)
    await listen()
    const here = await pay(behind)
    await until(() => heard.includes(here))
    const at = performance.now()
    const next = await pay(behind)
    await until(() => heard.includes(next))
    expect(feed.lag().ms).toBeLessThan(performance.now() - at)
  })

  it('tells whoever came meanwhile and was told by the one that is gone from where to go on', async () => {
    const { feed, merchantCode, pay, lead, states } = await following(ahead, PATIENT_MS)
    lead(behind)
    await until(() => feed.behind())
    lead(ahead)
    const late: string[] = []
    const subscribing = feed.subscribe(merchantCode, undefined, (event) => late.push(event.orderNo))
    lead(behind)
    await subscribing
    // The second look from here on has begun: the first one is done.
    const looks = states.length
    await until(() => states.length >= looks + 2)
    const order = await pay(behind)
    await until(() => late.length === 1)
    expect(late).toEqual([order])
  })

  it('chains nothing of the books by how far another had written them', async () => {
    await following(ahead, PATIENT_MS)
    const mixed: Sql = { ...ahead, transaction: (work) => behind.transaction(work) }
    const keys = { deeds: {}, chain: { current: { id: 'k', key: Buffer.alloc(32) } } } as never
    expect(await sqlBooksChain(mixed, keys).extend(1, null)).toEqual({ kind: 'unsettled' })
  })
})
