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
/** So long after its end an order may be seen for the first time: its transaction, and other processes' clocks. Once in as long what ended since is gone over again. */
const SETTLED_MS = 5 * 60_000
/** Most are seen within so long, and so at the next look. */
const SOON_MS = 10_000
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
  let look: Look | undefined
  return async () => {
    const now = clock.now()
    look = nextLook(look, now)
    const { upTo } = await deliveries.plan({ paidFrom: look.from, payerRefPrefix, look: LOOKED_AT_ONCE })
    look = upTo === undefined ? { ...ended(look, now), from: now - SOON_MS } : { ...look, from: upTo }
    const due = await deliveries.claim(now, SENT_AT_ONCE)
    await Promise.all(due.map((one) => deliver(deps, one, now)))
    return upTo !== undefined || due.length === SENT_AT_ONCE ? 'more' : 'done'
  }
}

/** Where what was paid is looked through, ms. */
interface Look {
  from: number
  /** nothing comes any more that ended before */
  settledTo: number
  /** it began there, and is to be gone on with to its end */
  again: boolean
}

function nextLook(look: Look | undefined, now: number): Look {
  // A clock that was ahead, or never was: what was paid meanwhile isn't passed over.
  if (!look || look.from - now > SETTLED_MS) {
    const from = now - LOOK_BACK_MS
    return { from, settledTo: from, again: true }
  }
  const isTime = !look.again && now - look.settledTo >= 2 * SETTLED_MS
  return isTime ? { ...look, from: look.settledTo, again: true } : look
}

const ended = (look: Look, now: number): Look =>
  look.again ? { ...look, settledTo: now - SETTLED_MS, again: false } : look

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
