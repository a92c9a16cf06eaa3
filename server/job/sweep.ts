import type { Logger } from 'pino'
import { CHANNELS, type ChannelName } from '../domain/channel'
import { type SweepDeps, sweep, sweepReturns } from '../flow/payment/sweep'
import type { Channels } from '../flow/ports'
import type { RefundSendDeps } from '../flow/refund/refund'
import { sweepRefunds } from '../flow/refund/sweep'
import { every } from './every'

/** Half the shortest backoff, so that a due query waits half a second at the most. */
const PAUSE_MS = 500

/**
 * Queries unknown orders and refunds until they are definite, and gives slots back. Each channel has sweepers of its own: one that
 * hangs delays nobody else's. Safe beside other processes doing the same.
 */
export function sweepJobs(deps: SweepDeps & RefundSendDeps, log: Logger) {
  const job = (name: string, run: () => Promise<number>) =>
    every(name, PAUSE_MS, log, async () => ((await run()) > 0 ? 'more' : 'done'))
  const jobs = [
    job('sweep-returns', () => sweepReturns(deps)),
    ...turnsOf(deps.channels).flatMap((names) => [
      job(`sweep ${names}`, () => sweep(deps, names)),
      job(`sweep-refunds ${names}`, () => sweepRefunds(deps, names)),
    ]),
  ]
  return { stop: async () => void (await Promise.all(jobs.map((one) => one.stop()))) }
}

/** Those that aren't open share one: what they have left is an alarm, and waits for nobody. */
function turnsOf(channels: Channels): ChannelName[][] {
  const shut = CHANNELS.filter((name) => !channels.has(name))
  return [...[...channels.keys()].map((name) => [name]), ...(shut.length > 0 ? [shut] : [])]
}
