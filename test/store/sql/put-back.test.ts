import { Client } from 'pg'
import { postgresMissing, sqlEngines, startTestPostgres, type TestSql } from '../../../harness/sql'
import type { Sql } from '../../../server/store/sql/open-sql'

const rows = async <T>({ pool }: Sql, text: string) => (await pool.query(text)).rows as T[]
const BRANCH = `insert into branches (branch_code, name, gl_account) values ('B01', '城南支行', '6421-03')`

/** What tests start from (harness/as-migrated.ts). */
describe.each(sqlEngines())('a fresh database after another test, on $name', ({ start }) => {
  let engine: TestSql
  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine.stop())

  const counters = `
    select count(*)::int as used from pg_sequences where schemaname = 'public' and last_value is not null`
  const head = 'select last_id::int from operator_actions_head'

  it('holds what migrations wrote and nothing else, and counts from the beginning', async () => {
    const first = await engine.fresh()
    const migrations = await rows(first, 'select name from kysely_migration order by name')
    await rows(first, BRANCH)
    await rows(first, 'update operator_actions_head set last_id = 7')
    await rows(first, `select nextval(quote_ident(sequencename)) from pg_sequences where schemaname = 'public'`)
    const second = await engine.fresh()
    expect(await rows(second, 'select * from branches')).toEqual([])
    expect(await rows(second, head)).toEqual([{ last_id: 0 }])
    expect(await rows(second, counters)).toEqual([{ used: 0 }])
    expect(await rows(second, 'select name from kysely_migration order by name')).toEqual(migrations)
  })

  it.each([
    ['a column', 'alter table branches add column colour text'],
    ['a trigger that is off', 'alter table operator_actions disable trigger all'],
    ['a constraint that is gone', 'alter table orders drop constraint orders_pkey cascade'],
  ])('keeps no change of the schema: %s', async (_, change) => {
    const shape = `
      select (select count(*)::int from pg_attribute where attrelid = 'branches'::regclass) as columns,
        (select count(*)::int from pg_trigger where tgrelid = 'operator_actions'::regclass and tgenabled = 'D') as off,
        (select count(*)::int from pg_constraint where conname = 'orders_pkey') as keys`
    const first = await engine.fresh()
    const before = await rows(first, shape)
    await rows(first, change)
    expect(await rows(first, shape)).not.toEqual(before)
    expect(await rows(await engine.fresh(), shape)).toEqual(before)
  })
})

const missing = postgresMissing()
if (missing) console.warn(missing)
const onPostgres = missing ? it.skip : it

onPostgres('a transaction that a test left open holds up no other test, which gets another database', async () => {
  const engine = await startTestPostgres()
  await engine.fresh()
  const left = new Client(engine.connection() as object)
  await left.connect()
  await left.query('begin')
  await left.query(BRANCH)
  const next = await engine.fresh()
  await rows(next, BRANCH)
  await left.end()
  await engine.stop()
})
