import { type Kysely, sql as raw } from 'kysely'
import { postgresMissing, startTestPostgres, type TestSql } from '../../../harness/sql'
import { sqlCatalog } from '../../../server/store/sql/merchant/catalog'
import { SchemaTooNew } from '../../../server/store/sql/migrate'
import { migrations } from '../../../server/store/sql/migrations'
import { openSql, type Sql } from '../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { seedFoodStreet } from '../../../server/store/sql/seed'
import type { Step } from '../../../server/store/sql/step'
import { ledgerContract } from './payment/ledger-contract'
import { opened } from './payment/ledger-orders'
import { ledgerSweepContract } from './payment/ledger-sweep-contract'

/** An upgrade while people pay, and back. */

const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

let engine: TestSql
const closing: (() => Promise<void>)[] = []
if (!missing) {
  beforeAll(async () => {
    engine = await startTestPostgres()
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  afterAll(() => engine?.stop())
}

const step = (statement: string, more: Partial<Step> = {}): Step => ({
  up: async (db: Kysely<unknown>) => void (await raw.raw(statement).execute(db)),
  ...more,
})
const later = (one: Step) => ({ ...migrations, '9999-later': one })
const EXPANDS = step(
  'alter table orders add if not exists mood text; alter table orders add if not exists tip_fen bigint not null default 0',
  {
    indexes: [{ name: 'orders_of_mood', on: 'orders (mood) where mood is not null' }],
  },
)

function second(): Sql {
  const sql = openSql({ ...engine.connection(), statementTimeoutMs: 60_000 })
  closing.push(sql.close)
  return sql
}
const column = async (sql: Sql, name: string) =>
  (
    await sql.pool.query(
      "select from pg_attribute join pg_class c on c.oid = attrelid where attname = $1 and attnum > 0 and relkind in ('r', 'p') and not relispartition",
      [name],
    )
  ).rowCount
const names = async ({ pool }: Sql) =>
  (await pool.query<{ name: string }>(`select name from kysely_migration where name > '9'`)).rows.map(
    ({ name }) => name,
  )
const isValid = async ({ pool }: Sql, index: string) =>
  (await pool.query('select indisvalid as valid from pg_index where indexrelid = to_regclass($1)', [index])).rows[0]
    ?.valid

described('a version beside a later one, whose schema only grew', () => {
  const open = async () => {
    const sql = await engine.fresh()
    await sql.migrate({ steps: later(EXPANDS) })
    // It starts, as at a roll-back, and changes nothing.
    await sql.migrate()
    expect(await names(sql)).toEqual(['9999-later'])
    return {
      ledger: sqlLedger(sql),
      catalog: sqlCatalog(sql),
      seed: (street: Parameters<typeof seedFoodStreet>[1]) => seedFoodStreet(sql, street),
      close: async () => {},
    }
  }
  ledgerContract('the schema of a later version', open)
  ledgerSweepContract('the schema of a later version', open)
})

described('a migration', () => {
  let sql: Sql
  beforeEach(async () => {
    sql = await engine.fresh()
  })

  it('that took away what older versions need refuses them, before they do anything', async () => {
    await sql.migrate({ steps: later(step('alter table orders rename column reason to why', { breaks: true })) })
    await expect(sql.migrate()).rejects.toThrow(SchemaTooNew)
    await expect(sql.migrate()).rejects.toThrow(/9999-later/)
    // who knows it goes on
    await sql.migrate({ steps: later(EXPANDS) })
  })

  it('that waits for somebody’s long transaction lets others by, and comes when it is over', async () => {
    const other = second()
    const client = await other.pool.connect()
    await client.query('begin; select count(*) from orders')
    let done = false
    const migrated = sql.migrate({ steps: later(EXPANDS) }).then(() => {
      done = true
    })
    const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like 'alter table orders%'`
    while ((await other.pool.query(waiting)).rowCount === 0) expect(done).toBe(false)
    // All of these come after it, and would wait for as long as the transaction lasts.
    for (let n = 0; n < 5; n++) await opened(sqlLedger(other))
    expect(done).toBe(false)
    expect(await names(sql)).toEqual([])
    await client.query('commit')
    client.release()
    await migrated
    expect([await names(sql), await column(sql, 'mood')]).toEqual([['9999-later'], 1])
  })

  it('makes an index beside who writes, and payments open while it waits for a writer', async () => {
    const other = second()
    const client = await other.pool.connect()
    await client.query(
      `begin; update orders set reason = reason where merchant_code = 'nobody'; select pg_current_xact_id()`,
    )
    await sql.migrate({ steps: later(step('select 1')) })
    const one = step('select 1', { indexes: [{ name: 'orders_made', on: 'orders (created_at)' }] })
    const migrated = sql.migrate({ steps: { ...later(step('select 1')), '9999-more': one } })
    const building = `select from pg_stat_activity where query like 'create index concurrently%' and wait_event_type = 'Lock'`
    while ((await other.pool.query(building)).rowCount === 0) expect(await isValid(sql, 'orders_made')).not.toBe(true)
    await opened(sqlLedger(other))
    await client.query('commit')
    client.release()
    await migrated
    expect(await isValid(sql, 'orders_made')).toBe(true)
  })

  it('takes away an index that was cut off, and makes it again', async () => {
    const twice = { indexes: [{ name: 'events_alone', on: 'order_events (kind)', unique: true as const }] }
    await opened(sqlLedger(sql))
    await opened(sqlLedger(sql))
    await expect(sql.migrate({ steps: later(step('select 1', twice)) })).rejects.toThrow(/events_alone/)
    expect([await isValid(sql, 'events_alone'), await names(sql)]).toEqual([false, []])
    const mended = { indexes: [{ name: 'events_alone', on: 'order_events (kind)' }] }
    await sql.migrate({ steps: later(step('select 1', mended)) })
    expect([await isValid(sql, 'events_alone'), await names(sql)]).toEqual([true, ['9999-later']])
  })

  it('is made once by several at once, each step whole', async () => {
    const all = [sql, second(), second()]
    const said: string[] = []
    const onStep = (name: string) => void said.push(name)
    const counts = step('create table counted (n integer); insert into counted values (1)')
    await Promise.all(all.map((one) => one.migrate({ steps: { ...later(counts), '9999-more': EXPANDS }, onStep })))
    expect((await sql.pool.query('select n from counted')).rows).toEqual([{ n: 1 }])
    expect(await names(sql)).toEqual(['9999-later', '9999-more'])
    expect(new Set(said)).toEqual(new Set(['9999-later', '9999-more']))
  })

  it('that fails in its middle leaves what was whole before, and goes on from there', async () => {
    const steps = (second: string) => ({
      ...later(step('create table first (n integer)')),
      '9999-second': step(second),
    })
    await expect(sql.migrate({ steps: steps('create table broken (n integer); select 1/0') })).rejects.toThrow(/zero/)
    expect([await names(sql), await column(sql, 'n')]).toEqual([['9999-later'], 1])
    await sql.migrate({ steps: steps('create table second (n integer)') })
    expect(await names(sql)).toEqual(['9999-later', '9999-second'])
  })
})
