import { monitorEventLoopDelay } from 'node:perf_hooks'
import Redis from 'ioredis'
import { Client } from 'pg'
import { Pool } from 'undici'

/**
 * Imported by the server processes under measurement, before anything of theirs: counts what they ask of the outside
 * world, and answers `{kind: 'read-meter'}` over IPC with a {@link Reading}, `{kind: 'read-loop'}` with a {@link LoopReading}.
 */

/** Everything since the process started. */
export interface Reading {
  kind: 'meter'
  /** user and system time of the whole process, its threads included */
  cpuUs: number
  sqlReads: number
  sqlWrites: number
  redisCalls: number
  bankCalls: number
}

/** By how much a timer was late, ms, since the last time it was asked for, and what the process holds in memory. The first one begins the count. */
export interface LoopReading {
  kind: 'loop'
  p50Ms: number
  p99Ms: number
  maxMs: number
  /** of all since the first */
  allP99Ms: number
  allMaxMs: number
  rssBytes: number
  heapBytes: number
}

const counts = { sqlReads: 0, sqlWrites: 0, redisCalls: 0, bankCalls: 0 }

/** Puts a counter in front of a method. */
function tap<T extends object>(prototype: T, method: keyof T & string, note: (first: unknown) => void): void {
  const original = prototype[method] as (...args: unknown[]) => unknown
  Object.defineProperty(prototype, method, {
    configurable: true,
    writable: true,
    value(this: T, ...args: unknown[]) {
      note(args[0])
      return original.apply(this, args)
    },
  })
}

tap(Client.prototype, 'query', (query) => {
  const text = typeof query === 'string' ? query : (query as { text?: string }).text
  if (/^\s*select\b/i.test(text ?? '')) counts.sqlReads++
  else counts.sqlWrites++
})
tap(Redis.prototype, 'sendCommand', () => {
  counts.redisCalls++
})
tap(Pool.prototype, 'request', () => {
  counts.bankCalls++
})

/** So often a timer is set, ms; what the histograms count is that and by how much it was late. */
const RESOLUTION_MS = 5
type Histogram = ReturnType<typeof monitorEventLoopDelay>
let lately: Histogram | undefined
let all: Histogram | undefined

/** Begun when it is first asked for: no other bench pays for two hundred looks a second. */
function readLoop(): LoopReading {
  const begun = lately !== undefined
  lately ??= monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  all ??= monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  const late = (ns: number) => (begun ? Math.max(0, ns / 1e6 - RESOLUTION_MS) : 0)
  const { rss, heapUsed } = process.memoryUsage()
  const reading: LoopReading = {
    kind: 'loop',
    p50Ms: late(lately.percentile(50)),
    p99Ms: late(lately.percentile(99)),
    maxMs: late(lately.max),
    allP99Ms: late(all.percentile(99)),
    allMaxMs: late(all.max),
    rssBytes: rss,
    heapBytes: heapUsed,
  }
  if (!begun) all.enable()
  lately.disable()
  lately.reset()
  lately.enable()
  return reading
}

process.on('message', (message: { kind?: string }) => {
  if (message.kind === 'read-loop') process.send?.(readLoop())
  if (message.kind !== 'read-meter') return
  const { user, system } = process.cpuUsage()
  process.send?.({ kind: 'meter', cpuUs: user + system, ...counts } satisfies Reading)
})
