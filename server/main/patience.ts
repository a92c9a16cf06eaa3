import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '../config'
import { LedgerUnavailable } from '../flow/ports'
import { monotonic } from '../store/ledger-clock'
import { DatabaseUnfit } from '../store/sql/session'
import { sentenceOf } from './sentence'

/** Started with everything else, a database is there within seconds; a minute later whoever starts us should hear of it. */
const PATIENCE_MS = 60_000
const PAUSE_MS = 1_000

/** Opens the stores, again and again for a minute while the ledger is away, and says each time what it waits for. @throws as `open` does */
export async function patiently<T>(
  { databaseUrl }: Pick<Config, 'databaseUrl'>,
  log: Logger,
  open: () => Promise<T>,
  { forMs, pauseMs }: { forMs: number; pauseMs: number } = { forMs: PATIENCE_MS, pauseMs: PAUSE_MS },
): Promise<T> {
  const began = monotonic.now()
  for (;;) {
    try {
      return await open()
    } catch (error) {
      const leftMs = Math.round(began + forMs - monotonic.now())
      const isAway = error instanceof LedgerUnavailable && !(error instanceof DatabaseUnfit)
      if (!isAway || leftMs <= 0) throw error
      log.warn({ for: placeOf(databaseUrl), leftMs, because: sentenceOf(error) }, 'waiting for the ledger')
      await sleep(pauseMs)
    }
  }
}

/** Where the ledger is, without who we are there. */
function placeOf(databaseUrl: string | undefined): string {
  if (!databaseUrl || !URL.canParse(databaseUrl)) return 'the embedded ledger'
  const { host, searchParams, pathname } = new URL(databaseUrl)
  return `PostgreSQL at ${searchParams.get('host') ?? host}${pathname}`
}
