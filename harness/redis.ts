import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, Redis } from 'ioredis'
import { connectRedis, redisReady } from '../server/store/redis/connect'
import { startEmbeddedRedis } from '../server/store/redis/embedded'
import { freePort } from './free-port'

/** What a verb answers is tested here, not how fast a busy machine is; slots-connect.test.ts has the real deadline. */
export const PATIENT_MS = 20_000

export interface TestRedis {
  redis: Redis | Cluster
  /** for another connectRedis */
  url: string
  /** disconnects, stops the server, removes its files */
  stop(): Promise<void>
}

/** Whether this machine can run a real Redis; says so once when it can't. */
export function hasRedisServer(): boolean {
  const present = spawnSync('redis-server', ['--version']).status === 0
  if (!present) console.warn('skipped on real Redis: there is no redis-server on this machine')
  return present
}

/** `test`, or `test.skip` with the reason printed, where the test needs a real redis-server. */
export const testOnRedis = () => (hasRedisServer() ? test : test.skip)
/** The same for a whole suite. */
export const describeOnRedis = () => (hasRedisServer() ? describe : describe.skip)

/** A fresh, empty Redis of the test file's own. */
export async function startTestRedis(prefer: 'redis-server' | 'js'): Promise<TestRedis> {
  const dir = await temporaryDir()
  const server = await startEmbeddedRedis({ socketDir: dir, prefer })
  return connected(server.url, async () => {
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  })
}

/** A Redis Cluster of one node that owns every hash slot. */
export async function startTestCluster(): Promise<TestRedis> {
  const port = await freePort() // the node also listens on the port 10,000 above
  // alone, a node never learns its own address from another's greeting
  const server = await startServer(port, ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'])
  const admin = quietly(port)
  await admin.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot))
  while (!(await admin.cluster('INFO')).includes('cluster_state:ok')) await new Promise((done) => setTimeout(done, 20))
  admin.disconnect()
  return connected(`redis+cluster://127.0.0.1:${port}`, server.stop)
}

/** The same with a replica, which `promote` puts in its master's place, as a failover does, while every connection stands. */
export async function startTestReplicas(): Promise<TestRedis & { promote(): Promise<void> }> {
  const flags = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--repl-diskless-sync-delay', '0']
  const ports = [await clusterPort(), await clusterPort()] as const
  const servers = [await startServer(ports[0], flags), await startServer(ports[1], flags)]
  const [master, replica] = [quietly(ports[0]), quietly(ports[1])]
  await master.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot))
  await replica.call('CLUSTER', 'MEET', '127.0.0.1', ports[0])
  const id = String(await master.call('CLUSTER', 'MYID'))
  await until(async () => String(await replica.call('CLUSTER', 'NODES')).includes(`${id} 127.0.0.1:${ports[0]}@`))
  await replica.call('CLUSTER', 'REPLICATE', id)
  await until(async () => (await replica.info('replication')).includes('master_link_status:up'))
  await until(async () => (await master.cluster('INFO')).includes('cluster_state:ok'))
  await until(async () => /slave .* connected/.test(String(await master.call('CLUSTER', 'NODES'))))
  const both = await connected(`redis+cluster://127.0.0.1:${ports[0]}`, async () => {
    master.disconnect()
    replica.disconnect()
    for (const server of servers) await server.stop()
  })
  return {
    ...both,
    async promote() {
      await replica.call('CLUSTER', 'FAILOVER', 'TAKEOVER')
      await until(async () => (await master.info('replication')).includes('role:slave'))
    },
  }
}

/** Nodes talk to each other on the port 10,000 above. */
async function clusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (port <= 55_535) return port
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((done) => setTimeout(done, 20))
}

/** A master and a Sentinel that watches it, each with a password of its own where one is told. */
export async function startTestSentinel(passwords: { master?: string; sentinel?: string } = {}): Promise<TestRedis> {
  const [port, sentinelPort] = [await freePort(), await freePort()]
  const asking = (password?: string) => (password ? ['--requirepass', password] : [])
  const master = await startServer(port, asking(passwords.master))
  const sentinel = await startServer(sentinelPort, ['--sentinel', ...asking(passwords.sentinel)])
  const admin = quietly(sentinelPort, passwords.sentinel)
  await admin.call('SENTINEL', 'MONITOR', 'street', '127.0.0.1', port, 1)
  if (passwords.master) await admin.call('SENTINEL', 'SET', 'street', 'auth-pass', passwords.master)
  admin.disconnect()
  const auth = passwords.master ? `:${passwords.master}@` : ''
  return connected(
    `redis+sentinel://${auth}127.0.0.1:${sentinelPort}/street`,
    async () => {
      await sentinel.stop()
      await master.stop()
    },
    passwords.sentinel,
  )
}

/** A plain client that keeps trying until the server is up. */
function quietly(port: number, password?: string): Redis {
  return new Redis(port, '127.0.0.1', { password }).on('error', () => {})
}

/** A redis-server on a TCP port, which Cluster and Sentinel need, in a directory of its own. */
async function startServer(port: number, args: string[]): Promise<{ stop(): Promise<void> }> {
  const dir = await temporaryDir()
  const config = join(dir, 'redis.conf')
  await writeFile(config, `port ${port}\nbind 127.0.0.1\ndir ${dir}\n${args.includes('--sentinel') ? '' : 'save ""\n'}`)
  const child = spawn('redis-server', [config, ...args], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  return {
    async stop() {
      child.kill('SIGTERM')
      await ended
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A short path, since a unix socket goes into it. */
export function temporaryDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'fapai-'))
}

async function connected(url: string, stopServer: () => Promise<void>, sentinelPassword?: string): Promise<TestRedis> {
  const redis = connectRedis(url, undefined, PATIENT_MS, sentinelPassword)
  const stop = async () => {
    redis.disconnect()
    await stopServer()
  }
  if (await redisReady(redis, 60_000)) return { redis, url, stop }
  await stop()
  throw new Error(`no Redis at ${url}`)
}
