import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SqlOptions } from '../server/store/sql/open-sql'
import { GUARD, reachable } from './cluster'

const BINARY = '/usr/sbin/pgbouncer'
/** Debian's needs a port in the socket's name; it is in a folder of its own. */
const PORT = 6432

/** Servers for sessions: as many as docs/OPERATIONS.md gives one process, with its default of connections for payments. */
export const SESSION_SERVERS = 16

/** Says why a suite through PgBouncer doesn't run; undefined when it can. */
export function pgbouncerMissing(): string | undefined {
  return existsSync(BINARY) ? undefined : `skipped: PgBouncer (no ${BINARY})`
}

export interface TestPgbouncer {
  connection(database: string): SqlOptions
  url(database: string): string
  stop(): Promise<void>
}

/** PgBouncer in front of a server on a unix socket in `host`; each transaction gets the server that rested longest. */
export async function startPgbouncer(host: string, mode: 'session' | 'transaction'): Promise<TestPgbouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'fapai-pgbouncer-'))
  const file = join(folder, 'pgbouncer.ini')
  const settings = {
    unix_socket_dir: folder,
    listen_port: PORT,
    auth_type: 'any',
    pool_mode: mode,
    // of sessions as many as a process takes; of transactions fewer, so that they are shared
    default_pool_size: mode === 'session' ? SESSION_SERVERS : 4,
    server_round_robin: 1,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  writeFileSync(file, `[databases]\n* = host=${host} user=postgres\n[pgbouncer]\n${lines.join('\n')}\n`)
  const root = process.getuid?.() === 0
  if (root) execFileSync('chown', ['postgres', folder])
  const command = root ? ['runuser', '-u', 'postgres', '--', BINARY, '-q', file] : [BINARY, '-q', file]
  const server = spawn('sh', ['-c', GUARD, 'sh', ...command], { stdio: ['pipe', 'ignore', 'ignore'] })
  server.unref()
  ;(server.stdin as Socket).unref()
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const connection = (database: string) => ({ host: folder, port: PORT, user: 'postgres', database })
  await reachable(connection('postgres'))
  return {
    connection,
    url: (database) => `postgres://postgres@localhost:${PORT}/${database}?host=${encodeURIComponent(folder)}`,
    async stop() {
      server.stdin.end()
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
