import type { Logger } from 'pino'
import { applyDue } from '../flow/change/review'
import type { Changes, Clock } from '../flow/ports'
import { every } from './every'

/** Whoever waits for it was told a time to the minute. */
const PAUSE_MS = 2_000

/** Lets approved changes take effect when their time has come. Safe beside other processes doing the same. */
export function changesJob(deps: { changes: Changes; clock: Clock }, log: Logger) {
  return every('changes', PAUSE_MS, log, async () => ((await applyDue(deps)) > 0 ? 'more' : 'done'))
}
