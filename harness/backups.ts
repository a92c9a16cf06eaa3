import { execFile, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cluster, newCluster, started } from './cluster'
import { TEMPLATE } from './prepared'

/** PostgreSQL's own ways to keep a copy and to come back from it, on clusters of ours. */

const run = promisify(execFile)
const SETTINGS = ['synchronous_commit=on', 'max_connections=80', 'shared_buffers=64MB', 'wal_level=replica']
/** The names by which the cluster waits for the one that keeps its log, and for its standby; the first is also that of the slot for which it keeps what wasn't received yet. */
const KEEPER = 'fapai_wal'
const STANDBY = 'fapai_standby'

export type Cluster = Awaited<ReturnType<typeof startCluster>>

/** One with the migrated template in it. */
export async function startCluster(settings: readonly string[] = []) {
  return up(await newCluster('fapai-site-', [...SETTINGS, ...settings]))
}

/** A database of the prepared, migrated template. */
export async function createDatabase({ as, folder }: Cluster, database: string): Promise<void> {
  await run(...as('createdb', ['-h', folder, '-U', 'postgres', '-T', TEMPLATE, database]))
}

/** One without anything in it. */
export async function createEmptyDatabase({ as, folder }: Cluster, database: string): Promise<void> {
  await run(...as('createdb', ['-h', folder, '-U', 'postgres', '-T', 'template0', database]))
}

type Laid = Awaited<ReturnType<typeof cluster>>

async function up(laid: Laid) {
  const ended = await started(laid)
  let lost: Promise<void> | undefined
  return {
    ...laid,
    /** gone at once, as with its machine */
    lose() {
      lost ??= laid.stop('immediate').then(ended)
      return lost
    },
  }
}

/** All of a database at one moment, in a file. */
export async function dump({ as, folder }: Cluster, database: string): Promise<string> {
  const file = join(folder, `${database}.dump`)
  await run(...as('pg_dump', ['-h', folder, '-U', 'postgres', '-Fc', '-f', file, database]))
  return file
}

/** A new cluster with what was dumped, under the same name. */
export async function fromDump(file: string, database: string): Promise<Cluster> {
  const site = await startCluster()
  await createEmptyDatabase(site, database)
  await run(...site.as('pg_restore', ['-h', site.folder, '-U', 'postgres', '--exit-on-error', '-d', database, file]))
  return site
}

export interface Kept {
  base: string
  log: string
  stop(): Promise<void>
}

/**
 * A copy of the whole cluster, and from then on its log, kept elsewhere. A commit is acknowledged when it is there as well: what a payer
 * was told survives the loss of the cluster. Without a slot the cluster removes parts of its log at a checkpoint, whether they were received
 * or not: the one who keeps it ends then, and every commit waits for ever.
 */
export async function keep(site: Cluster, elsewhere: string): Promise<Kept> {
  const [base, log] = [join(elsewhere, 'base'), join(elsewhere, 'log')]
  const reach = `host=${site.folder} user=postgres application_name=${KEEPER}`
  // PostgreSQL's programs run as its own user where we are root, and the folder is to be theirs.
  mkdirSync(log, { mode: 0o700 })
  if (process.getuid?.() === 0) await run('chown', ['-R', 'postgres', elsewhere])
  await told(site, RESERVED)
  const asked = ['-D', log, '--slot', KEEPER, '--synchronous', '--no-loop', '-d', reach]
  const [program, args] = site.as('pg_receivewal', asked)
  const keeper = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  keeper.stderr.on('data', (data) => {
    words += data
  })
  const ended = new Promise<void>((resolve) => keeper.once('close', () => resolve()))
  const streams = () => {
    if (keeper.exitCode !== null) throw new Error(`who keeps the log has ended: ${words.trim()}`)
  }
  await until(site, STREAMS, '1', streams)
  await told(site, `alter system set synchronous_standby_names = '${KEEPER}'`, 'select pg_reload_conf()')
  await run(...site.as('pg_basebackup', ['-h', site.folder, '-U', 'postgres', '-D', base, '-c', 'fast', '-X', 'none']))
  // From the copy's first moment on, what is written is received: a commit that waits for it comes to its end.
  await until(site, STREAMS, '1', streams)
  await told(site, 'select pg_current_xact_id()')
  return {
    base,
    log,
    async stop() {
      keeper.kill('SIGTERM')
      await ended
    },
  }
}

/** Kept from now on and not from when somebody first asks for it. It goes with its cluster. */
const RESERVED = `select pg_create_physical_replication_slot('${KEEPER}', true)
  where not exists (select from pg_replication_slots where slot_name = '${KEEPER}')`

/** By the slot, and as the one for whom commits wait. */
const STREAMS = `select count(*) from pg_stat_replication join pg_replication_slots on active_pid = pid
  where slot_name = '${KEEPER}' and application_name = slot_name and state = 'streaming'`

export interface Standby extends Cluster {
  /** Waits until it has all that the site has, which is to write no more. */
  caughtUp(): Promise<void>
  /** It is a site of its own from now on. */
  promote(): Promise<void>
}

/** A cluster that follows the site as it writes. A commit there is acknowledged when it is here as well. */
export async function standbyOf(site: Cluster): Promise<Standby> {
  const reach = `host=${site.folder} user=postgres application_name=${STANDBY}`
  const laid = await cluster('fapai-site-', SETTINGS, (data, as) =>
    run(...as('pg_basebackup', ['-d', reach, '-D', data, '-c', 'fast', '-X', 'stream', '-R'])),
  )
  const standby = await up(laid)
  const streaming = `select count(*) from pg_stat_replication where application_name = '${STANDBY}' and state = 'streaming'`
  await until(site, streaming, '1')
  await told(site, `alter system set synchronous_standby_names = '${STANDBY}'`, 'select pg_reload_conf()')
  return {
    ...standby,
    async caughtUp() {
      const at = await told(site, 'select pg_current_wal_flush_lsn()')
      await until(standby, `select pg_last_wal_replay_lsn() >= '${at}'::pg_lsn`, 't')
    },
    async promote() {
      await run(...laid.as('pg_ctl', ['-D', laid.data, '-w', 'promote']))
      await until(standby, 'select pg_is_in_recovery()', 'f')
    },
  }
}

/** It goes on answering, and takes no more writes: what who hands over does first. */
export const writeNoMore = (site: Cluster) =>
  told(site, 'alter system set default_transaction_read_only = on', 'select pg_reload_conf()')

/** A new cluster from the copy and its log: to its end, or to a moment, ms. */
export async function fromLog({ base, log }: Kept, at?: number): Promise<Cluster> {
  // The segment that was being written when the cluster was lost.
  for (const file of readdirSync(log))
    if (file.endsWith('.partial')) renameSync(join(log, file), join(log, file.slice(0, -8)))
  const target = at === undefined ? [] : [`recovery_target_time=${stamp(at)}`, 'recovery_target_action=promote']
  const settings = [...SETTINGS, `restore_command=cp ${log}/%f "%p"`, ...target]
  const laid = await cluster('fapai-site-', settings, (data) => lay(base, data))
  const site = await up(laid)
  await until(site, 'select pg_is_in_recovery()', 'f')
  return site
}

/** As PostgreSQL reads it before it knows of time zones' names. */
const stamp = (at: number) => new Date(at).toISOString().replace('T', ' ').replace('Z', '+00')

async function lay(base: string, data: string): Promise<void> {
  await run('cp', ['-a', base, data])
  writeFileSync(join(data, 'recovery.signal'), '')
  // It waited for who kept the log of the one that is gone.
  writeFileSync(join(data, 'postgresql.auto.conf'), '')
  chmodSync(data, 0o700)
  if (process.getuid?.() === 0) await run('chown', ['-R', 'postgres', data])
}

async function told({ as, folder }: Cluster, ...statements: string[]): Promise<string> {
  const asked = statements.flatMap((one) => ['-c', one])
  return (await run(...as('psql', ['-h', folder, '-U', 'postgres', '-tA', ...asked, 'postgres']))).stdout.trim()
}

async function until(site: Cluster, question: string, answer: string, look = () => {}): Promise<void> {
  for (const deadline = Date.now() + 120_000; (await told(site, question)) !== answer; ) {
    look()
    if (Date.now() > deadline) throw new Error(`${question}: never ${answer}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
