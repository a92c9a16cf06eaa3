import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import { type Part, runs, signal, tether, until } from './part'

export interface RedisServer extends Part {
  /** for REDIS_URL */
  url: string
  version: string
  flush(): Promise<void>
  stop(): Promise<void>
}

const START_MS = 30_000

/** A redis-server of our own on a unix socket with an append-only file, which it finds again, loses, or finds as it was long ago. */
export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'fapai-chaos-'))
  const socket = join(folder, 'redis.sock')
  const data = join(folder, 'data')
  const copy = join(folder, 'copy')
  const args = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--save', '']
  args.push(
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
    '--dir',
    data,
    '--loglevel',
    'warning',
    '--logfile',
    join(folder, 'log'),
  )

  let pid = 0
  let untie = () => {}
  async function start() {
    mkdirSync(data, { recursive: true })
    const server = spawn('redis-server', args, { stdio: 'ignore' })
    server.unref()
    pid = server.pid!
    untie = tether(pid)
    await until('Redis', () => asked(socket, (redis) => redis.ping()).then(Boolean), START_MS)
  }
  async function kill() {
    untie()
    signal(pid, 'SIGKILL')
    await until('the end of Redis', () => !runs(pid), START_MS)
  }
  await start()
  const info = (await asked(socket, (redis) => redis.info('server'))) ?? ''
  return {
    url: socket,
    version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown',
    kill,
    async start(back) {
      if (back !== 'as-it-was') rmSync(data, { recursive: true, force: true })
      if (back === 'old' && existsSync(copy)) cpSync(copy, data, { recursive: true })
      await start()
      // A file copied while it is written may end torn; Redis then loads what is whole.
      rmSync(copy, { recursive: true, force: true })
      cpSync(data, copy, { recursive: true })
    },
    pause: () => signal(pid, 'SIGSTOP'),
    resume: () => signal(pid, 'SIGCONT'),
    alive: () => runs(pid),
    async flush() {
      await asked(socket, (redis) => redis.flushall())
    },
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One command on a connection of its own; undefined when it can't be had. */
async function asked<T>(socket: string, ask: (redis: Client) => Promise<T>): Promise<T | undefined> {
  const redis = new Client({
    path: socket,
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return await ask(redis)
  } catch {
    return undefined
  } finally {
    redis.disconnect()
  }
}
