import { REFUSES_US } from '../domain/channel'
import type { Outcome } from '../domain/order'
import { type Admission, type Channel, type Clock, NOT_SENT } from '../flow/ports'

export interface BreakerOptions {
  clock: Clock
  /** it opened or closed, for the metrics and the log */
  onChange?(open: boolean): void
}

/** So many pays in a row that came to nothing: the bank is away. */
const IN_A_ROW = 5
/** Half of so many: it is there and no use; every other payer would wait for nothing. */
const WINDOW = 20
/** How long new pays are stopped before one may try. A front end's failover takes seconds. */
export const OPEN_MS = 5_000

/** Outcomes that tell of a bank in trouble. A verified refusal, however odd, comes from a bank that works, unless it is of us. */
const BROKEN = new Set([
  NOT_SENT,
  'timeout',
  'connection-lost',
  'reply-too-large',
  'server-error',
  'system-busy',
  'system-closed',
  'bad-signature',
  'malformed-reply',
  'other-order',
  ...REFUSES_US,
])

/**
 * The channel with a breaker on its pays: when too many come to nothing, {@link Channel.admit} says so before an order is
 * opened, and once every {@link OPEN_MS} admits one payer to try. That pay's answer closes the breaker; no answer of an
 * earlier one does. Everything but `pay` is left as it is: what is unknown must be asked about, closed and refunded above all
 * when the bank is in trouble. Each process has its own.
 */
export function withBreaker<C extends Channel>(channel: C, { clock, onChange }: BreakerOptions): C {
  let failures: boolean[] = []
  /** when the next one may try; null while it is closed */
  let retryAt: number | null = null

  function change(at: number | null) {
    retryAt = at
    failures = []
    onChange?.(at !== null)
  }

  function count(failed: boolean) {
    failures = [...failures, failed].slice(-WINDOW)
    const last = failures.slice(-IN_A_ROW)
    const away = last.length === IN_A_ROW && last.every(Boolean)
    if (away || failures.filter(Boolean).length >= WINDOW / 2) change(clock.now() + OPEN_MS)
  }

  return {
    ...channel,
    admit(): Admission {
      if (retryAt === null) return { kind: 'admitted' }
      const now = clock.now()
      if (now < retryAt) return { kind: 'paused', retryAfterMs: retryAt - now }
      // The caller tries and the others wait for what comes of it. Should it not pay after all, the next one does.
      retryAt = now + OPEN_MS
      return { kind: 'admitted' }
    },
    async pay(order) {
      const trying = retryAt !== null
      const reply = await channel.pay(order)
      const failed = isBroken(reply.outcome)
      if (retryAt === null) count(failed)
      else if (trying && !failed) change(null)
      return reply
    },
  }
}

function isBroken(outcome: Outcome): boolean {
  return outcome.kind === 'unknown' && BROKEN.has(outcome.code)
}
