import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql as raw } from 'kysely'
import { Client } from 'pg'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { openSql, type Sql, type SqlOptions } from '../server/store/sql/open-sql'
import { asMigrated, type PutBack } from './as-migrated'
import { prepared, TEMPLATE } from './prepared'

/** A database server for one test file. */
export interface TestSql {
  name: 'PGlite' | 'PostgreSQL'
  /** A migrated, empty database, opened: the one before it, closed and put back, unless its schema is another by now. */
  fresh(options?: SqlOptions): Promise<Sql>
  /** How to reach the database that `fresh` made last, for a second pool or process. */
  connection(): SqlOptions
  stop(): Promise<void>
}

/** A busy machine takes its time; the limits of a payment have tests of their own. */
const PATIENT = { statementTimeoutMs: 60_000, connectionTimeoutMillis: 60_000 }

/** PGlite has one database: its first is the prepared one, a further one is the same, put back or migrated again. */
export async function startTestPglite(): Promise<TestSql> {
  const embedded = await startEmbeddedSql({ dump: (await prepared(postgresBin())).dump })
  let open: Sql | undefined
  let putBack: PutBack | undefined
  return {
    name: 'PGlite',
    connection: () => embedded.connection,
    async fresh(options) {
      const before = open
      await before?.close()
      open = openSql({ ...embedded.connection, ...PATIENT, ...options })
      if (await putBack?.(open)) return open
      if (before) {
        await raw`drop schema public cascade; create schema public`.execute(open.db)
        await open.migrate()
      }
      putBack = await asMigrated(open)
      return open
    },
    async stop() {
      await closed(open)
      await embedded.stop()
    },
  }
}

/** A database of a {@link startTestPostgres} server as DATABASE_URL names it. */
export function databaseUrl({ user, host, database }: SqlOptions): string {
  return `postgres://${user}@localhost/${database}?host=${encodeURIComponent(String(host))}`
}

/** Gives a sandbox's directory its ledger, migrated and empty, which its BFF would make at its first start in seconds. */
export async function layLedger(dataDir: string): Promise<void> {
  const { ledger } = await prepared(postgresBin())
  await run('cp', ['-a', ledger, join(dataDir, 'ledger')])
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

/** Where PostgreSQL's server binaries are: the newest of Debian's, else the PATH's. */
export function postgresBin(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(':')]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** Says why a suite on PostgreSQL doesn't run; undefined when it can. */
export function postgresMissing(): string | undefined {
  if (!postgresBin()) return 'skipped: PostgreSQL (no initdb and postgres in /usr/lib/postgresql/*/bin or the PATH)'
  if (process.getuid?.() === 0 && !hasPostgresUser())
    return 'skipped: PostgreSQL (it refuses to run as root, and there is no user "postgres" to run it as)'
  return undefined
}

function hasPostgresUser(): boolean {
  try {
    execFileSync('id', ['postgres'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const STARTUP_MS = 120_000

/** Runs the rest of its arguments until its input ends, which it does even if the test's process is killed. */
export const GUARD = '"$@" & read -r _; kill $!; wait $!'

/** A private cluster in a temporary folder, on a unix socket only, whose data `make` lays: how to start its server, and how to reach it. */
export async function cluster(
  prefix: string,
  settings: readonly string[],
  make: (data: string, as: As) => Promise<unknown>,
) {
  const bin = postgresBin()!
  const root = process.getuid?.() === 0
  const folder = mkdtempSync(join(tmpdir(), prefix))
  if (root) execFileSync('chown', ['postgres', folder])
  // PostgreSQL refuses to run as root
  const as: As = (program, args) =>
    root ? ['runuser', ['-u', 'postgres', '--', join(bin, program), ...args]] : [join(bin, program), args]
  const data = join(folder, 'data')
  await make(data, as)
  const flags = ['fsync=off', 'listen_addresses=', ...settings].flatMap((setting) => ['-c', setting])
  return {
    folder,
    data,
    as,
    server: as('postgres', ['-D', data, '-k', folder, ...flags]),
    // the data folder's pid file names the server itself, not the runuser around it
    stop: (mode: 'fast' | 'immediate' = 'immediate') => run(...as('pg_ctl', ['-D', data, '-m', mode, 'stop'])),
    connection: (database: string): SqlOptions => ({ host: folder, user: 'postgres', database }),
  }
}

/** A program of PostgreSQL's, as whom it takes. */
export type As = (program: string, args: string[]) => [string, string[]]
const run = promisify(execFile)

/** A new one: a copy of the prepared one. */
export async function newCluster(prefix: string, settings: readonly string[]) {
  const from = (await prepared(postgresBin())).cluster
  return cluster(prefix, settings, (data) => run('cp', ['-a', from, data]))
}

/** Makes the one that others are copied from. */
export async function prepareCluster(to: string): Promise<void> {
  const made = await cluster('fapai-pg-', [], (data, as) =>
    run(...as('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'])),
  )
  const ended = await started(made)
  await statement(made.connection('postgres'), `create database ${TEMPLATE}`)
  const template = openSql(made.connection(TEMPLATE))
  await template.migrate()
  await template.close()
  // It may be copied only when all of it is in its files.
  await made.stop('fast')
  await ended()
  await run('cp', ['-a', made.data, to])
  rmSync(made.folder, { recursive: true, force: true })
}

/** Starts its server, waits until it answers, and gives what waits for its end. */
export async function started({ server: [program, args], connection }: Awaited<ReturnType<typeof cluster>>) {
  const server = spawn('sh', ['-c', GUARD, 'sh', program, ...args], { stdio: ['pipe', 'ignore', 'ignore'] })
  server.unref()
  ;(server.stdin as Socket).unref()
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await reachable(connection('postgres'))
  return async () => {
    server.ref()
    server.stdin.end()
    await exited
  }
}

async function statement(connection: SqlOptions, text: string): Promise<void> {
  const client = new Client(connection)
  await client.connect()
  await client.query(text).finally(() => client.end())
}

/** A cluster for one test file. A fresh database is the one before, put back, else a clone of the migrated template. Settings of `more` win. */
export async function startTestPostgres(more: readonly string[] = []): Promise<TestSql> {
  const settings = [
    'synchronous_commit=off',
    'full_page_writes=off',
    'max_connections=60',
    'max_prepared_transactions=4',
    'shared_buffers=32MB',
    ...more,
  ]
  const own = await newCluster('fapai-pg-', settings)
  const { folder, connection } = own
  const ended = await started(own)
  let open: Sql | undefined
  let putBack: PutBack | undefined
  let made = 0
  return {
    name: 'PostgreSQL',
    connection: () => connection(`fapai_${made}`),
    async fresh(options) {
      await open?.close()
      if (putBack) {
        open = openSql({ ...connection(`fapai_${made}`), ...PATIENT, ...options })
        if (await putBack(open)) return open
        await open.close()
      }
      await statement(connection('postgres'), `create database fapai_${++made} template ${TEMPLATE}`)
      open = openSql({ ...connection(`fapai_${made}`), ...PATIENT, ...options })
      putBack = await asMigrated(open)
      return open
    },
    async stop() {
      await closed(open)
      await own.stop()
      await ended()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function reachable(connection: SqlOptions): Promise<void> {
  for (const deadline = Date.now() + STARTUP_MS; ; ) {
    const client = new Client(connection)
    try {
      await client.connect()
      return await client.end()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
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
