import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../harness/command'
import { pgbouncerMissing, startPgbouncer } from '../../harness/pgbouncer'
import { databaseUrl, postgresMissing, startOwnPostgres, type TestSql } from '../../harness/sql'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { migrations } from '../../server/store/sql/migrations'
import { openSql, type SqlOptions } from '../../server/store/sql/open-sql'

const KEYS = generateBankKeys()
const missing = postgresMissing()
if (missing) console.warn(missing)
const ROLE = 'fapai_upgraded'
/** Notes each index as it is asked for. */
const WATCH = `
  create schema watch;
  create table watch.made (statement text not null);
  create function watch.note() returns event_trigger language plpgsql as $$
    begin insert into watch.made values (current_query()); end $$;
  create event trigger note_indexes on ddl_command_start when tag in ('CREATE INDEX') execute function watch.note()`

/** `fapai migrate` as whoever upgrades runs it, on a ledger of before. */
;(missing ? describe.skip : describe)('fapai migrate', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-migrate-'))
  let engine: TestSql
  const runIn = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    runCommand('migrate', args, {
      ...{ DATA_DIR: dataDir, DATABASE_URL: databaseUrl(engine.connection()), MASTER_KEY: '07'.repeat(32) },
      ...{ BANK_URL: 'http://127.0.0.1:9', BANK_KEY_ID: 'k' },
      ...{ BANK_PRIVATE_KEY: KEYS.client.privateKey, BANK_PUBLIC_KEY: KEYS.bank.publicKey },
      ...env,
    })
  const run = (...args: string[]) => runIn({}, ...args)
  const waiting = Object.keys(migrations).filter((name) => migrations[name]!.contracts)

  beforeAll(async () => {
    engine = await startOwnPostgres()
    const sql = await engine.fresh()
    await sql.pool.query(`drop schema public cascade; create schema public; create role ${ROLE} login`)
    const isOfBefore = ([name]: [string, unknown]) => name < '0094'
    await sql.migrate({ steps: Object.fromEntries(Object.entries(migrations).filter(isOfBefore)) })
  })
  afterAll(async () => {
    await engine?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const unpooled = pgbouncerMissing()
  if (unpooled) console.warn(unpooled)
  ;(unpooled ? it.skip : it)(
    'refuses a pooler of transactions, whatever it is told of it, and says what it takes',
    async () => {
      const { host, database } = engine.connection()
      const pgbouncer = await startPgbouncer(host!, 'transaction')
      for (const told of ['none', 'transaction']) {
        const { code, stdout, stderr } = await runIn({ DATABASE_URL: pgbouncer.url(database!), DATABASE_POOLER: told })
        expect({ told, code, stdout }).toEqual({ told, code: 2, stdout: '' })
        expect(stderr).toMatch(
          /^DATABASE_URL leads to a pooler in transaction mode: this takes one straight to PostgreSQL, .*\n$/,
        )
      }
      await pgbouncer.stop()
    },
  )

  it('goes straight to PostgreSQL in the environment of BFFs that go through a pooler, and makes indexes beside who writes', async () => {
    await ask(engine.connection(), WATCH)
    const later = Object.entries(migrations).filter(([name, { contracts }]) => name >= '0094' && !contracts)
    const indexes = later.flatMap(([, { indexes: made = [] }]) => made.map(({ name }) => name))
    expect(indexes.length).toBeGreaterThan(1)
    const { code, stderr } = await runIn({ DATABASE_POOLER: 'transaction' })
    expect({ code, refused: /default/.test(stderr) }).toEqual({ code: 0, refused: false })
    const made = await ask(engine.connection(), 'select statement from watch.made')
    for (const name of indexes) {
      const ofIt = made.filter(({ statement }) => new RegExp(` ${name} on `).test(statement))
      expect(ofIt.map(({ statement }) => / index concurrently /.test(statement))).toEqual([true])
    }
    await ask(engine.connection(), 'drop event trigger note_indexes; drop schema watch cascade')
  })

  it('says what waits until no older version runs any more, and how it is told so', async () => {
    const { code, stdout } = await run()
    expect(code).toBe(0)
    expect(stdout).toContain(
      `${waiting.join(', ')}: once no older version runs any more, and none is to come back: fapai migrate --contract\n`,
    )
    expect((await run()).stdout).toMatch(/^The schema is this version’s: 0 migrations were applied\.\n/)
  })

  it('ends the upgrade when it is told to, and gives its role what came with that', async () => {
    const { code, stdout, stderr } = await run('--contract', '--grant', ROLE)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `The schema is this version’s: ${waiting.length} migrations were applied.\n${ROLE} may read and write it, and change nothing of it.\n`,
    })
    for (const name of waiting) expect(stderr).toContain(name)
    expect((await run()).stdout).toBe('The schema is this version’s: 0 migrations were applied.\n')
  })
})

async function ask(connection: SqlOptions, text: string): Promise<{ statement: string }[]> {
  const sql = openSql(connection)
  return sql.pool
    .query(text)
    .then(({ rows }) => rows)
    .finally(() => sql.close())
}
