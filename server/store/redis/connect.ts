import { Cluster, Redis, type RedisOptions } from 'ioredis'

/** Where Redis is, as `REDIS_URL` says it. */
export type RedisPlace =
  | { kind: 'single'; options: RedisOptions }
  | { kind: 'sentinel'; options: RedisOptions }
  | { kind: 'cluster'; nodes: { host: string; port: number }[]; options: RedisOptions }

/** `REDIS_URL` is none. */
export class RedisUrlFault extends Error {
  override name = 'RedisUrlFault'
}

/** A discount that takes longer isn't worth waiting for: the payer stands at the counter (I9). */
const COMMAND_TIMEOUT_MS = 300
/** A TCP or TLS handshake within one region takes tens of ms. */
const CONNECT_TIMEOUT_MS = 2_000
/** The discount is back at most this long after Redis is. */
const MAX_RETRY_DELAY_MS = 1_000

const SHAPE =
  /^redis(?<tls>s)?(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<auth>[^@/]*)@)?(?<hosts>[^@/?#]+)(?:\/(?<path>.*))?$/

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `redis+sentinel://[…@]host:port,host:port/master-name[/db]`,
 * `redis+cluster://[…@]host:port,host:port`, each also with `rediss` for TLS, or the path of a unix socket.
 * Throws an Error that names the forms and never quotes the text, which may hold a password.
 */
export function parseRedisUrl(text: string): RedisPlace {
  if (text.startsWith('/')) return { kind: 'single', options: { path: text } }
  const match = SHAPE.exec(text)?.groups
  if (!match) throw malformed('it has none of the known forms')
  const options: RedisOptions = { ...credentials(match.auth), ...(match.tls ? { tls: {} } : {}) }
  const path = match.path ? match.path.split('/') : []
  const hosts = match.hosts!.split(',')
  switch (match.kind) {
    case 'cluster':
      if (path.length > 0) throw malformed('a cluster has no database number')
      return { kind: 'cluster', nodes: hosts.map((host) => address(host, 6379)), options }
    case 'sentinel': {
      const [name, db, ...rest] = path
      if (!name || rest.length > 0) throw malformed('a sentinel URL ends in the name of its master')
      const sentinels = hosts.map((host) => address(host, 26379))
      const tls = match.tls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {}
      return { kind: 'sentinel', options: { ...options, ...tls, ...database(db), sentinels, name } }
    }
    default:
      if (hosts.length > 1 || path.length > 1) throw malformed('one host needs one address')
      return { kind: 'single', options: { ...options, ...address(hosts[0]!, 6379), ...database(path[0]) } }
  }
}

/**
 * Connects in the background and for ever: a lost connection is tried again after 50, 100, … 1,000 ms. Until then, and
 * whenever a reply takes longer than `commandTimeoutMs`, commands fail at once instead of queueing. Errors of the
 * connection go to `onError` and never end the process. `sentinelPassword`: what the sentinels ask for; the URL's is the master's. Close it with `disconnect()`.
 */
export function connectRedis(
  url: string,
  onError: (error: Error) => void = () => {},
  commandTimeoutMs = COMMAND_TIMEOUT_MS,
  sentinelPassword?: string,
): Redis | Cluster {
  const place = parseRedisUrl(url)
  if (place.kind === 'sentinel' && sentinelPassword !== undefined) place.options.sentinelPassword = sentinelPassword
  place.options.commandTimeout = commandTimeoutMs
  const redis = place.kind === 'cluster' ? connectCluster(place) : new Redis({ ...HASTY, ...place.options })
  redis.on('error', onError)
  return redis
}

/** Waits for the connection; false when it isn't there within so many ms (it is still being tried). */
export async function redisReady(redis: Redis | Cluster, withinMs: number): Promise<boolean> {
  if (redis.status === 'ready') return true
  return new Promise((resolve) => {
    const settle = (ready: boolean) => {
      clearTimeout(timer)
      redis.off('ready', onReady)
      resolve(ready)
    }
    const onReady = () => settle(true)
    const timer = setTimeout(() => settle(false), withinMs)
    redis.once('ready', onReady)
  })
}

const retryDelayMs = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt - 1, 10), MAX_RETRY_DELAY_MS)

const HASTY: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  // ioredis keeps this timer even for a connection already gone, and so the process
  disconnectTimeout: 200,
  retryStrategy: retryDelayMs,
  sentinelRetryStrategy: retryDelayMs,
  // a master that was demoted refuses writes on connections it still has: look for the new one
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
}

function connectCluster(place: Extract<RedisPlace, { kind: 'cluster' }>): Cluster {
  const { enableOfflineQueue, retryStrategy: _, sentinelRetryStrategy: __, ...hasty } = HASTY
  return new Cluster(place.nodes, {
    redisOptions: { ...hasty, ...place.options },
    enableOfflineQueue,
    clusterRetryStrategy: retryDelayMs,
    // one move and one detour; a failover takes seconds, longer than a payer should wait
    maxRedirections: 2,
    // certificates name hosts, so names must reach TLS unresolved
    ...(place.options.tls ? { dnsLookup: (host, done) => done(null, host) } : {}),
  })
}

function credentials(auth: string | undefined): RedisOptions {
  if (!auth) return {}
  const colon = auth.indexOf(':')
  if (colon < 0) return { password: decoded(auth) }
  const username = decoded(auth.slice(0, colon))
  return { ...(username ? { username } : {}), password: decoded(auth.slice(colon + 1)) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw malformed('its user or password is not percent-encoded')
  }
}

function address(text: string, defaultPort: number): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text)
  const port = Number(match?.[3] ?? defaultPort)
  if (!match || port < 1 || port > 65_535) throw malformed('an address is host:port')
  return { host: (match[1] ?? match[2])!, port }
}

function database(text: string | undefined): RedisOptions {
  if (!text) return {}
  if (!/^\d{1,4}$/.test(text)) throw malformed('its database is not a number')
  return { db: Number(text) }
}

function malformed(fault: string): RedisUrlFault {
  return new RedisUrlFault(
    `REDIS_URL must be redis://host:port, rediss://host:port, redis+sentinel://host:port,…/master, redis+cluster://host:port,… or the path of a unix socket: ${fault}`,
  )
}
