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

export interface Patience {
  forMs: number
  pauseMs: number
}

export const PATIENCE: Patience = { forMs: PATIENCE_MS, pauseMs: PAUSE_MS }

/** What `ask` gives, asked again and again while it is away; `said` hears each time for how much longer, and why. @throws as `ask` does */
export async function whileAway<T>(
  ask: () => Promise<T>,
  isAway: (error: unknown) => error is Error,
  said: (leftMs: number, error: Error) => void,
  { forMs, pauseMs }: Patience,
): Promise<T> {
  const began = monotonic.now()
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const leftMs = Math.round(began + forMs - monotonic.now())
      if (!isAway(error) || leftMs <= 0) throw error
      said(leftMs, error)
      await sleep(pauseMs)
    }
  }
}

/** Opens the stores, again and again for a minute while the ledger is away, and says each time what it waits for. @throws as `open` does */
export function patiently<T>(
  { databaseUrl }: Pick<Config, 'databaseUrl'>,
  log: Logger,
  open: () => Promise<T>,
  patience: Patience = PATIENCE,
): Promise<T> {
  const said = (leftMs: number, error: Error) =>
    log.warn({ for: placeOf(databaseUrl), leftMs, because: sentenceOf(error) }, 'waiting for the ledger')
  return whileAway(open, isLedgerAway, said, patience)
}

const isLedgerAway = (error: unknown): error is Error =>
  error instanceof LedgerUnavailable && !(error instanceof DatabaseUnfit)

/** Where the ledger is, without who we are there. */
function placeOf(databaseUrl: string | undefined): string {
  if (!databaseUrl || !URL.canParse(databaseUrl)) return 'the embedded ledger'
  const { host, searchParams, pathname } = new URL(databaseUrl)
  return `PostgreSQL at ${searchParams.get('host') ?? host}${pathname}`
}
