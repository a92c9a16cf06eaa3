import type { Logger } from 'pino'
import type { RefundSendDeps } from '../flow/refund/refund'
import { sweepRefunds } from '../flow/refund/sweep'
import { every } from './every'

/** Half the shortest backoff, as for orders. */
const PAUSE_MS = 500

/** Asks about unknown refunds until they are definite. Safe beside other processes doing the same. */
export function sweepRefundsJob(deps: RefundSendDeps, log: Logger) {
  return every('sweep-refunds', PAUSE_MS, log, async () => ((await sweepRefunds(deps)) > 0 ? 'more' : 'done'))
}
