import { postgresMissing, sqlEngines, startTestPostgres, type TestSql } from '../../../../harness/sql'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { outboxFeed } from '../../../../server/store/sql/payment/outbox-feed'
import { fakeLedger } from '../../../support/fake-ledger'
import { feedContract, until } from './feed-contract'
import { opened, paid, SUCCEEDED, unique } from './ledger-orders'

/** Only nudges and subscriptions make such a feed look. */
const NEVER_MS = 3_600_000

for (const { name, start } of sqlEngines())
  feedContract(name, async () => {
    const engine = await start()
    const sql = await engine.fresh()
    const feed = outboxFeed(sql, { pollMs: NEVER_MS })
    const close = async () => {
      await feed.stop()
      await engine.stop()
    }
    return { ledger: sqlLedger(sql), feed, close }
  })

feedContract('the fake', async () => {
  const fake = fakeLedger()
  return { ledger: fake, feed: fake, close: async () => {} }
})

const missing = postgresMissing()
if (missing) console.warn(`the outbox on PostgreSQL: ${missing}`)
const describeOnPostgres = missing ? describe.skip : describe

describeOnPostgres('the outbox on PostgreSQL', () => {
  let engine: TestSql
  let sql: Sql
  const feeds: { stop(): Promise<void> }[] = []
  beforeAll(async () => {
    engine = await startTestPostgres()
    sql = await engine.fresh()
  })
  afterEach(async () => {
    for (const feed of feeds.splice(0)) await feed.stop()
  })
  afterAll(() => engine?.stop())

  const feedOf = (pollMs: number) => {
    const feed = outboxFeed(sql, { pollMs })
    feeds.push(feed)
    return feed
  }

  it('loses nothing when a lower id commits after a higher one', async () => {
    const ledger = sqlLedger(sql)
    const merchantCode = unique('M')
    const [slow, quick] = [await opened(ledger, { merchantCode }), await opened(ledger, { merchantCode })]
    let polls = 0
    const watched: Sql = {
      ...sql,
      async run<Row>(...statement: Parameters<Sql['run']>) {
        const rows = await sql.run<Row>(...statement)
        if (statement[0].name === 'feed-poll') polls++
        return rows
      },
    }
    const feed = outboxFeed(watched, { pollMs: NEVER_MS })
    feeds.push(feed)
    const heard: string[] = []
    await feed.subscribe(merchantCode, undefined, (event) => heard.push(event.orderNo))

    const client = await sql.pool.connect()
    await client.query('begin')
    await client.query('insert into outbox (merchant_code, order_no) values ($1, $2)', [merchantCode, slow.orderNo])
    await ledger.endOrder(quick, paid(quick), SUCCEEDED)
    const late: string[] = []
    await feed.subscribe(merchantCode, undefined, (event) => late.push(event.orderNo))
    const before = polls
    await until(() => {
      feed.nudge()
      return polls >= before + 2 // the second one began after this line
    })
    expect(heard).toEqual([]) // what committed first must wait, or the other would appear behind it
    await client.query('commit')
    client.release()

    await until(() => {
      feed.nudge()
      return heard.length >= 2 && late.length >= 1
    })
    expect(heard).toEqual([slow.orderNo, quick.orderNo])
    expect(late).toContain(slow.orderNo)
  })

  it('hears by polling of what another process committed', async () => {
    const ledger = sqlLedger(sql)
    const merchantCode = unique('M')
    const heard: string[] = []
    await feedOf(10).subscribe(merchantCode, undefined, (event) => heard.push(event.orderNo))
    const order = await opened(ledger, { merchantCode })
    await ledger.endOrder(order, paid(order), SUCCEEDED)
    await until(() => heard.length > 0)
    expect(heard).toEqual([order.orderNo])
  })

  it('says that it could not look, and looks again', async () => {
    const ledger = sqlLedger(sql)
    const merchantCode = unique('M')
    const away = new Error('the ledger is away')
    let failures = 2
    const flaky: Sql = {
      ...sql,
      async run<Row>(...statement: Parameters<Sql['run']>) {
        if (statement[0].name === 'feed-poll' && failures-- > 0) throw away
        return sql.run<Row>(...statement)
      },
    }
    const errors: unknown[] = []
    const feed = outboxFeed(flaky, { pollMs: 1, onError: (error) => errors.push(error) })
    feeds.push(feed)
    const heard: string[] = []
    await feed.subscribe(merchantCode, undefined, (event) => heard.push(event.orderNo))
    const order = await opened(ledger, { merchantCode })
    await ledger.endOrder(order, paid(order), SUCCEEDED)
    await until(() => heard.length > 0)
    expect(heard).toEqual([order.orderNo])
    expect(errors).toEqual([away, away])
  })

  it('serves the others when a reader throws, and says so', async () => {
    const ledger = sqlLedger(sql)
    const merchantCode = unique('M')
    const errors: unknown[] = []
    const feed = outboxFeed(sql, { pollMs: NEVER_MS, onError: (error) => errors.push(error) })
    feeds.push(feed)
    const heard: string[] = []
    await feed.subscribe(merchantCode, undefined, () => {
      throw new Error('a reader failed')
    })
    await feed.subscribe(merchantCode, undefined, (event) => heard.push(event.orderNo))
    const order = await opened(ledger, { merchantCode })
    await ledger.endOrder(order, paid(order), SUCCEEDED)
    feed.nudge()
    await until(() => heard.length > 0)
    expect(errors).toEqual([new Error('a reader failed')])
  })
})
