import { type RawBuilder, sql as raw } from 'kysely'

/** A table isn't waited for longer than this at a stroke: whoever comes after a waiting one waits behind it. */
const LOCK_WAIT_MS = 500
/** Every so many tries it is. */
const LONGER = 4

/**
 * Sets how long a transaction waits for a table at its try 0, 1, 2, …: seldom for longer than `deadlock_timeout` (a second), since only then PostgreSQL
 * looks for whom it is waiting, and has autovacuum let go, which else may be at a large table for hours.
 */
export function setLockWait(tries: number): RawBuilder<unknown> {
  const waitMs =
    tries % LONGER === LONGER - 1
      ? raw`(extract(epoch from current_setting('deadlock_timeout')::interval) * 1000 + ${raw.lit(LOCK_WAIT_MS)})::integer::text`
      : raw.lit(String(LOCK_WAIT_MS))
  return raw`select set_config('lock_timeout', ${waitMs}, true)`
}
