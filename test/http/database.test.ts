import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pgbouncerMissing, SESSION_SERVERS, startPgbouncer, type TestPgbouncer } from '../../harness/pgbouncer'
import { postgresMissing, startTestPostgres, type TestSql } from '../../harness/sql'
import { readyAt, startTestSystem, type TestSystem } from '../../harness/system'
import { TODAY } from '../../harness/today'
import { SQL_POOLS } from '../../server/sight/metrics'
import { DESK_CONNECTIONS, URGENT_CONNECTIONS } from '../../server/stores'

/** The whole product on databases as they are found. */

const missing = postgresMissing() ?? pgbouncerMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

described('the main path', () => {
  let engine: TestSql
  let pgbouncer: TestPgbouncer | undefined
  let system: TestSystem | undefined
  beforeAll(async () => {
    engine = await startTestPostgres()
  })
  afterEach(async () => {
    await system?.stop()
    await pgbouncer?.stop()
    system = undefined
    pgbouncer = undefined
  })
  afterAll(() => engine?.stop())

  /** A fresh database of which the role has these defaults; its name. */
  async function withDefaults(...settings: string[]): Promise<string> {
    const sql = await engine.fresh()
    const { database } = engine.connection()
    for (const setting of settings) await sql.pool.query(`alter role postgres in database ${database} set ${setting}`)
    return database!
  }
  const direct = (database: string) => urlOf(engine.connection().host!, database)
  const through = async (mode: 'session' | 'transaction', database: string) => {
    pgbouncer = await startPgbouncer(engine.connection().host!, mode)
    return pgbouncer.url(database)
  }
  const ODD = [`DateStyle = 'German'`, `TimeZone = 'Europe/Berlin'`]
  const isolated = (level: string) => `default_transaction_isolation = '${level}'`

  // What has nothing to do with each other stands in one: a house for each would cost three seconds of processor.
  it.each<[string, () => Promise<NodeJS.ProcessEnv>]>([
    [
      'a German DateStyle, and repeatable read as default',
      async () => ({ DATABASE_URL: direct(await withDefaults(...ODD, isolated('repeatable read'))) }),
    ],
    [
      'a pooler of sessions, and serializable as default',
      async () => ({ DATABASE_URL: await through('session', await withDefaults(...ODD, isolated('serializable'))) }),
    ],
    [
      'a pooler of transactions, told of',
      async () => ({
        DATABASE_URL: await through(
          'transaction',
          await withDefaults(`statement_timeout = '5s'`, 'synchronous_commit = on'),
        ),
        DATABASE_POOLER: 'transaction',
      }),
    ],
  ])(
    'goes from a quote to a refund in the report, on a database with %s',
    async (_, environment) => {
      system = await startTestSystem(await environment())
      const { call } = system
      const payers = await Promise.all(Array.from({ length: 8 }, (_, i) => system!.payer(`payer-${i}`)))
      const paid = await Promise.all(
        payers.map(async (payer) => (await payer.pay((await payer.quote(10_000)).body.quoteId)).body),
      )
      expect(paid.map((order) => order.state)).toEqual(paid.map(() => 'paid'))
      expect(new Set(paid.map((order) => order.slotNumber)).size).toBe(8)

      const merchant = await system.merchant('M0001')
      const [order] = paid
      const refund = await call('POST', `/api/merchant/orders/${order!.orderNo}/refunds`, {
        token: merchant.token,
        headers: { 'Idempotency-Key': 'refund-key-1' },
        body: { amountFen: order!.payableFen },
      })
      expect(refund).toMatchObject({ status: 200, body: { state: 'refunded' } })
      expect(await merchant.summary()).toMatchObject({ businessDate: order!.businessDate, orderCount: 8 })
      expect(await merchant.orders()).toHaveLength(8)

      const operator = await system.operator('maker')
      const report = await operator.get(`/admin/campaigns/food-street/report?from=${TODAY}&to=${TODAY}&by=day`)
      const discountFen = paid.reduce((sum, one) => sum + one.discountFen, 0)
      expect(report).toMatchObject({
        status: 200,
        body: {
          total: { orderCount: 8, discountCount: 8, discountFen, refundedSubsidyFen: order!.discountFen },
          rows: [{ key: TODAY }],
        },
      })
      expect(await operator.get(`/admin/orders?date=${TODAY}`)).toMatchObject({ status: 200 })
      await readyAt(system!.url())
    },
    300_000,
  )

  it('isn’t begun through a pooler of transactions that nobody told of: the start says so in a sentence', async () => {
    const url = await through('transaction', await withDefaults())
    await expect(startTestSystem({ DATABASE_URL: url })).rejects.toThrow(/set DATABASE_POOLER=transaction/)
  })

  it('isn’t begun where the role behind the pooler lacks a default: the start says which', async () => {
    const url = await through('transaction', await withDefaults('synchronous_commit = on'))
    const start = startTestSystem({ DATABASE_URL: url, DATABASE_POOLER: 'transaction' })
    await expect(start).rejects.toThrow(/alter role postgres in database \w+ set statement_timeout = '5000ms'/)
  })
})

describe('how many connections a process takes', () => {
  const read = (path: string) => readFileSync(join(resolve(__dirname, '../..'), path), 'utf8')
  const more = DESK_CONNECTIONS + URGENT_CONNECTIONS
  const [, payments] = /DATABASE_POOL: whole\(1, 100\)\.default\((\d+)\)/.exec(read('server/config.ts'))!

  it('is what the pages tell whoever sizes a pooler or max_connections, and what our own pooler has in tests', () => {
    const pages = read('docs/OPERATIONS.md') + read('docs/RUNBOOKS.md')
    const told = [...pages.matchAll(/`DATABASE_POOL` \+ (\d+)/g)].map(([, figure]) => Number(figure))
    expect(told).toEqual([more, more, more])
    expect(pages).toContain(
      `it takes ${more} more: ${DESK_CONNECTIONS} for what operators ask for, ${URGENT_CONNECTIONS} for the brake`,
    )
    expect(pages).toContain(`\`DATABASE_POOL\` + ${more}, which is ${Number(payments) + more}`)
    expect(SESSION_SERVERS).toBe(Number(payments) + more)
  })

  it('and no pool of one is left out of what /metrics, and so the runbook, tells', () => {
    const runbook = read('docs/RUNBOOKS.md').split('## FapaiPoolExhausted')[1]!.split('\n## ')[0]!
    for (const pool of SQL_POOLS) expect(runbook).toContain(`\`${pool}\``)
  })
})

function urlOf(host: string, database: string): string {
  return `postgres://postgres@localhost/${database}?host=${encodeURIComponent(host)}`
}
