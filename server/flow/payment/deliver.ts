import type { Clock, Deliveries, DeliveryDesk, DeliveryReply, DueDelivery } from '../ports'
import type { FinalizeDeps } from './finalize'

export interface DeliverDeps extends Pick<FinalizeDeps, 'onAlarm'> {
  deliveries: Deliveries
  desk: DeliveryDesk
  clock: Clock
  /** how the references of payers who paid in the mini-program begin */
  payerRefPrefix: string
}

const HOUR_MS = 3_600_000
/** An order of before is found by a process that starts; WeChat wants it within 48 hours. */
const LOOK_BACK_MS = 72 * HOUR_MS
/** So long after its end an order may be seen for the first time: its transaction, and other processes' clocks. */
const OVERLAP_MS = 5 * 60_000
/** Twelve hours are left then, for people. */
const LATE_MS = 36 * HOUR_MS
/** WeChat has closed the order for good by then. */
const GIVEN_UP_MS = 14 * 24 * HOUR_MS
const LOOKED_AT_ONCE = 5_000
const SENT_AT_ONCE = 16

/**
 * Tells WeChat of orders that were paid in its mini-program that they were handed over; each until WeChat has it. Called again and again;
 * several processes may. What comes close to WeChat's limit of 48 hours is an alarm, and what it refuses for good.
 */
export function deliverer(deps: DeliverDeps): () => Promise<'more' | 'done'> {
  const { deliveries, clock, payerRefPrefix } = deps
  let lookFrom: number | undefined
  return async () => {
    const now = clock.now()
    // A clock that was ahead is no reason to pass over what is paid now.
    const paidFrom = Math.min(lookFrom ?? now - LOOK_BACK_MS, now - OVERLAP_MS)
    const { upTo } = await deliveries.plan({ paidFrom, payerRefPrefix, look: LOOKED_AT_ONCE })
    lookFrom = upTo ?? now - OVERLAP_MS
    const due = await deliveries.claim(now, SENT_AT_ONCE)
    await Promise.all(due.map((one) => deliver(deps, one, now)))
    return upTo !== undefined || due.length === SENT_AT_ONCE ? 'more' : 'done'
  }
}

async function deliver({ deliveries, desk, onAlarm }: DeliverDeps, one: DueDelivery, now: number): Promise<void> {
  const { orderNo, paidAt } = one
  const reply = await desk.upload(one, now)
  const state = stateOf(reply, now - paidAt)
  const isLate = state === 'due' && now - paidAt >= LATE_MS
  if (state === 'refused') onAlarm({ code: 'delivery-refused', orderNo, error: reply.code })
  if (isLate && !one.lateTold) onAlarm({ code: 'delivery-late', orderNo, error: reply.code })
  await deliveries.note(orderNo, { state, code: reply.code, lateTold: isLate || one.lateTold, at: now })
}

function stateOf({ kind }: DeliveryReply, ageMs: number): 'due' | 'done' | 'refused' {
  if (kind === 'done' || kind === 'needless') return 'done'
  return kind === 'refused' || ageMs >= GIVEN_UP_MS ? 'refused' : 'due'
}
