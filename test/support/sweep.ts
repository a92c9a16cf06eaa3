import { CHANNELS } from '../../server/domain/channel'
import { type SweepDeps, sweep, sweepReturns } from '../../server/flow/payment/sweep'
import type { RefundSendDeps } from '../../server/flow/refund/refund'
import { sweepRefunds } from '../../server/flow/refund/sweep'

/** One turn of all the sweepers of orders, and of slots, side by side as they run; of refunds. */
export async function sweepAll(deps: SweepDeps): Promise<number> {
  const [orders, returns] = await Promise.allSettled([sweep(deps, CHANNELS), sweepReturns(deps)])
  for (const one of [orders, returns]) if (one.status === 'rejected') throw one.reason
  return [orders, returns].reduce((sum, one) => sum + (one as PromiseFulfilledResult<number>).value, 0)
}
export const sweepAllRefunds = (deps: RefundSendDeps) => sweepRefunds(deps, CHANNELS)
