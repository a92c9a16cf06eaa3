import type { Logger } from 'pino'
import { feedFaults, showClock } from '../http/metrics'
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
