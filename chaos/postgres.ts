import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { newCluster } from '../harness/cluster'
import type { SqlOptions } from '../server/store/sql/open-sql'
import { childrenOf, type Part, runs, signal, tether, until } from './part'

export interface Postgres extends Part {
  connection: SqlOptions
  /** the same for DATABASE_URL */
  url: string
  version: string
  stop(): Promise<void>
}

const DATABASE = 'chaos'
/** Recovery reads the log since the last checkpoint; seconds even on a machine that has no time. */
const START_MS = 60_000

/**
 * A PostgreSQL of our own on a unix socket, whose processes can be killed and which recovers from its log. A commit is
 * acknowledged when it is with the kernel (fsync=off, synchronous_commit=on): that survives the death of every process, not of
 * the machine, and nobody kills the machine here.
 */
export async function startPostgres(): Promise<Postgres> {
  const settings = ['synchronous_commit=on', 'max_connections=80', 'shared_buffers=64MB']
  const { folder, data, server: command, connection } = await newCluster('fapai-chaos-pg-', settings)

  let pid = 0
  let wrapper = 0
  let untie = () => {}
  /** what was stopped: its children then fork no more */
  let stopped: number[] = []
  async function start() {
    const server = spawn(...command, { stdio: 'ignore' })
    server.unref()
    wrapper = server.pid!
    await until('PostgreSQL', () => answers(connection('postgres')), START_MS)
    // the first line of its pid file names the server itself, not a runuser around it
    pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
    untie = tether(pid)
  }
  async function kill() {
    untie()
    // stopped first, so that no child is made while they are counted
    signal(pid, 'SIGSTOP')
    const all = [pid, ...childrenOf(pid)]
    for (const one of all) signal(one, 'SIGKILL')
    // a runuser around it has stopped with it, and must go on to see that it ended
    signal(wrapper, 'SIGCONT')
    await until('the end of PostgreSQL', () => !all.some(runs), START_MS)
  }
  await start()
  const version = await created(connection('postgres'))
  return {
    connection: connection(DATABASE),
    url: `postgres://postgres@localhost/${DATABASE}?host=${encodeURIComponent(folder)}`,
    version,
    kill,
    start,
    pause() {
      signal(pid, 'SIGSTOP')
      stopped = [pid, ...childrenOf(pid)]
      for (const one of stopped) signal(one, 'SIGSTOP')
    },
    resume() {
      for (const one of [...stopped, wrapper]) signal(one, 'SIGCONT')
    },
    alive: () => runs(pid),
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function created(connection: SqlOptions): Promise<string> {
  const client = new Client(connection)
  await client.connect()
  try {
    await client.query(`create database ${DATABASE}`)
    return (await client.query<{ server_version: string }>('show server_version')).rows[0]!.server_version
  } finally {
    await client.end()
  }
}

async function answers(connection: SqlOptions): Promise<boolean> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 1_000 })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}
