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

/** A database server for one test file. */
export interface TestSql {
  name: 'PGlite' | 'PostgreSQL'
  /** A migrated, empty database, opened. The one before it is closed (and on PGlite gone). */
  fresh(options?: SqlOptions): Promise<Sql>
  /** How to reach the database that `fresh` made last, for a second pool or process. */
  connection(): SqlOptions
  stop(): Promise<void>
}

/** PGlite has one database, so a fresh one is the same with its schema dropped. */
export async function startTestPglite(): Promise<TestSql> {
  const embedded = await startEmbeddedSql()
  let open: Sql | undefined
  return {
    name: 'PGlite',
    connection: () => embedded.connection,
    async fresh(options) {
      await open?.close()
      open = openSql({ ...embedded.connection, ...options })
      await raw`drop schema public cascade; create schema public`.execute(open.db)
      await open.migrate()
      return open
    },
    async stop() {
      await closed(open)
      await embedded.stop()
    },
  }
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

const STARTUP_MS = 20_000

/** Runs the rest of its arguments until its input ends, which it does even if the test's process is killed. */
export const GUARD = '"$@" & read -r _; kill $!; wait $!'

/** A new private cluster in a temporary folder, on a unix socket only: how to start its server, and how to reach it. */
export async function newCluster(prefix: string, settings: readonly string[]) {
  const bin = postgresBin()!
  const root = process.getuid?.() === 0
  const folder = mkdtempSync(join(tmpdir(), prefix))
  if (root) execFileSync('chown', ['postgres', folder])
  // PostgreSQL refuses to run as root
  const as = (program: string, args: string[]): [string, string[]] =>
    root ? ['runuser', ['-u', 'postgres', '--', join(bin, program), ...args]] : [join(bin, program), args]
  const data = join(folder, 'data')
  await promisify(execFile)(
    ...as('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N']),
  )
  const flags = ['fsync=off', 'listen_addresses=', ...settings].flatMap((setting) => ['-c', setting])
  return {
    folder,
    data,
    server: as('postgres', ['-D', data, '-k', folder, ...flags]),
    // the data folder's pid file names the server itself, not the runuser around it
    stop: () => promisify(execFile)(...as('pg_ctl', ['-D', data, '-m', 'immediate', 'stop'])),
    connection: (database: string): SqlOptions => ({ host: folder, user: 'postgres', database }),
  }
}

/** A cluster for one test file. Each fresh database is a clone of a migrated template. */
export async function startTestPostgres(): Promise<TestSql> {
  const settings = ['synchronous_commit=off', 'full_page_writes=off', 'max_connections=60', 'shared_buffers=32MB']
  const cluster = await newCluster('fapai-pg-', settings)
  const { folder, connection } = cluster
  const server = spawn('sh', ['-c', GUARD, 'sh', ...cluster.server.flat()], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  server.unref()
  ;(server.stdin as Socket).unref()
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await reachable(connection('postgres'))

  const admin = async (statement: string) => {
    const client = new Client(connection('postgres'))
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  await admin('create database template_fapai')
  const template = openSql(connection('template_fapai'))
  await template.migrate()
  await template.close()

  let open: Sql | undefined
  let made = 0
  return {
    name: 'PostgreSQL',
    connection: () => connection(`fapai_${made}`),
    async fresh(options) {
      await open?.close()
      await admin(`create database fapai_${++made} template template_fapai`)
      open = openSql({ ...connection(`fapai_${made}`), ...options })
      return open
    },
    async stop() {
      await closed(open)
      await cluster.stop()
      server.stdin.end()
      await exited
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

/** Both engines for `describe.each`; PostgreSQL is left out, with the reason printed, where it isn't installed. */
export function sqlEngines(): { name: string; start: () => Promise<TestSql> }[] {
  const missing = postgresMissing()
  if (missing) console.warn(missing)
  const pglite = { name: 'PGlite', start: startTestPglite }
  return missing ? [pglite] : [pglite, { name: 'PostgreSQL', start: startTestPostgres }]
}
