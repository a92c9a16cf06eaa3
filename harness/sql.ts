import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { openSql, type Sql, type SqlOptions } from '../server/store/sql/open-sql'
import { asMigrated, type Migrated } from './as-migrated'
import { newCluster, postgresBin, postgresMissing, started, statement } from './cluster'
import { prepared, TEMPLATE } from './prepared'

export { postgresMissing }

/** A database server for one test file. */
export interface TestSql {
  name: 'PGlite' | 'PostgreSQL'
  /** A migrated, empty database, opened: the one before it, closed and put back, unless its schema is another by now. */
  fresh(options?: SqlOptions): Promise<Sql>
  /** How to reach the database that `fresh` made last, for a second pool or process. */
  connection(): SqlOptions
  stop(): Promise<void>
}

/** What a {@link TestSql} is made of: a server, and how it makes a migrated database that nobody has used. */
interface Server {
  another(before: SqlOptions | undefined): Promise<SqlOptions>
  stop(): Promise<void>
  database?: { connection: SqlOptions; migrated: Migrated }
}

/** A busy machine takes its time; the limits of a payment have tests of their own. */
const PATIENT = { statementTimeoutMs: 60_000, connectionTimeoutMillis: 60_000 }

/**
 * Servers that a worker's earlier files are done with, for its next ones: a server's start takes longer than most files do with it. Kept
 * where what a file leaves behind is not looked for; a process that is none of jest's keeps none.
 */
const SPARE = Symbol.for('fapai.test.servers')
type Spare = Record<TestSql['name'], Server[]>
const held = process as unknown as { [SPARE]?: Spare }
held[SPARE] ??= { PGlite: [], PostgreSQL: [] }
const spare = held[SPARE]
const isKept = process.env.JEST_WORKER_ID !== undefined

/**
 * PGlite has one database: the prepared one, which is put back. Where that can't be done another is begun: a quarter of what migrating
 * takes there.
 */
export const startTestPglite = (): Promise<TestSql> => testSql('PGlite', isKept, startPglite)

async function startPglite(): Promise<Server> {
  const { dump } = await prepared(postgresBin())
  const begin = async () => {
    const embedded = await startEmbeddedSql({ dump })
    embedded.worker.unref()
    return embedded
  }
  let embedded = await begin()
  const stop = async () => {
    embedded.worker.ref()
    await embedded.stop()
  }
  return {
    async another(before) {
      if (before) {
        await stop()
        embedded = await begin()
      }
      return embedded.connection
    },
    stop,
  }
}

/** What a test didn't ask for changes no plan of the next. */
const UNASKED = ['autovacuum=off']

/**
 * A private PostgreSQL, which later files of a worker go on using. A fresh database is the one before, put back, else a clone of the
 * migrated template. Who stops it for its own sake, makes roles, or asks what the whole server is at, starts {@link startOwnPostgres}.
 */
export const startTestPostgres = (): Promise<TestSql> => testSql('PostgreSQL', isKept, () => startPostgres(UNASKED))

/** One for this caller alone. Settings of `more` win. */
export const startOwnPostgres = (more: readonly string[] = []): Promise<TestSql> =>
  testSql('PostgreSQL', false, () => startPostgres(more))

async function startPostgres(more: readonly string[] = []): Promise<Server> {
  const settings = [
    'synchronous_commit=off',
    'full_page_writes=off',
    'max_connections=60',
    'max_prepared_transactions=4',
    'shared_buffers=32MB',
    ...more,
  ]
  const own = await newCluster('fapai-pg-', settings)
  const ended = await started(own, `rm -rf '${own.folder}'`)
  let made = 0
  return {
    async another() {
      const name = `fapai_${++made}`
      await statement(own.connection('postgres'), `create database ${name} template ${TEMPLATE}`)
      return own.connection(name)
    },
    async stop() {
      await own.stop()
      await ended()
      rmSync(own.folder, { recursive: true, force: true })
    },
  }
}

async function testSql(name: TestSql['name'], keep: boolean, start: () => Promise<Server>): Promise<TestSql> {
  const server = (keep && spare[name].pop()) || (await start())
  let open: Sql | undefined
  return {
    name,
    connection: () => server.database?.connection ?? {},
    async fresh(options) {
      await open?.close()
      const before = server.database
      if (before) {
        open = openSql({ ...before.connection, ...PATIENT, ...options })
        if (await before.migrated.putBack(open)) return open
        await open.close()
      }
      const connection = await server.another(before?.connection)
      open = openSql({ ...connection, ...PATIENT, ...options })
      server.database = { connection, migrated: await asMigrated(open) }
      return open
    },
    async stop() {
      await closed(open)
      if (keep && (await isAsGood(server))) spare[name].push(server)
      else await server.stop()
    },
  }
}

/** Nobody is at work in it, and neither its size nor what is known of its tables would be felt by the next. */
async function isAsGood({ database }: Server): Promise<boolean> {
  if (!database) return true
  const sql = openSql({ ...database.connection, ...PATIENT })
  return database.migrated.isUnworn(sql).finally(() => sql.close())
}

/** A database of a {@link startTestPostgres} server as DATABASE_URL names it. */
export function databaseUrl({ user, host, database }: SqlOptions): string {
  return `postgres://${user}@localhost/${database}?host=${encodeURIComponent(String(host))}`
}

/** Gives a sandbox's directory its ledger, migrated and empty, which its BFF would make at its first start in seconds. */
export async function layLedger(dataDir: string): Promise<void> {
  const { ledger } = await prepared(postgresBin())
  await promisify(execFile)('cp', ['-a', ledger, join(dataDir, 'ledger')])
}

/** A failed test may have kept a connection, for which closing would wait for ever. */
const CLOSE_MS = 2_000

async function closed(open: Sql | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS)
  })
  await Promise.race([open?.close(), late])
  clearTimeout(timer)
}

type Engine = { name: string; start: () => Promise<TestSql> }

/** Both engines for `describe.each`, for what is theirs: stores. PostgreSQL is left out, with the reason printed, where it isn't installed. */
export function sqlEngines(): Engine[] {
  const missing = postgresMissing()
  if (missing) console.warn(missing)
  const pglite = { name: 'PGlite', start: startTestPglite }
  return missing ? [pglite] : [pglite, { name: 'PostgreSQL', start: startTestPostgres }]
}

/**
 * The engine of production, or PGlite where that isn't installed: for flows and routes, whose statements the stores' own tests have run
 * on both. PGlite takes the processor several times as long. FAPAI_SQL=both runs them on both as well.
 */
export function oneSqlEngine(): Engine[] {
  return process.env.FAPAI_SQL === 'both' ? sqlEngines() : sqlEngines().slice(-1)
}

/** One of {@link oneSqlEngine}, for those who need no `describe` of each. */
export const startOneSql = (): Promise<TestSql> => oneSqlEngine()[0]!.start()
