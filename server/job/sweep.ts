import type { Logger } from 'pino'
import { type SweepDeps, sweep } from '../flow/payment/sweep'
import { every } from './every'

/** Half the shortest backoff, so that a due query waits half a second at the most. */
const PAUSE_MS = 500

/** Queries unknown orders until they are definite. Safe beside other processes doing the same. */
export function sweepJob(deps: SweepDeps, log: Logger) {
  return every('sweep', PAUSE_MS, log, async () => ((await sweep(deps)) > 0 ? 'more' : 'done'))
}
