import type { Logger } from 'pino'
import { clearTraces, type TraceDeps } from '../flow/payment/clear-traces'
import { type ForgetDeps, forgetCards, forgetPayerDays } from '../flow/payment/forget-cards'
import { isTrusted } from '../flow/ports'
import { every } from './every'

/** Kept for days or months, and gone within the hour. */
const PAUSE_MS = 3_600_000

export interface FilesDeps {
  /** the files that came with statements, of this process alone */
  statementFiles: { prune(nowMs: number): Promise<number> }
}

/**
 * Clears from where people came, and forgets which cards they had and what they spent, and what files its statements came in, when it has been kept
 * long enough. Safe beside other processes doing the same.
 */
export function clearTracesJob(deps: TraceDeps & ForgetDeps & FilesDeps, log: Logger) {
  return every('clear-traces', PAUSE_MS, log, async () => {
    const done = [await clearTraces(deps), await forgetCards(deps), await forgetPayerDays(deps)]
    // Not on a doubtful clock either: they can't be brought back.
    const files = isTrusted(deps.clock) ? await deps.statementFiles.prune(deps.clock.now()) : 0
    if (files > 0) log.info({ files }, 'files of statements removed')
    return done.includes('more') ? 'more' : 'done'
  })
}
