import { DAY_MS } from '../../domain/business-date'
import { topicsOf } from '../../domain/notification'
import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import type { Clock, Desk, NotificationReader, NotificationTarget, SeenNotification } from '../ports'

/** What operators are told of, each by their roles and their branch, and what of it they have read. */

export interface NotificationDeps {
  desk: Pick<Desk, 'notifications'>
  clock: Clock
}

const PAGE = 50
/** Older ones are history: the log has it. */
const SHOWN_MS = 30 * DAY_MS
/** Whoever has more needs no better number. */
const MOST_UNREAD = 99

const readerOf = ({ clock }: NotificationDeps, operator: Operator): NotificationReader => ({
  username: operator.username,
  topics: topicsOf(operator),
  branchCode: operator.branchCode,
  since: clock.now() - SHOWN_MS,
})

export async function notificationPage(
  deps: NotificationDeps,
  operator: Operator,
  before: number | undefined,
): Promise<Page<SeenNotification>> {
  const found = await deps.desk.notifications.list(readerOf(deps, operator), { before, limit: PAGE + 1 })
  return pageOf(found, PAGE, ({ notificationId }) => String(notificationId))
}

/** `more`: at least so many. */
export async function unreadCount(
  deps: NotificationDeps,
  operator: Operator,
): Promise<{ unread: number; more: boolean }> {
  const count = await deps.desk.notifications.unread(readerOf(deps, operator), MOST_UNREAD + 1)
  return { unread: Math.min(count, MOST_UNREAD), more: count > MOST_UNREAD }
}

/** Those that are named, as far as they are the operator's, or all of theirs up to one. */
export async function markRead(
  deps: NotificationDeps,
  operator: Operator,
  which: { ids: readonly number[] } | { upTo: number },
): Promise<{ unread: number; more: boolean }> {
  await deps.desk.notifications.markRead(readerOf(deps, operator), which, deps.clock.now())
  return unreadCount(deps, operator)
}

export interface Untold {
  target: NotificationTarget
  count: number
  oldestAt: number
  code: string
}

/** What couldn't be told outside of the console; of a branch's operators nobody needs to know. */
export async function untoldOutside(deps: NotificationDeps, { branchCode }: Operator): Promise<Untold[]> {
  return branchCode === null ? deps.desk.notifications.untold(deps.clock.now() - SHOWN_MS) : []
}
