import type { Logger } from 'pino'
import type { DeckKeys } from '../domain/key-ring'
import type { Decks } from '../flow/ports'
import type { HttpDeps } from '../http/deps'
import { alarms, feedFaults, showClock } from '../http/metrics'
import type { Look } from '../store/ledger-clock'

/** Shows how the clocks agree, and writes down when that changes. */
export function watchClock(log: Logger): (look: Look) => void {
  let trusted = true
  return (look) => {
    showClock(look)
    if (look.trusted === trusted) return
    trusted = look.trusted
    if (trusted) log.info(look, 'the clocks agree again')
    else log.error(look, 'the clocks disagree: what cannot be undone waits')
  }
}

/** Counts and writes down what the live feed couldn't do. */
export function watchFeed(log: Logger): (error: unknown) => void {
  return (error) => {
    feedFaults.inc()
    log.warn({ err: error }, 'live feed')
  }
}

/**
 * A process that lacks an older master key takes payments all the same (I9), but where that is in use its payers get no discount, so this
 * is the first that it says: which keys it lacks, by their names. Without the newest it doesn't start (store/sql/ledger-keys.ts).
 */
export async function sayMissingKeys(
  log: Logger,
  { decks, campaignSecret }: { decks: Decks } & Pick<DeckKeys, 'campaignSecret'>,
): Promise<void> {
  const missing = (await decks.keysInUse()).filter((keyId) => !campaignSecret('any', keyId))
  if (missing.length > 0)
    log.error({ missing }, 'decks are sealed under master keys that are neither MASTER_KEY nor in MASTER_KEYS_PREVIOUS')
}

/** Every quote of such a time tells of it; once a minute is news enough of one campaign or merchant. */
export function watchHoarding(log: Logger, clock: { now(): number }): HttpDeps['onHoarding'] {
  const told = new Map<string, number>()
  return (seen) => {
    const what = `${seen.campaignId}|${seen.merchantCode}`
    const now = clock.now()
    if (now - (told.get(what) ?? Number.NEGATIVE_INFINITY) < 60_000) return
    if (told.size > 10_000) told.clear()
    told.set(what, now)
    alarms.inc({ code: 'cards-hoarded' })
    log.error({ code: 'cards-hoarded', ...seen }, 'alarm')
  }
}
