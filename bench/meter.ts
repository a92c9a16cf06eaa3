import Redis from 'ioredis'
import { Client } from 'pg'
import { Pool } from 'undici'

/**
 * Imported by the server processes under measurement, before anything of theirs: counts what they ask of the outside
 * world, and answers `{kind: 'read-meter'}` over IPC with a {@link Reading}.
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
process.on('message', (message: { kind?: string }) => {
  if (message.kind !== 'read-meter') return
  const { user, system } = process.cpuUsage()
  process.send?.({ kind: 'meter', cpuUs: user + system, ...counts } satisfies Reading)
})
