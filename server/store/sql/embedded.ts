import { mkdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { SqlOptions } from './open-sql'

export interface EmbeddedSql {
  kind: 'pglite'
  /** for {@link openSql}: one connection, for the database has one session that all connections would share */
  connection: SqlOptions
  /** what it does and doesn't survive, for people */
  survives: string
  /** the thread it runs in */
  worker: Worker
  stop(): Promise<void>
}

export interface EmbeddedSqlOptions {
  /** in memory when left out; one process at a time, which the caller sees to */
  dataDir?: string
  /** A file of what PGlite dumped, to begin with; for tests, in memory. */
  dump?: string
  /** The database died although nobody stopped it. Unless given, that ends the process. */
  onCrash?(error: Error): void
}

/** The database in this process couldn't start or died: its files or its disk, as a rule. The cause says what of it. */
export class LedgerCrashed extends Error {
  override name = 'LedgerCrashed'
}

/** Plain JavaScript, so that it is the same worker from sources, compiled and under test. */
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { PGlite } = require(workerData.pglite)
  const { PGLiteSocketServer } = require(workerData.socket)
  const { readFileSync } = require('node:fs')
  async function main() {
    const db = await PGlite.create({
      dataDir: workerData.dataDir,
      loadDataDir: workerData.dump && new Blob([readFileSync(workerData.dump)]),
    })
    // more than the pool's one: a new connection may arrive before the end of the old one is noticed
    const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: 8 })
    await server.start()
    parentPort.once('message', async () => {
      await server.stop()
      await db.close()
      process.exit(0)
    })
    parentPort.postMessage({ port: Number(server.getServerConn().split(':').pop()) })
  }
  main()
`

/** Waiting for a connection is waiting for the one there is: two hundred payers at once are a queue, not an outage. */
const QUEUE_TIMEOUT_MS = 30_000
/** A worker that hasn't closed its files by then is hung. */
const STOP_TIMEOUT_MS = 5_000

/** Starts PGlite in a worker thread, reachable by pg on a free port of 127.0.0.1. Rejects when it can't start. */
export async function startEmbeddedSql({ dataDir, dump, onCrash }: EmbeddedSqlOptions = {}): Promise<EmbeddedSql> {
  const packages = embeddedPackages()
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const worker = new Worker(WORKER, {
    eval: true,
    name: 'pglite',
    workerData: {
      dataDir: dataDir ?? 'memory://',
      dump,
      ...packages,
    },
  })
  let stopping = false
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    let started = false
    const crashed = (error: Error) => {
      if (!started) reject(error)
      else if (!stopping) {
        stopping = true // an error is followed by an exit: one crash
        if (!onCrash) throw error
        onCrash(error)
      }
    }
    worker.once('message', (message: { port: number }) => {
      started = true
      resolve(message.port)
    })
    worker.on('error', (error) =>
      crashed(new LedgerCrashed(`the embedded ledger in ${dataDir ?? 'memory'} crashed`, { cause: error })),
    )
    worker.on('exit', (code) =>
      crashed(new LedgerCrashed(`the embedded ledger in ${dataDir ?? 'memory'} exited with ${code}`)),
    )
  })
  return {
    kind: 'pglite',
    worker,
    connection: {
      host: '127.0.0.1',
      port,
      user: 'postgres',
      database: 'postgres',
      max: 1,
      connectionTimeoutMillis: QUEUE_TIMEOUT_MS,
      idleTimeoutMillis: 0, // reconnecting gains nothing
    },
    survives:
      dataDir === undefined
        ? 'It is in memory: it survives nothing.'
        : 'PGlite never fsyncs: it survives kill -9, not power loss.',
    async stop() {
      stopping = true
      worker.postMessage('stop')
      const timer = setTimeout(() => worker.terminate(), STOP_TIMEOUT_MS)
      await exited
      clearTimeout(timer)
    },
  }
}

function embeddedPackages(): { pglite: string; socket: string } {
  try {
    return { pglite: require.resolve('@electric-sql/pglite'), socket: require.resolve('@electric-sql/pglite-socket') }
  } catch (cause) {
    throw new LedgerCrashed('the embedded ledger is the sandbox’s and isn’t installed here; give a DATABASE_URL', {
      cause,
    })
  }
}
