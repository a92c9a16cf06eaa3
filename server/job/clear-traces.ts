import type { Logger } from 'pino'
import { clearTraces, type TraceDeps } from '../flow/payment/clear-traces'
import { type ForgetDeps, forgetCards, forgetPayerDays } from '../flow/payment/forget-cards'
import { every } from './every'

/** Kept for days or months, and gone within the hour. */
const PAUSE_MS = 3_600_000

/**
 * Clears from where people came, and forgets which cards they had and what they spent, when it has been kept long enough. Safe beside other processes doing
 * the same.
 */
export function clearTracesJob(deps: TraceDeps & ForgetDeps, log: Logger) {
  return every('clear-traces', PAUSE_MS, log, async () => {
    const done = [await clearTraces(deps), await forgetCards(deps), await forgetPayerDays(deps)]
    return done.includes('more') ? 'more' : 'done'
  })
}
