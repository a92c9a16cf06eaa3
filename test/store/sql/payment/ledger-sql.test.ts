import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompiledQuery } from 'kysely'
import { postgresBin } from '../../../../harness/cluster'
import { prepared } from '../../../../harness/prepared'
import { layLedger, postgresMissing, sqlEngines, startTestPostgres, type TestSql } from '../../../../harness/sql'
import { CHANNELS, OWN_CHANNEL } from '../../../../server/domain/channel'
import { LedgerUnavailable } from '../../../../server/flow/ports'
import { startEmbeddedSql } from '../../../../server/store/sql/embedded'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { until } from './feed-contract'
import {
  closed,
  DATE,
  NOON,
  newCampaign,
  newOrder,
  opened,
  opening,
  paid,
  SUCCEEDED,
  tally,
  UNKNOWN,
} from './ledger-orders'

describe.each(sqlEngines())('the database itself, $name', ({ name, start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string, values: unknown[] = []) =>
    (await sql.db.executeQuery(CompiledQuery.raw(text, values))).rows
  const post = (orderNo: string, ...amountsFen: number[]) =>
    run(
      `insert into postings (order_no, account, role, amount_fen, posted_at)
       select $1, 'acc', 'payer', fen, 0 from unnest($2::bigint[]) as fen`,
      [orderNo, amountsFen],
    )

  it('refuses postings that do not sum to zero at commit, whoever writes them (I4)', async () => {
    const order = await opened(sqlLedger(sql))
    await expect(post(order.orderNo, -5, 4)).rejects.toThrow(/sum to -1 fen/)
    await post(order.orderNo, -5, 5)
    await expect(post(order.orderNo, 1)).rejects.toThrow(/sum to 1 fen/)
    expect(await run('select amount_fen from postings where order_no = $1', [order.orderNo])).toHaveLength(2)
  })

  it('lets a transaction post leg by leg, and refuses it at commit when a leg is missing', async () => {
    const order = await opened(sqlLedger(sql))
    const leg = (amount_fen: number) => ({
      order_no: order.orderNo,
      account: 'acc',
      role: 'gl' as const,
      amount_fen,
      posted_at: NOON,
    })
    const write = (...legs: number[]) =>
      sql.db.transaction().execute(async (tx) => {
        for (const fen of legs) await tx.insertInto('postings').values(leg(fen)).execute()
      })
    await write(-5, 2, 3)
    await expect(write(-5, 2)).rejects.toThrow(/sum to -3 fen/)
  })

  it.each(['postings', 'order_events'])('refuses to change or delete %s', async (table) => {
    const ledger = sqlLedger(sql)
    const order = await opened(ledger)
    await ledger.endOrder(order, paid(order), SUCCEEDED)
    await expect(run(`update ${table} set order_no = order_no`)).rejects.toThrow(/append-only/)
    await expect(run(`delete from ${table}`)).rejects.toThrow(/append-only/)
    await expect(run(`truncate ${table}`)).rejects.toThrow(/append-only/)
  })

  it.each([
    ['shares that are not the discount (I3)', { payerDiscountFen: 501 }],
    ['a payable that is not amount − share (I3)', { payableFen: 9_501 }],
    ['a receipt that is not amount + reward (I3)', { merchantReceivesFen: 10_501 }],
    [
      'a discount without a card',
      { discountFen: 0, payerDiscountFen: 0, merchantRewardFen: 0, payableFen: 10_000, merchantReceivesFen: 10_000 },
    ],
  ])('refuses an order with %s and keeps nothing of it', async (_, wrong) => {
    const order = newOrder({ card: { campaignId: 'campaign-x', slot: 1 } })
    const bad = { ...order, figures: { ...order.figures, ...wrong } }
    await expect(sqlLedger(sql).openOrder(opening(bad))).rejects.toThrow(/check constraint/)
    expect(await run('select 1 from payer_days where payer_id = $1', [order.payerId])).toEqual([])
  })

  it('keeps request, replies and events of an order, raw replies verbatim', async () => {
    const ledger = sqlLedger(sql)
    const order = await opened(ledger)
    await ledger.noteReply(order.orderNo, { ...UNKNOWN, raw: 'a \u0000 b' }, null, NOON + 1)
    await ledger.endOrder(order, paid(order, NOON + 2), SUCCEEDED)
    await ledger.noteReply(order.orderNo, UNKNOWN, 'decline-after-paid', NOON + 3)
    expect(await run('select * from channel_requests where order_no = $1', [order.orderNo])).toEqual([
      {
        order_no: order.orderNo,
        request: { orderNo: order.orderNo },
        sent_at: NOON,
        reply: SUCCEEDED.raw,
        replied_at: NOON + 2,
      },
    ])
    const events = await run(
      'select kind, verb, raw, conflict, at from order_events where order_no = $1 order by event_id',
      [order.orderNo],
    )
    expect(events).toEqual([
      { kind: 'opened', verb: null, raw: null, conflict: null, at: NOON },
      { kind: 'noted', verb: 'query', raw: 'a \u0000 b', conflict: null, at: NOON + 1 },
      { kind: 'paid', verb: 'pay', raw: null, conflict: null, at: NOON + 2 },
      { kind: 'noted', verb: 'query', raw: null, conflict: 'decline-after-paid', at: NOON + 3 },
    ])
  })

  it('puts only paid orders into the outbox, and writes nothing for an order that had ended', async () => {
    const ledger = sqlLedger(sql)
    const [one, other] = [await opened(ledger), await opened(ledger)]
    await ledger.endOrder(one, paid(one), SUCCEEDED)
    await ledger.endOrder(one, paid(one), SUCCEEDED)
    await ledger.endOrder(other, closed(), null)
    const written = (table: string) =>
      run(`select order_no from ${table} where order_no = any($1)`, [[one.orderNo, other.orderNo]])
    expect(await written('outbox')).toEqual([{ order_no: one.orderNo }])
    expect(await written('postings')).toHaveLength(2)
    expect(await written('order_events')).toHaveLength(4)
  })

  it('adds the exposure of a deck to its campaign once', async () => {
    const campaign = newCampaign()
    await seedFoodStreet(sql, { merchants: [], campaigns: [campaign] })
    const ids = { campaignId: campaign.campaignId, merchantCode: 'M1', businessDate: DATE }
    const deck = { ...ids, version: 1, commitment: 'c', cards: Buffer.alloc(30), dealtAt: NOON }
    await tally(6, () => sqlLedger(sql).commitDeck(deck, 2_500))
    const committed = await run('select committed_fen from campaigns where campaign_id = $1', [campaign.campaignId])
    expect(committed).toEqual([{ committed_fen: 2_500 }])
  })

  it('keeps its connections through refused statements', async () => {
    const connections: unknown[] = []
    sql.pool.on('connect', (client) => connections.push(client))
    const order = await opened(sqlLedger(sql))
    const again = () => sqlLedger(sql).openOrder(opening({ ...newOrder(), orderNo: order.orderNo }))
    for (let i = 0; i < 20; i++) expect(await again()).toEqual({ kind: 'order-no-taken' })
    expect(connections).toEqual([])
  })

  it('migrates once when two processes do so at once, and again without effect', async () => {
    const schema = await run("select count(*) as tables from information_schema.tables where table_schema = 'public'")
    await engine.fresh().then((reopened) => {
      sql = reopened
    })
    if (name === 'PostgreSQL') await run('drop schema public cascade; create schema public')
    const others = [openSql(engine.connection()), openSql(engine.connection())]
    // on PGlite a directory belongs to one process, so there is no other migrator
    if (name === 'PostgreSQL') await Promise.all(others.map((other) => other.migrate()))
    await others[0]!.migrate()
    await Promise.all(others.map((other) => other.close()))
    expect(await run("select count(*) as tables from information_schema.tables where table_schema = 'public'")).toEqual(
      schema,
    )
  })
})

const missing = postgresMissing()
if (missing) console.warn(`statements that meet: ${missing}`)
const describeOnPostgres = missing ? describe.skip : describe

describeOnPostgres('statements that meet on PostgreSQL', () => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await startTestPostgres()
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  it('claim what is free without waiting for what another claimer is busy with', async () => {
    const [busy, free] = [await opened(sqlLedger(sql)), await opened(sqlLedger(sql))]
    const rival = await sql.pool.connect()
    await rival.query('begin')
    await rival.query('select 1 from orders where order_no = $1 for update', [busy.orderNo])
    const claimed = await sqlLedger(sql).claimDue(CHANNELS, NOON + 3_000, 10)
    await rival.query('commit')
    rival.release()
    expect(claimed).toEqual([{ order: free, attempt: 1 }])
  })

  it('run again after they were the victim of a deadlock', async () => {
    const spend = (payerId: string) => `update payer_days set spent_fen = spent_fen + 1 where payer_id = '${payerId}'`
    const days = ['a', 'b'].map((payer_id) => ({ payer_id, channel: OWN_CHANNEL, business_date: DATE, spent_fen: 0 }))
    await sql.db.insertInto('payer_days').values(days).execute()
    const rival = await sql.pool.connect()
    await rival.query("set deadlock_timeout = '1min'") // so the statement is the victim, and not its rival
    await rival.query(`begin; ${spend('a')}`)
    const both = `with b as (${spend('b')} returning true) ${spend('a')} and exists (select from b) returning spent_fen`
    const ran = sql.run({ name: 'both', text: both }, [])
    const waits = { name: 'waits', text: 'select 1 from pg_locks where not granted' }
    await until(async () => (await sql.run(waits, [])).length > 0)
    await rival.query(`${spend('b')}; commit`)
    rival.release()
    expect(await ran).toEqual([{ spent_fen: 2 }])
  })

  it('are given up when they take too long, and their connection with them', async () => {
    const impatient = openSql({ ...engine.connection(), max: 1, query_timeout: 50, statementTimeoutMs: 0 })
    const sleep = impatient.run({ name: 'sleep', text: 'select pg_sleep(60)' }, [])
    await expect(sleep).rejects.toThrow(LedgerUnavailable)
    await impatient.close()
    const patient = openSql({ ...engine.connection(), statementTimeoutMs: 50 })
    const slow = patient.run({ name: 'sleep', text: 'select pg_sleep(60)' }, [])
    await expect(slow).rejects.toThrow(LedgerUnavailable)
    await patient.close()
  })

  it('leave no connection behind when it is closed, though nothing but they used it', async () => {
    const own = openSql(engine.connection())
    await own.run({ name: 'one', text: 'select 1' }, [])
    expect(own.pool.totalCount).toBe(1)
    await own.close()
    expect(own.pool.totalCount).toBe(0)
  })
})

describe('a ledger that cannot be reached', () => {
  it('says so with its own error, from statements, from Kysely and while migrating', async () => {
    const sql = openSql({ host: '127.0.0.1', port: 1, user: 'nobody', database: 'none' })
    await expect(sqlLedger(sql).ping()).rejects.toThrow(LedgerUnavailable)
    await expect(sql.db.selectFrom('orders').selectAll().execute()).rejects.toThrow(LedgerUnavailable)
    await expect(sql.migrate()).rejects.toThrow(LedgerUnavailable)
    await sql.close()
  })

  it('says so when the server takes the connection and is silent', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const sql = openSql({ host: '127.0.0.1', port, user: 'nobody', database: 'none', connectionTimeoutMillis: 50 })
    await expect(sqlLedger(sql).ping()).rejects.toThrow(LedgerUnavailable)
    await sql.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => silent.close(resolve))
  })
})

describe('the embedded ledger', () => {
  it('keeps its directory across a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fapai-pglite-'))
    await layLedger(folder)
    const order = newOrder()
    for (const run of ['first', 'second']) {
      const embedded = await startEmbeddedSql({ dataDir: join(folder, 'ledger') })
      const sql = openSql(embedded.connection)
      await sql.migrate()
      if (run === 'first') await sqlLedger(sql).openOrder(opening(order))
      else expect(await sqlLedger(sql).order(order.orderNo)).toEqual(order)
      await sql.close()
      await embedded.stop()
    }
    rmSync(folder, { recursive: true })
  })

  it('rejects when it cannot start', async () => {
    const notADirectory = join(process.execPath, 'ledger')
    await expect(startEmbeddedSql({ dataDir: notADirectory })).rejects.toThrow()
  })

  it('tells of a crash once, and its clients find it unavailable', async () => {
    const crashes: Error[] = []
    const { dump } = await prepared(postgresBin())
    const embedded = await startEmbeddedSql({ dump, onCrash: (error) => crashes.push(error) })
    const sql = openSql(embedded.connection)
    await sql.migrate()
    await sqlLedger(sql).ping()
    await embedded.worker.terminate()
    await until(() => crashes.length > 0)
    await expect(sqlLedger(sql).ping()).rejects.toThrow(LedgerUnavailable)
    await sql.close()
    await embedded.stop()
    expect(crashes).toHaveLength(1)
  })
})
