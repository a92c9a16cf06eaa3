import { postgresMissing, startTestPostgres, type TestSql } from '../../../harness/sql'
import { eventually } from '../../../harness/system'
import { openSql } from '../../../server/store/sql/open-sql'

/** What chaos found of connections that break (docs/CHAOS.md). */

const missing = postgresMissing()
if (missing) console.warn(missing)
const withPostgres = missing ? describe.skip : describe
withPostgres('when PostgreSQL ends a connection', () => {
  let server: TestSql
  beforeAll(async () => {
    server = await startTestPostgres()
    await server.fresh()
  })
  afterAll(() => server.stop())

  it('that is lent out and between two statements, the process goes on, and the next statement has another', async () => {
    const sql = openSql({ ...server.connection(), max: 1 })
    const killer = openSql(server.connection())
    try {
      const client = await sql.pool.connect()
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      let broke: Error | undefined
      client.prependListener('error', (error) => {
        broke ??= error
      })
      // Its one listener must not be the test's own.
      expect(client.listenerCount('error')).toBeGreaterThan(1)
      await killer.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid])
      await eventually(async () => broke)
      await expect(client.query('select 1')).rejects.toThrow()
      client.release()
      expect(await sql.run({ name: 'after-cut', text: 'select 1 as one' }, [])).toEqual([{ one: 1 }])
    } finally {
      await sql.close()
      await killer.close()
    }
  })
})
