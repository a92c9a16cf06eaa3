import { execFile, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { openSql, type SqlOptions } from '../server/store/sql/open-sql'
import { prepared, TEMPLATE } from './prepared'

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
  if (process.getuid?.() === 0 && !postgresUser())
    return 'skipped: PostgreSQL (it refuses to run as root, and there is no user "postgres" to run it as)'
  return undefined
}

/** Whom the machine knows as postgres. No process is asked: each costs a test's worker a tenth of a second. */
function postgresUser(): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n')
  const [, , uid, gid] = line.find((one) => one.startsWith('postgres:'))?.split(':') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
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
  const user = process.getuid?.() === 0 ? postgresUser() : undefined
  const folder = mkdtempSync(join(tmpdir(), prefix))
  if (user) chownSync(folder, user.uid, user.gid)
  // PostgreSQL refuses to run as root
  const as: As = (program, args) =>
    user ? ['runuser', ['-u', 'postgres', '--', join(bin, program), ...args]] : [join(bin, program), args]
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

export type Cluster = Awaited<ReturnType<typeof cluster>>

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

/** Starts its server, waits until it answers, and gives what waits for its end; `then` is what the shell does after that. */
export async function started({ server: [program, args], connection }: Cluster, then = ':') {
  const script = `${GUARD}; ${then}`
  const server = spawn('sh', ['-c', script, 'sh', program, ...args], { stdio: ['pipe', 'ignore', 'ignore'] })
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

export async function statement(connection: SqlOptions, text: string): Promise<void> {
  const client = new Client(connection)
  await client.connect()
  await client.query(text).finally(() => client.end())
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
