import type { Logger } from 'pino'
import { reconcileDue } from '../flow/reconcile/due'
import type { ReconcileDeps } from '../flow/reconcile/reconcile'
import { every } from './every'

/** A statement that isn't ready, or a bank that isn't there, is asked again this often: six times an hour. */
const PAUSE_MS = 10 * 60_000

/**
 * Reconciles yesterday by itself, each morning from `fromMs` after midnight, and days that were missed before it in turn.
 * Safe beside other processes doing the same.
 */
export function reconcileDayJob(deps: ReconcileDeps, fromMs: number, log: Logger, pauseMs = PAUSE_MS) {
  return every('reconcile-day', pauseMs, log, async () => {
    const done = await reconcileDue(deps, fromMs)
    if (!done) return 'done'
    const { date, result } = done
    if (result.kind === 'refused') {
      const { code, detail } = result
      const patient = code === 'statement-not-ready' || code === 'reconciliation-running'
      log[patient ? 'info' : 'error']({ date, code, detail }, 'reconciliation refused')
      return 'done'
    }
    const { reconciliation, found } = result
    log.info({ date, lines: reconciliation.manifest.lines, found, proven: reconciliation.result.proven }, 'reconciled')
    return 'more'
  })
}
