import { Counter, Gauge, Histogram } from 'prom-client'
import { NO_DISCOUNT_REASONS, type NoDiscountReason } from '../domain/campaign'
import { CHANNELS } from '../domain/channel'
import type { Order } from '../domain/order'
import { registry } from './registry'

/**
 * What is measured where work is done: stores, channels, jobs, quotes and orders. Each counter is there at nought before its first event, since
 * a series that begins at one has not grown for whoever asks Prometheus. Labels are words of ours, never a merchant's, payer's or address's.
 */

const registers = [registry]

/** From a round trip within one machine to a deadline. */
const FAST_SECONDS = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 5]
/** From a bank in the same building to its deadline. */
const CALL_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Lines that the log doesn't have: told again within a minute, or more requests than are written down (access-log.ts). */
export const linesLeftOut = new Counter({
  name: 'fapai_log_lines_left_out_total',
  help: 'Log lines not written: repeated: counted in one line a minute instead; access: more requests in a second than are logged',
  labelNames: ['what'],
  registers,
})
for (const what of ['repeated', 'access']) linesLeftOut.inc({ what }, 0)

const built = new Gauge({
  name: 'fapai_build_info',
  help: 'Always 1; what runs here',
  labelNames: ['version', 'node'],
  registers,
})
export function showBuild(version: string): void {
  built.set({ version, node: process.version }, 1)
}

/* Redis */

const redisSeconds = new Histogram({
  name: 'fapai_redis_seconds',
  help: 'Calls of Redis by verb, failed ones too',
  labelNames: ['verb'],
  buckets: FAST_SECONDS,
  registers,
})
const redisFaults = new Counter({
  name: 'fapai_redis_faults_total',
  help: 'Calls of Redis that failed or took longer than REDIS_TIMEOUT_MS, by verb',
  labelNames: ['verb'],
  registers,
})
export function expectRedisVerb(verb: string): void {
  redisSeconds.zero({ verb })
  redisFaults.inc({ verb }, 0)
}
export function countRedis(verb: string, seconds: number, failed: boolean): void {
  redisSeconds.observe({ verb }, seconds)
  if (failed) redisFaults.inc({ verb })
}

/* PostgreSQL */

export const SQL_KINDS = ['statement', 'transaction'] as const
export type SqlKind = (typeof SQL_KINDS)[number]
/** Whose connections: payments', the operators' desk's, and those for the brake and sessions. */
export const SQL_POOLS = ['payments', 'desk', 'urgent'] as const
export type SqlPool = (typeof SQL_POOLS)[number]

const sqlSeconds = new Histogram({
  name: 'fapai_sql_seconds',
  help: 'Statements and transactions by whose connections they take, with the wait for one',
  labelNames: ['pool', 'kind'],
  buckets: FAST_SECONDS,
  registers,
})
const sqlFaults = new Counter({
  name: 'fapai_sql_faults_total',
  help: 'Statements and transactions that failed: away: the ledger could not be asked; busy: no connection or too long; other: refused or a bug',
  labelNames: ['pool', 'why'],
  registers,
})
for (const pool of SQL_POOLS) {
  for (const kind of SQL_KINDS) sqlSeconds.zero({ pool, kind })
  for (const why of ['away', 'busy', 'other']) sqlFaults.inc({ pool, why }, 0)
}
export function countSql(pool: SqlPool, kind: SqlKind, seconds: number, error: unknown): void {
  sqlSeconds.observe({ pool, kind }, seconds)
  if (error === undefined) return
  const { name } = error as { name?: unknown }
  const why = name === 'LedgerUnavailable' ? 'away' : name === 'LedgerBusy' ? 'busy' : 'other'
  sqlFaults.inc({ pool, why })
}

export interface PoolState {
  pool: SqlPool
  max: number
  total: number
  idle: number
  waiting: number
}
let readPools: () => readonly PoolState[] = () => []
export function watchPools(read: typeof readPools): void {
  readPools = read
}
new Gauge({
  name: 'fapai_sql_connections',
  help: 'Connections of PostgreSQL: busy, idle, and max, which there may be; waiting: who waits for one',
  labelNames: ['pool', 'state'],
  registers,
  collect() {
    for (const { pool, max, total, idle, waiting } of readPools()) {
      this.set({ pool, state: 'busy' }, total - idle)
      this.set({ pool, state: 'idle' }, idle)
      this.set({ pool, state: 'waiting' }, waiting)
      this.set({ pool, state: 'max' }, max)
    }
  },
})

/* channels */

/** What came of a call: a definite word, that it isn't known yet, an answer to what has none of these, or nothing to believe. */
export const OUTCOMES = ['succeeded', 'declined', 'pending', 'unknown', 'done', 'failed'] as const
export type CallOutcome = (typeof OUTCOMES)[number]

const calls = new Counter({
  name: 'fapai_channel_calls_total',
  help: 'Calls of channels by verb and outcome; unknown: no definite, verified word, so it is asked again',
  labelNames: ['channel', 'verb', 'outcome'],
  registers,
})
const callSeconds = new Histogram({
  name: 'fapai_channel_call_seconds',
  help: 'Calls of channels by verb',
  labelNames: ['channel', 'verb'],
  buckets: CALL_SECONDS,
  registers,
})
export function expectCalls(channel: string, verb: string, outcomes: readonly CallOutcome[]): void {
  callSeconds.zero({ channel, verb })
  for (const outcome of outcomes) calls.inc({ channel, verb, outcome }, 0)
}
export function countCall(channel: string, verb: string, outcome: CallOutcome, seconds: number): void {
  calls.inc({ channel, verb, outcome })
  callSeconds.observe({ channel, verb }, seconds)
}

let readExpiry: () => number | undefined = () => undefined
/** `read`: until when our client certificate for the bank holds, ms since the epoch; undefined: there is none. */
export function watchBankCertificate(read: typeof readExpiry): void {
  readExpiry = read
}
new Gauge({
  name: 'fapai_bank_client_certificate_expiry_seconds',
  help: 'When our client certificate for the bank expires, seconds since the epoch; NaN: there is none',
  registers,
  collect() {
    this.set((readExpiry() ?? Number.NaN) / 1_000)
  },
})

/* quotes and orders */

const quotes = new Counter({
  name: 'fapai_quotes_total',
  help: 'Quotes by what they carry: card, or why no discount',
  labelNames: ['what'],
  registers,
})
for (const what of ['card', ...NO_DISCOUNT_REASONS]) quotes.inc({ what }, 0)
export function countQuote(reason: NoDiscountReason | null): void {
  quotes.inc({ what: reason ?? 'card' })
}

const opened = new Counter({
  name: 'fapai_orders_opened_total',
  help: 'Orders opened, by channel and whether they carry a card',
  labelNames: ['channel', 'card'],
  registers,
})
const ended = new Counter({
  name: 'fapai_orders_ended_total',
  help: 'Orders ended, by channel and how: paid, or closed and what closed them; another process may end what this one opened',
  labelNames: ['channel', 'state', 'reason'],
  registers,
})
for (const channel of CHANNELS) {
  for (const card of ['yes', 'no']) opened.inc({ channel, card }, 0)
  ended.inc({ channel, state: 'paid', reason: 'paid' }, 0)
  for (const reason of ['order-closed', 'channel-unavailable']) ended.inc({ channel, state: 'closed', reason }, 0)
}
export function countOpened({ channel, card }: Pick<Order, 'channel' | 'card'>): void {
  opened.inc({ channel, card: card ? 'yes' : 'no' })
}
/** `codeOf`: bounds the channel's own words (http/metrics.ts). */
export function countEnded({ channel, state, closeReason }: Order, codeOf: (channel: string, code: string) => string) {
  const reason = closeReason === null ? 'paid' : codeOf(channel, closeReason)
  ended.inc({ channel, state, reason })
}
