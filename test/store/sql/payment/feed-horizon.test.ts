import { Client } from 'pg'
import { postgresMissing, startOwnPostgres, type TestSql } from '../../../../harness/sql'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { outboxFeed } from '../../../../server/store/sql/payment/outbox-feed'
import { until } from './feed-contract'
import { opened, paid, SUCCEEDED, unique } from './ledger-orders'

const missing = postgresMissing()
if (missing) console.warn(`what keeps the feed back: ${missing}`)
const describeOnPostgres = missing ? describe.skip : describe

/** Somebody's transaction that has written and is left open, in our database or in another one of the same server. */
describeOnPostgres('a transaction left open', () => {
  let engine: TestSql
  let sql: Sql
  const closing: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    engine = await startOwnPostgres()
    sql = await engine.fresh()
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  afterAll(() => engine?.stop())

  const session = async (database: string | undefined, user?: string) => {
    const { host, user: own } = engine.connection()
    const client = new Client({ host, database, user: user ?? own } as never)
    await client.connect()
    closing.push(() => client.end())
    return client
  }
  const write = async (client: Client) => {
    await client.query('begin')
    await client.query('select pg_current_xact_id()')
  }
  /** A merchant's feed that looks every few ms, and pays that it hears of. */
  const listening = async (on: Sql = sql, patienceMs = 100) => {
    const feed = outboxFeed(on, { pollMs: 5, patienceMs })
    closing.push(() => feed.stop())
    const merchantCode = unique('M')
    const heard: string[] = []
    await feed.subscribe(merchantCode, undefined, (event) => heard.push(event.orderNo))
    const pay = async () => {
      const ledger = sqlLedger(sql)
      const order = await opened(ledger, { merchantCode })
      await ledger.endOrder(order, paid(order), SUCCEEDED)
      return order.orderNo
    }
    return { feed, heard, pay }
  }

  it('in another database keeps nothing back', async () => {
    await write(await session('postgres'))
    const { heard, pay, feed } = await listening()
    const orders = [await pay(), await pay()]
    await until(() => heard.length === 2)
    expect(heard).toEqual(orders)
    expect(feed.behind()).toBe(false)
  })

  it('and prepared in another database keeps nothing back either', async () => {
    const other = await session('postgres')
    await write(other)
    await other.query(`prepare transaction 'left-open'`)
    closing.push(() => other.query(`rollback prepared 'left-open'`))
    const { heard, pay } = await listening()
    const order = await pay()
    await until(() => heard.length === 1)
    expect(heard).toEqual([order])
  })

  it('in another database is told from ours by a role that may see nothing of others’ sessions', async () => {
    await write(await session('postgres'))
    const admin = await session(engine.connection().database as string)
    await admin.query('create role plain login')
    await admin.query('grant select on all tables in schema public to plain')
    const plain = openSql({ ...engine.connection(), user: 'plain' })
    closing.push(() => plain.close())
    const { heard, pay } = await listening(plain)
    const order = await pay()
    await until(() => heard.length === 1)
    expect(heard).toEqual([order])
  })

  it('in ours keeps back what came after it, and the feed says that it is behind until it has ended', async () => {
    const ours = await session(engine.connection().database as string)
    await write(ours)
    const { heard, pay, feed } = await listening()
    const order = await pay()
    await until(() => feed.behind())
    expect(heard).toEqual([])
    await ours.query('commit')
    await until(() => heard.length === 1 && !feed.behind())
    expect(heard).toEqual([order])
  })

  it('in ours is no matter while nothing waits for it', async () => {
    const ours = await session(engine.connection().database as string)
    await write(ours)
    const { feed } = await listening()
    let polls = 0
    await until(async () => {
      await sql.run({ name: 'now', text: 'select pg_sleep(0.01)' }, [])
      return ++polls > 30
    })
    expect(feed.behind()).toBe(false)
  })

  it('is not the only thing: a feed that can’t ask is behind too, and one that nobody reads never is', async () => {
    const broken: Sql = { ...sql, run: (statement, values) => asked(sql, statement, values) }
    let away = false
    const asked: <Row>(on: Sql, ...what: Parameters<Sql['run']>) => Promise<Row[]> = async (on, ...what) => {
      if (away) throw new Error('the database is away')
      return on.run(...what)
    }
    const feed = outboxFeed(broken, { pollMs: 5, patienceMs: 50 })
    closing.push(() => feed.stop())
    const leave = await feed.subscribe(unique('M'), undefined, () => {})
    away = true
    await until(() => feed.behind())
    leave()
    expect(feed.behind()).toBe(false)
  })

  it('doesn’t make a reader that comes back hear twice what it has heard', async () => {
    const other = await session('postgres')
    await write(other)
    const { feed, heard, pay } = await listening()
    await pay()
    await until(() => heard.length === 1)
    const again: string[] = []
    const cursors: string[] = []
    const merchantCode = unique('M')
    await feed.subscribe(merchantCode, undefined, (event) => cursors.push(event.cursor))
    const ledger = sqlLedger(sql)
    const order = await opened(ledger, { merchantCode })
    await ledger.endOrder(order, paid(order), SUCCEEDED)
    await until(() => cursors.length === 1)
    await feed.subscribe(merchantCode, cursors[0], (event) => again.push(event.orderNo))
    const next = await opened(ledger, { merchantCode })
    await ledger.endOrder(next, paid(next), SUCCEEDED)
    await until(() => again.length > 0)
    expect(again).toEqual([next.orderNo])
  })
})
