import { sql as raw } from 'kysely'
import { postgresMissing, startOwnPostgres, type TestSql } from '../../../harness/sql'
import { migrations } from '../../../server/store/sql/migrations'
import type { Sql } from '../../../server/store/sql/open-sql'
import type { Step } from '../../../server/store/sql/step'
import { until } from './payment/feed-contract'

/** Autovacuum lets a table go for whoever has waited for it a second; who waits for less, however often, waits for all that it does. */

const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

const AT_WORK = `select pid from pg_stat_activity where backend_type = 'autovacuum worker' and query like '%busy%'`

described('a table that autovacuum is at for long', () => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await startOwnPostgres(['autovacuum=on', 'autovacuum_naptime=1s'])
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  it('is changed all the same', async () => {
    // A page takes a tenth of a second and more: minutes.
    const slowly =
      'autovacuum_vacuum_threshold = 1, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1'
    await sql.pool.query(`create table busy (n integer, filled text default repeat('x', 500)) with (${slowly})`)
    await sql.pool.query('insert into busy select generate_series(1, 30000)')
    await sql.pool.query('delete from busy where n % 2 = 0')
    const pids = async () => (await sql.pool.query<{ pid: number }>(AT_WORK)).rows.map(({ pid }) => pid)
    await until(async () => (await pids()).length === 1)
    const [worker] = await pids()
    const step: Step = { up: async (db) => void (await raw`alter table busy add said text`.execute(db)) }
    await sql.migrate({ steps: { ...migrations, '9999-busy': step } })
    expect(await pids()).not.toContain(worker)
    await sql.pool.query('select said from busy limit 1')
  })
})
