import type { Logger } from 'pino'
import { type SumDeps, sumDays } from '../flow/report/sum-days'
import { every } from './every'

/** A report counts by itself what isn't summed yet. */
const PAUSE_MS = 60_000

/** Sums campaigns' days that are over. Safe beside other processes doing the same. */
export function sumDaysJob(deps: SumDeps, log: Logger) {
  return every('sum-days', PAUSE_MS, log, () => sumDays(deps))
}
