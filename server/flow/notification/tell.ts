import { DAY_MS } from '../../domain/business-date'
import type { Clock, Desk, DueTelling, Teller } from '../ports'
import type { Raised } from './raise'
import { outsideMessage } from './words'

export interface TellDeps {
  desk: Pick<Desk, 'notifications'>
  tellers: readonly Teller[]
  raised: Raised
  clock: Clock
  /** our own address; null: messages come without links */
  publicUrl: string | null
  onAlarm(alarm: { code: string; orderNo: string; error?: unknown }): void
  /** throws when the process is to stop: what is left is another's */
  goOn?(): void
}

/** What was raised before a target was there isn't told it, but for what a process that died left. */
const LOOK_BACK_MS = 6 * 3_600_000
const GIVEN_UP_MS = DAY_MS
const AT_ONCE = 8
/** From this failed attempt on somebody should look. */
const ALARMING = 3

/**
 * Writes down what was raised, and tells it where it is to be told: at least once each, oldest first, one process at a time for each
 * target. Nothing waits for it but itself. What can't be told for a day is given up, and said so in the console.
 */
export async function tellNews(deps: TellDeps): Promise<'more' | 'done'> {
  const { desk, tellers, raised, clock } = deps
  await raised.flush(desk.notifications)
  if (tellers.length === 0) return 'done'
  const targets = tellers.map(({ target }) => target)
  await desk.notifications.plan(targets, clock.now() - LOOK_BACK_MS)
  const told = await Promise.all(tellers.map((teller) => tellDue(deps, teller)))
  return told.some((all) => !all) ? 'more' : 'done'
}

/** Whether that was all that is due. One after another: whoever reads them, reads them in order. */
async function tellDue(deps: TellDeps, teller: Teller): Promise<boolean> {
  const { desk, clock } = deps
  const { target, perMinute } = teller
  const due = await desk.notifications.claim(target, clock.now(), { perMinute, limit: AT_ONCE })
  for (const one of due) {
    deps.goOn?.()
    await tell(deps, teller, one)
  }
  return due.length < AT_ONCE
}

async function tell({ desk, clock, publicUrl, onAlarm }: TellDeps, teller: Teller, one: DueTelling): Promise<void> {
  const { notificationId, at, attempts } = one
  const { target } = teller
  const now = clock.now()
  const { kind, code } = await teller.tell(outsideMessage(one, publicUrl), now)
  const given = now - at >= GIVEN_UP_MS
  const state = kind === 'told' ? 'done' : given ? 'failed' : 'due'
  if (kind !== 'told' && (attempts === ALARMING || given))
    onAlarm({ code: 'notification-not-told', orderNo: '', error: `${target}: ${code}` })
  await desk.notifications.note({ notificationId, target }, { state, code })
}
