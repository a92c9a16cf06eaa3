import type { Logger } from 'pino'
import { scoreDue } from '../flow/suspicion/due'
import type { ScoreDeps } from '../flow/suspicion/score'
import { every } from './every'

/** Nobody waits for it: it follows the morning's reconciliation within minutes. */
const PAUSE_MS = 5 * 60_000

/**
 * Looks for farming in each date once it is reconciled, and in those that were missed. Safe beside other processes doing the same;
 * told to stop, it lets go of the date.
 */
export function scoreDayJob(deps: ScoreDeps, log: Logger, pauseMs = PAUSE_MS) {
  return every('score-day', pauseMs, log, async (goOn) => {
    const done = await scoreDue({ ...deps, goOn }, (progress) => log.info(progress, 'scoring'))
    if (done?.result.kind !== 'scored') return 'done'
    const { merchants, found } = done.result
    log.info({ date: done.date, merchants, found }, 'scored')
    return 'more'
  })
}
