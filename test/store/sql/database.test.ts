import { CompiledQuery } from 'kysely'
import { pgbouncerMissing, startPgbouncer } from '../../../harness/pgbouncer'
import { postgresMissing, startTestPglite, startTestPostgres, type TestSql } from '../../../harness/sql'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { sqlAgreements } from '../../../server/store/sql/agreement/agreements'
import { sqlCatalog } from '../../../server/store/sql/merchant/catalog'
import { inTurn, openSql, type Sql, type SqlOptions } from '../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { refuseHiddenPooler } from '../../../server/store/sql/pooler'
import { sqlRefunds } from '../../../server/store/sql/refund/refund-ledger'
import { seedFoodStreet } from '../../../server/store/sql/seed'
import { DatabaseUnfit } from '../../../server/store/sql/session'
import { ledgerContract } from './payment/ledger-contract'
import { DATE, opened } from './payment/ledger-orders'
import { ledgerSweepContract } from './payment/ledger-sweep-contract'
import { refundContract } from './refund/refund-contract'

/** Databases as they are found: with defaults of their own, and with a pooler in front. */

const missing = postgresMissing() ?? pgbouncerMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

/** Every default that a statement of ours could stumble on, and some that nobody would choose. */
const ODD = [
  `DateStyle = 'German'`,
  `TimeZone = 'America/St_Johns'`,
  `default_transaction_isolation = 'serializable'`,
  `standard_conforming_strings = off`,
  `array_nulls = off`,
  `lock_timeout = '1ms'`,
  `idle_in_transaction_session_timeout = '2s'`,
  `idle_session_timeout = '2s'`,
  `synchronous_commit = off`,
]
/** What a role must have where nothing can be set in a session; the test's cluster doesn't wait for its log. */
const POOLED = [`statement_timeout = '5s'`, 'synchronous_commit = on']

let engine: TestSql
const closing: (() => Promise<void>)[] = []
if (!missing) {
  beforeAll(async () => {
    engine = await startTestPostgres()
  })
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  afterAll(() => engine?.stop())
}

/** A ledger for the contracts, on a fresh database that `prepare` has put in the way. */
function ledgerOn(prepare: () => Promise<{ options: SqlOptions; stop?(): Promise<void> }>) {
  return async () => {
    await engine.fresh()
    const { options, stop } = await prepare()
    const sql = openSql(options)
    return {
      ledger: sqlLedger(sql),
      refunds: sqlRefunds(sql),
      agreements: sqlAgreements(sql),
      catalog: sqlCatalog(sql),
      seed: (street: Parameters<typeof seedFoodStreet>[1]) => seedFoodStreet(sql, street),
      async close() {
        await sql.close()
        await stop?.()
      },
    }
  }
}

async function ask(options: SqlOptions, ...statements: string[]): Promise<void> {
  const sql = openSql(options)
  for (const statement of statements) await sql.pool.query(statement)
  await sql.close()
}

const defaults = (of: string, settings: readonly string[]) =>
  ask(engine.connection(), ...settings.map((setting) => `alter ${of} set ${setting}`))

described('a database with other defaults', () => {
  const odd = ledgerOn(async () => {
    await defaults(`database ${engine.connection().database}`, ODD)
    return { options: engine.connection() }
  })
  ledgerContract('PostgreSQL with odd defaults', odd)
  ledgerSweepContract('PostgreSQL with odd defaults', odd)
  refundContract('PostgreSQL with odd defaults', odd)
})

described('a database behind PgBouncer', () => {
  /** The engine's fresh database, behind a PgBouncer of its own. */
  const behind = async (mode: 'session' | 'transaction') => {
    const { host, database } = engine.connection()
    const pgbouncer = await startPgbouncer(host!, mode)
    return { stop: pgbouncer.stop, options: pgbouncer.connection(database!) }
  }
  const role = () => `role postgres in database ${engine.connection().database}`
  const lent = ledgerOn(async () => {
    await defaults(role(), POOLED)
    const { options, stop } = await behind('transaction')
    return { options: { ...options, pooler: 'transaction' }, stop }
  })
  ledgerContract('PostgreSQL through a pooler of transactions', lent)
  ledgerSweepContract('PostgreSQL through a pooler of transactions', lent)
  refundContract('PostgreSQL through a pooler of transactions', lent)
  ledgerContract(
    'PostgreSQL through a pooler of sessions',
    ledgerOn(() => behind('session')),
  )

  it('is refused when transactions are lent and nobody said so, however many others come and go meanwhile', async () => {
    await engine.fresh()
    const { options, stop } = await behind('transaction')
    closing.push(stop)
    const crowd = Array.from({ length: 4 }, () => openSql({ ...options, pooler: undefined, max: 1 }))
    let going = true
    const come = crowd.map(async (one) => {
      while (going) await one.pool.query('select pg_sleep(0.002)')
    })
    await expect(refuseHiddenPooler(options)).rejects.toThrow(/set DATABASE_POOLER=transaction/)
    going = false
    await Promise.all(come)
    await Promise.all(crowd.map((one) => one.close()))
    await expect(refuseHiddenPooler(options)).rejects.toThrow(DatabaseUnfit)
  })

  it('is refused however many of its servers are at rest, which take turns', async () => {
    await engine.fresh()
    const { options, stop } = await behind('transaction')
    closing.push(stop)
    // The first look leaves two.
    for (let look = 0; look < 3; look++) await expect(refuseHiddenPooler(options)).rejects.toThrow(DatabaseUnfit)
  })

  it('is taken as it is when sessions are lent, and so is a server without a pooler', async () => {
    await engine.fresh()
    const { options, stop } = await behind('session')
    closing.push(stop)
    await refuseHiddenPooler(options)
    await refuseHiddenPooler(engine.connection())
  })

  it('says what our role must have for defaults where nothing can be set, and is fine once it has', async () => {
    await engine.fresh()
    const { database } = engine.connection()
    await defaults(`database ${database}`, ODD)
    const { options, stop } = await behind('transaction')
    const refusal = await openSql({ ...options, pooler: 'transaction' })
      .pool.connect()
      .catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(DatabaseUnfit)
    // A payer who comes at that moment is told to try again, and not that we have a fault.
    expect(refusal).toBeInstanceOf(LedgerUnavailable)
    const { message } = refusal as Error
    const mend = [...message.matchAll(/alter role [^;]+;/g)].map(([statement]) => statement)
    expect(mend.map((statement) => / set (\w+) = /.exec(statement)?.[1])).toEqual([
      'DateStyle',
      'default_transaction_isolation',
      'standard_conforming_strings',
      'array_nulls',
      'lock_timeout',
      'synchronous_commit',
      'statement_timeout',
    ])
    await ask(engine.connection(), ...mend)
    await stop()
    const again = await behind('transaction')
    closing.push(again.stop)
    const sql = openSql({ ...again.options, pooler: 'transaction' })
    await opened(sqlLedger(sql))
    await sql.close()
  })

  it('is migrated by two processes at once through it, and leaves no lock behind', async () => {
    await engine.fresh()
    await ask(engine.connection(), 'drop schema public cascade', 'create schema public')
    await defaults(role(), POOLED)
    const { options, stop } = await behind('transaction')
    closing.push(stop)
    const both = [1, 2].map(() => openSql({ ...options, pooler: 'transaction' }))
    await Promise.all(both.map((one) => one.migrate()))
    await opened(sqlLedger(both[0]!))
    const locks = `select 1 from pg_locks where locktype = 'advisory'`
    expect(await both[1]!.run({ name: 'locks', text: locks }, [])).toEqual([])
    await Promise.all(both.map((one) => one.close()))
  })
})

described('a database that answers and takes no payments', () => {
  it('is no ledger that is up: one that is read-only, and one whose schema is older than we are', async () => {
    const sql = await engine.fresh()
    const { database } = engine.connection()
    await sqlLedger(sql).ping()
    await sql.db.deleteFrom('kysely_migration').where('name', '=', '0026-heartbeat').execute()
    await expect(sqlLedger(sql).ping()).rejects.toThrow(/older than this version/)
    await defaults(`database ${database}`, ['default_transaction_read_only = on'])
    const reading = openSql(engine.connection())
    await expect(sqlLedger(reading).ping()).rejects.toThrow(LedgerUnavailable)
    await reading.close()
    const back = `begin read write; alter database ${database} reset default_transaction_read_only; commit`
    await ask({ ...engine.connection(), reads: true }, back)
  })

  it('is asked by one beat at a time, however often it is probed while a commit hangs', async () => {
    const sql = await engine.fresh()
    await sqlLedger(sql).ping()
    const holder = await sql.pool.connect()
    await holder.query('begin; update heartbeat set at = at')
    const beats = Array.from({ length: 20 }, () => sqlLedger(sql).ping())
    expect(sql.pool.totalCount).toBeLessThanOrEqual(2)
    await holder.query('commit')
    holder.release()
    await Promise.all(beats)
  })
})

described('a statement that another got in the way of', () => {
  let sql: Sql
  beforeAll(async () => {
    sql = await engine.fresh()
  })

  const raw = (text: string) => CompiledQuery.raw(text)
  const day = (payer_id: string) => ({ payer_id, channel: 'bank' as const, business_date: DATE, spent_fen: 0 })
  const spent = async (payerId: string) =>
    (await sql.db.selectFrom('payer_days').select('spent_fen').where('payer_id', '=', payerId).executeTakeFirst())
      ?.spent_fen

  it('runs again, all of a transaction, until it saw the change it had missed', async () => {
    await sql.db.insertInto('payer_days').values(day('a')).execute()
    let runs = 0
    await sql.transaction(async (tx) => {
      runs++
      if (runs === 1) await tx.executeQuery(raw('set transaction isolation level repeatable read'))
      const { spent_fen } = await tx
        .selectFrom('payer_days')
        .selectAll()
        .where('payer_id', '=', 'a')
        .executeTakeFirstOrThrow()
      if (runs === 1) await sql.db.updateTable('payer_days').set({ spent_fen: 5 }).where('payer_id', '=', 'a').execute()
      await tx
        .updateTable('payer_days')
        .set({ spent_fen: spent_fen + 1 })
        .where('payer_id', '=', 'a')
        .execute()
    })
    expect({ runs, spent: await spent('a') }).toEqual({ runs: 2, spent: 6 })
  })

  it('is given up after some attempts, as a ledger that can’t serve just now and not as a fault of ours', async () => {
    let runs = 0
    const never = sql.transaction(async (tx) => {
      runs++
      await tx.executeQuery(raw(`do $$ begin raise exception 'in the way' using errcode = '40001'; end $$`))
    })
    await expect(never).rejects.toThrow(LedgerUnavailable)
    expect(runs).toBe(5)
  })

  it('is not run again for any other reason', async () => {
    let runs = 0
    const refused = sql.transaction(async (tx) => {
      runs++
      await tx.insertInto('payer_days').values(day('a')).execute()
    })
    await expect(refused).rejects.toThrow(/duplicate key/)
    expect(runs).toBe(1)
  })

  it('is let go of when its process was halted in a transaction', async () => {
    await sql.db.insertInto('payer_days').values(day('b')).execute()
    const halted = await sql.pool.connect()
    await halted.query(`set idle_in_transaction_session_timeout = '50ms'`)
    await halted.query(`begin; update payer_days set spent_fen = 1 where payer_id = 'b'`)
    await sql.run({ name: 'spend', text: `update payer_days set spent_fen = 2 where payer_id = 'b'` }, [])
    expect(await spent('b')).toBe(2)
    halted.release(true)
  })
})

describe('what may wait, on the one connection of the embedded ledger', () => {
  it('lets a payment pass as soon as one of it has ended, fails without stopping the rest, and ends in order', async () => {
    const pglite = await startTestPglite()
    const sql = await pglite.fresh()
    const desk = inTurn(sql)
    const done: string[] = []
    const slow = (name: string) =>
      desk.run({ name: 'slow', text: 'select count(*) from generate_series(1, 20000)' }, []).then(() => done.push(name))
    const asked = ['a', 'b', 'c'].map(slow)
    const failing = expect(desk.run({ name: 'wrong', text: 'select nothing from nowhere' }, [])).rejects.toThrow(
      /nowhere/,
    )
    const [last] = [slow('d')]
    await sqlLedger(sql).ping()
    done.push('payment')
    await Promise.all([...asked, failing, last])
    expect(done.indexOf('payment')).toBeLessThanOrEqual(1)
    expect(done.filter((one) => one !== 'payment')).toEqual(['a', 'b', 'c', 'd'])
    expect(
      await desk.transaction(async (tx) => (await tx.selectFrom('orders').select('order_no').execute()).length),
    ).toBe(0)
    await pglite.stop()
  })
})
