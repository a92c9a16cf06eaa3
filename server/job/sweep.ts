import type { Logger } from 'pino'
import { CHANNELS, type ChannelName } from '../domain/channel'
import { type SweepDeps, sweep, sweepReturns } from '../flow/payment/sweep'
import type { Channels } from '../flow/ports'
import type { RefundSendDeps } from '../flow/refund/refund'
import { sweepRefunds } from '../flow/refund/sweep'
import { every } from './every'

/** Half the shortest backoff, so that a due query waits half a second at the most. */
const PAUSE_MS = 500
/** A card that its own order didn't give back is a fault's, and one of twenty. */
const RETURNS_PAUSE_MS = 2_000
/** Of a channel that isn't open nothing can be asked: an alarm tells so, and people open it again. */
const SHUT_PAUSE_MS = 5_000

/**
 * Queries unknown orders and refunds until they are definite, and gives slots back. Each channel has sweepers of its own: one that
 * hangs delays nobody else's. Safe beside other processes doing the same.
 */
export function sweepJobs(deps: SweepDeps & RefundSendDeps, log: Logger) {
  const job = (name: string, pauseMs: number, run: () => Promise<number>) =>
    every(name, pauseMs, log, async () => ((await run()) > 0 ? 'more' : 'done'))
  const jobs = [
    job('sweep-returns', RETURNS_PAUSE_MS, () => sweepReturns(deps)),
    ...turnsOf(deps.channels).flatMap(({ names, pauseMs }) => [
      job(`sweep ${names}`, pauseMs, () => sweep(deps, names)),
      job(`sweep-refunds ${names}`, pauseMs, () => sweepRefunds(deps, names)),
    ]),
  ]
  return { stop: async () => void (await Promise.all(jobs.map((one) => one.stop()))) }
}

/** Those that aren't open share one: what they have left is an alarm, and waits for nobody. */
function turnsOf(channels: Channels): { names: ChannelName[]; pauseMs: number }[] {
  const open = [...channels.keys()].map((name) => ({ names: [name], pauseMs: PAUSE_MS }))
  const shut = CHANNELS.filter((name) => !channels.has(name))
  return shut.length > 0 ? [...open, { names: shut, pauseMs: SHUT_PAUSE_MS }] : open
}
