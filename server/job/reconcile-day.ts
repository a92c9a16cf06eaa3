import type { Logger } from 'pino'
import type { ChannelName } from '../domain/channel'
import { reconcileDue } from '../flow/reconcile/due'
import type { ReconcileDeps } from '../flow/reconcile/reconcile'
import { reconciledChannels } from '../flow/reconcile/source'
import { every } from './every'

/** A statement that isn't ready, or a channel that isn't there, is asked again this often: six times an hour. */
const PAUSE_MS = 10 * 60_000

/**
 * Reconciles yesterday by itself, each morning from each channel's own hour, and days that were missed before it in turn. A
 * channel that is late keeps no other waiting. Safe beside other processes doing the same; told to stop, it lets go of the day.
 */
export function reconcileJobs(deps: ReconcileDeps, log: Logger, pauseMs = PAUSE_MS) {
  const jobs = reconciledChannels(deps).map((channel) => reconcileDayJob(deps, channel, log, pauseMs))
  return { stop: async () => void (await Promise.all(jobs.map((job) => job.stop()))) }
}

function reconcileDayJob(deps: ReconcileDeps, channel: ChannelName, log: Logger, pauseMs: number) {
  return every(`reconcile-day ${channel}`, pauseMs, log, async (goOn) => {
    const done = await reconcileDue({ ...deps, onProgress: goOn }, channel)
    if (!done) return 'done'
    const { date, result } = done
    if (result.kind === 'refused') {
      const { code, detail } = result
      const patient = code === 'statement-not-ready' || code === 'reconciliation-running'
      log[patient ? 'info' : 'error']({ channel, date, code, detail }, 'reconciliation refused')
      return 'done'
    }
    const { reconciliation, found } = result
    const { lines } = reconciliation.manifest
    log.info({ channel, date, lines, found, proven: reconciliation.result.proven }, 'reconciled')
    return 'more'
  })
}
