import { ask } from '../../harness/ask'
import { movedClock } from '../../harness/clock-of'
import { hasRedisServer, startTestRedis, type TestRedis } from '../../harness/redis'
import { databaseUrl, postgresMissing, startTestPostgres, type TestSql } from '../../harness/sql'
import { eventually, startTestSystem, type TestSystem } from '../../harness/system'
import { addDays, businessDate } from '../../server/domain/business-date'
import { deckKeys, masterKeys } from '../../server/domain/key-ring'
import { audit } from '../../server/flow/audit/audit'
import type { OrderView, QuoteView, Session } from '../../server/http/contract'
import type { Child } from '../../server/sandbox/children'
import { sandboxKeys } from '../../server/sandbox/keys'
import type { Bff } from '../../server/sandbox/system'
import { auditKeys, sqlAudit } from '../../server/store/sql/audit/audit'
import { openSql, type Sql } from '../../server/store/sql/open-sql'

/** Two real BFF processes on one PostgreSQL and one Redis. The wall clock of the second one is wrong now and then. */
const missing = postgresMissing()
if (missing) console.warn(missing)
const withStores = missing || !hasRedisServer() ? describe.skip : describe

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Each pays three a second, since the bank takes its time. */
const TILLS = 2
/** Ten of the ledger clock's looks: a clock that is pushed is asked by every job meanwhile. */
const PUSHED_MS = 10_000
const LOAD_MS = 3_000

withStores('two BFFs, one of them with a wrong clock', () => {
  let sql: TestSql
  let redis: TestRedis
  let system: TestSystem
  let other: Child<Bff>
  let books: Sql
  let visits = 0
  const from = businessDate(Date.now())
  const settled: { token: string; orderNo: string }[] = []
  const refused: unknown[] = []

  beforeAll(async () => {
    sql = await startTestPostgres()
    redis = await startTestRedis('redis-server')
    await sql.fresh()
    system = await startTestSystem({
      DATABASE_URL: databaseUrl(sql.connection()),
      REDIS_URL: redis.url,
      // Not how fast a busy machine is.
      REDIS_TIMEOUT_MS: '20000',
    })
    books = openSql({ ...sql.connection(), max: 2 })
  })
  afterAll(async () => {
    await books?.close()
    await other?.stop()
    await system?.stop()
    await redis?.stop()
    await sql?.stop()
  })

  const rows = async <T>(text: string) => (await books.pool.query(text)).rows as T[]
  const born = async (aheadMs: number) => {
    await other?.stop()
    other = await system.startAnother({ ...movedClock(aheadMs), CLOCK_JUMPS: 'on' })
  }
  const jump = (aheadMs: number) => other.process.send({ kind: 'clock', aheadMs })

  /** A payer who is quoted by one of the two and pays at the same one or the other. */
  async function visit(nth: number) {
    const urls = [system.url(), other.said.url]
    const [quoting, paying] = [urls[nth % 2]!, urls[(nth >> 1) % 2]!]
    const code = `payer-${nth}`
    const { body: session } = await ask<Session>(quoting, 'POST', '/api/session', {
      body: { platform: 'browser', code },
    })
    const { token } = session
    const order = { merchantCode: `M000${1 + (nth % 9)}`, amountFen: 1_000, channel: 'bank' }
    const quoted = await ask<QuoteView>(quoting, 'POST', '/api/quotes', { token, body: order })
    if (quoted.body.reason && !['sold-out', 'all-held'].includes(quoted.body.reason)) refused.push(quoted.body)
    const headers = { 'Idempotency-Key': `key-of-visit-${nth}-0` }
    const body = { quoteId: quoted.body.quoteId }
    const paid = await ask<OrderView>(paying, 'POST', '/api/orders', { token, headers, body })
    if (paid.status === 200) settled.push({ token, orderNo: paid.body.orderNo })
    else refused.push(paid.body)
  }

  /** Pays take a while at the bank, and the replies of some are lost. */
  async function load(ms: number) {
    await system.bank.faults({ mode: 'lose-reply', on: ['pay'], times: 3 }, { mode: 'slow', delayMs: 300, on: ['pay'] })
    const until = performance.now() + ms
    const till = async () => {
      while (performance.now() < until) await visit(visits++)
    }
    await Promise.all(Array.from({ length: TILLS }, till))
  }

  const figure = async (url: string, name: string) => {
    const { body } = await ask<string>(url, 'GET', '/metrics')
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(body)![1])
  }

  it.each([
    { what: '61 days ahead from its first moment', start: 61 * DAY },
    { what: '6 minutes ahead for ten seconds', aheadMs: 6 * MINUTE, ms: PUSHED_MS },
    { what: '6 minutes behind for ten seconds', aheadMs: -6 * MINUTE, ms: PUSHED_MS },
    { what: '26 hours ahead for ten seconds', aheadMs: 26 * HOUR, ms: PUSHED_MS },
    { what: '61 days ahead for ten seconds', aheadMs: 61 * DAY, ms: PUSHED_MS },
    { what: '15 seconds behind', aheadMs: -15_000 },
    { what: '26 hours ahead from its first moment', start: 26 * HOUR },
  ])(
    'refuse nobody, and end and close nothing, while it is $what',
    async ({ start, aheadMs, ms = LOAD_MS }) => {
      if (start !== undefined) await born(start)
      else jump(aheadMs!)
      await load(ms)
      for (const url of [system.url(), other.said.url]) {
        const { headers } = await ask(url, 'GET', '/healthz')
        expect(Math.abs(Date.parse(headers.get('date')!) - Date.now())).toBeLessThan(MINUTE)
        expect(await figure(url, 'fapai_orders_unknown_oldest_seconds')).toBeGreaterThanOrEqual(0)
        expect(await figure(url, 'fapai_clock_trusted')).toBe(1)
        const { body } = await ask<{ dependencies: object }>(url, 'GET', '/readyz')
        expect(body.dependencies).toMatchObject({ clock: { state: 'up', required: false } })
      }
      jump(0)
      expect(refused).toEqual([])
      expect(await rows('select state from campaigns')).toEqual([{ state: 'running' }])
      expect(await rows('select * from decks where closed_at is not null')).toEqual([])
      expect(await rows("select * from orders where state = 'closed'")).toEqual([])
    },
    300_000,
  )

  it('leave no order asleep: each ends as paid within seconds, on its day, and the audit is clean', async () => {
    const unknown = await rows<{ order_no: string }>("select order_no from orders where state = 'paying'")
    expect(settled.length).toBeGreaterThan(unknown.length)
    await eventually(async () => {
      const [open] = await rows<{ n: number }>("select count(*)::integer as n from orders where state = 'paying'")
      return open!.n === 0 || undefined
    })
    const states = await Promise.all(
      settled.map(async ({ token, orderNo }) => {
        const { body } = await ask<OrderView>(system.url(), 'GET', `/api/orders/${orderNo}`, { token })
        return body.state
      }),
    )
    expect(new Set(states)).toEqual(new Set(['paid']))
    const to = businessDate(Date.now())
    const dates = (await rows<{ date: string }>('select distinct business_date::text as date from orders')).map(
      (one) => one.date,
    )
    expect(dates.filter((date) => date < from || date > to)).toEqual([])
    const dealt = (await rows<{ date: string }>('select distinct business_date::text as date from decks')).map(
      (one) => one.date,
    )
    expect(dealt.filter((date) => date < from || date > addDays(to, 1))).toEqual([])

    const keys = masterKeys(Buffer.from(sandboxKeys(system.dataDir).masterKey, 'hex'))
    const { campaignSecret } = deckKeys(keys)
    const { looked, violations } = await audit({
      books: sqlAudit(books, auditKeys(keys)),
      campaignSecret,
    })
    expect(looked.orders).toBe(settled.length)
    expect(violations).toEqual([])
  })
})
