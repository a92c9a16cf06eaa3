import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../harness/free-port'
import { runs, signal, tether, until } from './part'

export interface Node {
  port: number
  pid: number
}

/** A Redis Cluster of three masters, each with a replica, on loopback. */
export interface Cluster {
  /** for REDIS_URL */
  url: string
  version: string
  /** the master of a hash tag's slot now, and its replicas, as a live node sees it */
  ownerOf(tag: string): Promise<{ master: Node; replicas: Node[] }>
  /** one command to one node */
  ask(node: Node, ...command: [string, ...(string | number)[]]): Promise<unknown>
  kill(node: Node): void
  /** starts a killed node again; it comes back as a replica of whoever took its place */
  restart(node: Node): Promise<void>
  stop(): Promise<void>
}

const MASTERS = 3
const HASH_SLOTS = 16_384
const START_MS = 60_000

/** `nodeTimeoutMs`: silence after which a node is taken for dead. Slots of a dead master don't stop the others. */
export async function startCluster(nodeTimeoutMs: number): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'fapai-cluster-'))
  const nodes = new Map<number, { node: Node; admin: Redis; untie(): void }>()
  const start = async (port: number) => {
    const dir = join(folder, String(port))
    mkdirSync(dir, { recursive: true })
    const flags: Record<string, string> = {
      port: String(port),
      bind: '127.0.0.1',
      dir,
      save: '',
      'cluster-enabled': 'yes',
      'cluster-node-timeout': String(nodeTimeoutMs),
      'cluster-require-full-coverage': 'no',
      // a node by itself never learns its address from another's greeting
      'cluster-announce-ip': '127.0.0.1',
      'repl-diskless-sync-delay': '0',
      loglevel: 'warning',
    }
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
    const child = spawn('redis-server', args, { stdio: 'ignore' })
    child.unref()
    const admin = new Redis(port, '127.0.0.1', { commandTimeout: 2_000 }).on('error', () => {})
    nodes.get(port)?.admin.disconnect()
    nodes.set(port, { node: { port, pid: child.pid! }, admin, untie: tether(child.pid!) })
    await until(`Redis on ${port}`, () => admin.ping().then(Boolean, () => false), START_MS)
  }
  for (let i = 0; i < 2 * MASTERS; i++) await start(await clusterPort())
  const all = () => [...nodes.values()]
  await joined(all().map(({ node, admin }) => ({ port: node.port, admin })))

  async function ownerOf(tag: string) {
    for (const { admin } of all()) {
      try {
        const slot = Number(await admin.call('CLUSTER', 'KEYSLOT', `{${tag}}`))
        const table = (await admin.call('CLUSTER', 'SLOTS')) as [number, number, ...[string, number, string][]][]
        const [, , ...owners] = table.find(([from, to]) => from <= slot && slot <= to)!
        const [master, ...replicas] = owners.map(([, port]) => nodes.get(port)!.node)
        return { master: master!, replicas }
      } catch {
        // that one is dead; another knows
      }
    }
    throw new Error(`nobody knows who owns ${tag}`)
  }
  const info = await all()[0]!.admin.info('server')
  return {
    url: `redis+cluster://${all()
      .map(({ node }) => `127.0.0.1:${node.port}`)
      .join(',')}`,
    version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown',
    ownerOf,
    ask: ({ port }, name, ...args) => nodes.get(port)!.admin.call(name, ...args),
    kill({ port, pid }) {
      nodes.get(port)!.untie()
      signal(pid, 'SIGKILL')
    },
    restart: ({ port }) => start(port),
    async stop() {
      for (const { node, admin, untie } of all()) {
        admin.disconnect()
        untie()
        signal(node.pid, 'SIGKILL')
      }
      await until('the end of the cluster', () => !all().some(({ node }) => runs(node.pid)), START_MS)
      rmSync(folder, { recursive: true, force: true })
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

/** Introduces the nodes, shares the slots out among the first half, and makes the others their replicas. */
async function joined(nodes: readonly { port: number; admin: Redis }[]): Promise<void> {
  const [first] = nodes
  for (const { port } of nodes.slice(1)) await first!.admin.call('CLUSTER', 'MEET', '127.0.0.1', port)
  const masters = nodes.slice(0, MASTERS)
  for (const [i, { admin }] of masters.entries()) {
    const from = Math.floor((i * HASH_SLOTS) / MASTERS)
    const to = Math.floor(((i + 1) * HASH_SLOTS) / MASTERS)
    await admin.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => from + slot))
  }
  const ids = await Promise.all(masters.map(({ admin }) => admin.call('CLUSTER', 'MYID') as Promise<string>))
  for (const [i, { admin }] of nodes.slice(MASTERS).entries()) {
    const knows = async () => ((await admin.call('CLUSTER', 'NODES')) as string).includes(ids[i]!)
    await until('a replica that knows its master', knows, START_MS)
    await admin.call('CLUSTER', 'REPLICATE', ids[i]!)
  }
  const ready = async ({ admin }: { admin: Redis }) => {
    const [state, info] = await Promise.all([admin.cluster('INFO'), admin.info('replication')])
    return (
      state.includes('cluster_state:ok') && (info.includes('role:master') || info.includes('master_link_status:up'))
    )
  }
  await until('a whole cluster', async () => (await Promise.all(nodes.map(ready))).every(Boolean), START_MS)
}
