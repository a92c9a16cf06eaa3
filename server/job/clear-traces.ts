import type { Logger } from 'pino'
import { clearTraces, type TraceDeps } from '../flow/payment/clear-traces'
import { every } from './every'

/** Kept for months, and cleared within the hour. */
const PAUSE_MS = 3_600_000

/** Clears from where people came when it has been kept long enough. Safe beside other processes doing the same. */
export function clearTracesJob(deps: TraceDeps, log: Logger) {
  return every('clear-traces', PAUSE_MS, log, () => clearTraces(deps))
}
