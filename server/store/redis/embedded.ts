import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { Redis } from 'ioredis'

export interface EmbeddedRedis {
  kind: 'redis-server' | 'js-redis-server'
  /** for connectRedis */
  url: string
  /** one sentence: what it does not survive */
  survives: string
  stop(): Promise<void>
}

/** The machine's redis-server couldn't start: its folder or its disk, as a rule. */
export class RedisCrashed extends Error {
  override name = 'RedisCrashed'
}

/** Sandbox data loads in well under a second; a machine that needs longer than this is broken. */
const START_TIMEOUT_MS = 15_000
const POLL_MS = 20
/** `sun_path` holds 104 bytes on macOS and 108 on Linux, with its final zero. */
const MAX_SOCKET_PATH_BYTES = 103

/**
 * A private Redis for the sandbox and tests: the machine's `redis-server` on a unix socket in `socketDir` (which becomes
 * readable to this user only), kept in `dataDir` if given; else, or when preferred, js-redis-server in a worker thread on a
 * random port of 127.0.0.1, which keeps nothing.
 * A redis-server that a killed process left behind on the socket is shut down first, so the caller must hold whatever lock
 * makes it the only user of `socketDir`. Throws when neither can be started.
 */
export async function startEmbeddedRedis(options: {
  dataDir?: string
  socketDir: string
  prefer?: 'redis-server' | 'js'
}): Promise<EmbeddedRedis> {
  const { dataDir, socketDir, prefer = 'redis-server' } = options
  if (prefer === 'redis-server' && (await hasRedisServer())) return startRedisServer(socketDir, dataDir)
  return startJsRedisServer()
}

/** Whether a `redis-server` can be run. */
export async function hasRedisServer(): Promise<boolean> {
  return promisify(execFile)('redis-server', ['--version']).then(
    () => true,
    () => false,
  )
}

async function startRedisServer(socketDir: string, dataDir: string | undefined): Promise<EmbeddedRedis> {
  await makePrivate(socketDir)
  if (dataDir) await mkdir(dataDir, { recursive: true })
  const socket = join(socketDir, 'redis.sock')
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH_BYTES)
    throw new Error(`the path of Redis's socket is longer than ${MAX_SOCKET_PATH_BYTES} bytes: ${socket}`)
  await shutDown(socket)

  const log = join(socketDir, 'redis.log')
  const child = spawn('redis-server', settings(socket, log, socketDir, dataDir), {
    stdio: 'ignore',
    // its own process group: a Ctrl-C reaches us alone, and Redis stays until what was begun is finished
    detached: true,
  })
  let fault: string | undefined
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`))
  }).then((reason) => {
    fault = reason
  })
  const killWithUs = () => child.kill('SIGTERM')
  process.once('exit', killWithUs)
  if (!(await answers(socket, () => fault !== undefined))) {
    child.kill('SIGKILL')
    process.off('exit', killWithUs)
    throw new RedisCrashed(
      `redis-server did not start: ${fault ?? 'it does not answer'}; its log ends:\n${await tailOf(log)}`,
    )
  }
  child.unref()
  return {
    kind: 'redis-server',
    url: socket,
    survives: dataDir
      ? 'redis-server with an append-only file: a power cut may lose the leases of its last second, which payers then take anew'
      : 'redis-server without a file: a restart loses its decks and leases, and decks are dealt again from the ledger',
    async stop() {
      if (!fault) await shutDown(socket)
      await ended
      process.off('exit', killWithUs)
    },
  }
}

function settings(socket: string, log: string, socketDir: string, dataDir: string | undefined): string[] {
  const pairs: Record<string, string> = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    daemonize: 'no',
    save: '',
    appendonly: dataDir ? 'yes' : 'no',
    appendfsync: 'everysec',
    dir: dataDir ?? socketDir,
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
    logfile: log,
  }
  return Object.entries(pairs).flatMap(([name, value]) => [`--${name}`, value])
}

/** Somebody else's directory could hold somebody else's socket. */
async function makePrivate(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if (process.getuid && (await stat(dir)).uid !== process.getuid()) throw new Error(`${dir} belongs to another user`)
  await chmod(dir, 0o700)
}

/** Ends the redis-server on the socket, if one answers, and waits until it is gone: its append-only file is then whole. */
async function shutDown(socket: string): Promise<void> {
  await once(socket, (redis) => redis.shutdown())
  const deadline = Date.now() + START_TIMEOUT_MS
  while (await once(socket, (redis) => redis.ping())) {
    if (Date.now() > deadline) throw new Error(`the redis-server on ${socket} does not end`)
    await sleep(POLL_MS)
  }
}

/** Waits for a PING to be answered; LOADING doesn't count. False when it `isOver` or takes too long. */
async function answers(socket: string, isOver: () => boolean): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!isOver() && Date.now() < deadline) {
    if (await once(socket, (redis) => redis.ping())) return true
    await sleep(POLL_MS)
  }
  return false
}

/** Runs one command on a connection of its own; false when it failed. */
async function once(socket: string, command: (redis: Redis) => Promise<unknown>): Promise<boolean> {
  const redis = new Redis({
    path: socket,
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    commandTimeout: START_TIMEOUT_MS,
    disconnectTimeout: POLL_MS,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    await command(redis)
    return true
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}

async function tailOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '(no log)')
  return text.split('\n').slice(-10).join('\n')
}

/**
 * CommonJS text, so that it runs the same from .ts sources and compiled. js-redis-server listens on every interface and has
 * no option for it; inside this worker, whatever listens does so on 127.0.0.1.
 */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads')
const { Server } = require('node:net')
const { listen } = Server.prototype
Server.prototype.listen = function (port) { return listen.call(this, port, '127.0.0.1') }
require(workerData).createRedisMock().then((server) => parentPort.postMessage(server.port))
`

async function startJsRedisServer(): Promise<EmbeddedRedis> {
  const worker = new Worker(WORKER, { eval: true, execArgv: [], workerData: pathOfJsRedisServer() })
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('js-redis-server ended')))
  })
  worker.unref()
  return {
    kind: 'js-redis-server',
    url: `redis://127.0.0.1:${port}`,
    survives:
      'js-redis-server in this process: a restart loses its decks and leases, and decks are dealt again from the ledger',
    async stop() {
      await worker.terminate()
    },
  }
}

function pathOfJsRedisServer(): string {
  try {
    return require.resolve('js-redis-server')
  } catch (cause) {
    throw new Error('no redis-server on this machine and js-redis-server is not installed: set REDIS_URL', { cause })
  }
}
