import type { Logger } from 'pino'
import { type MessageDeps, tellOfYesterday } from '../flow/merchant/messages'
import { type DeliverDeps, deliverer } from '../flow/payment/deliver'
import { every } from './every'

/** WeChat has 48 hours for it; nobody waits. */
const DELIVER_PAUSE_MS = 2_000
/** Six times an hour: what WeChat didn't take is tried again before noon. */
const MESSAGES_PAUSE_MS = 10 * 60_000

type Desk = Pick<DeliverDeps, 'desk' | 'payerRefPrefix'>
type Deps = Omit<DeliverDeps, keyof Desk> & Omit<MessageDeps, 'desk'>

/** What the mini-program brings with it: WeChat is told of what was paid in it, and merchants' users of yesterday. Null: not here. */
export function weappJobs(
  deps: Deps,
  desks: { deliveries: Desk | null; messages: MessageDeps['desk'] | null },
  log: Logger,
) {
  const { deliveries, messages: desk } = desks
  const jobs = [
    ...(deliveries ? [every('deliver', DELIVER_PAUSE_MS, log, deliverer({ ...deps, ...deliveries }))] : []),
    ...(desk ? [every('messages', MESSAGES_PAUSE_MS, log, () => tellOfYesterday({ ...deps, desk }))] : []),
  ]
  return { stop: async () => void (await Promise.all(jobs.map((job) => job.stop()))) }
}
