import { isLoopback } from '../domain/address'

/** What the configuration asks of addresses. */

/** A host that the world knows by name: no IP address, none of this machine or network. */
export function isWorldsName(hostname: string): boolean {
  return (
    /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+$/.test(hostname) && !/\.(localhost|local|internal)$/.test(hostname)
  )
}

/** The driver would report a malformed one with its password in it; of several hosts it takes none. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text) && !namesHosts(text)
}

/** What is wrong with one that is none, without a word of it. */
export const postgresUrlFault = (text: unknown): string =>
  namesHosts(String(text))
    ? 'must name one host, an address that moves to whichever PostgreSQL is the primary (docs/OPERATIONS.md#a-standby-takes-over)'
    : 'must be postgres://user:password@host:port/database'

/** Several hosts, as PostgreSQL's own library takes them. */
function namesHosts(text: string): boolean {
  const [, hosts = '', query = ''] = /^\w+:\/\/(?:[^/?#]*@)?([^/?#]*)[^?#]*(\?[^#]*)?/.exec(text) ?? []
  return hosts.includes(',') || /[?&]host=[^&]*(,|%2C)/i.test(query)
}

/** Whether what goes to this PostgreSQL can be read on the way, or its server be another: only `verify-full` rules out both. */
export function isOpenPostgres(text: string): boolean {
  const { hostname, searchParams } = new URL(text)
  const host = searchParams.get('host') ?? decodeURIComponent(hostname)
  const here = host === '' || host.startsWith('/') || isLoopback(host)
  return !here && (searchParams.get('sslmode') !== 'verify-full' || searchParams.has('uselibpqcompat'))
}

/** The same of Redis, by the forms of `REDIS_URL`; a socket is this machine's. */
export function isOpenRedis(text: string): boolean {
  const [, hosts] = /^redis(?:\+\w+)?:\/\/(?:[^@/]*@)?([^@/?#]+)/.exec(text) ?? []
  return hosts?.split(',').some((one) => !isLoopback(one.replace(/:\d+$/, ''))) ?? false
}
