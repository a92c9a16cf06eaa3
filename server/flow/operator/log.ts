import { DAY_MS, endOfBusinessDate } from '../../domain/business-date'
import { type Page, pageOf } from '../../domain/page'
import type { Chain, Clock, LoggedDeed, Operators } from '../ports'

/** What operators did, for whoever looks after them. */

export interface LogDeps {
  operators: Operators
  clock: Clock
}

export interface LogQuery {
  username?: string | undefined
  subject?: string | undefined
  noun?: string | undefined
  /** business dates, both included */
  from?: string | undefined
  to?: string | undefined
}

const PAGE = 50

/** Newest first; the cursor is the number of a page's last action. */
export async function deedPage(
  { operators }: LogDeps,
  { cursor, ...query }: LogQuery & { cursor?: string | undefined },
): Promise<Page<LoggedDeed>> {
  const before = cursor === undefined ? undefined : Number(cursor)
  const found = await operators.deeds({ ...logScope(query), before, limit: PAGE + 1 })
  return pageOf(found, PAGE, (last) => String(last.actionId))
}

/** By business dates what the log keeps by the ms. */
export function logScope({ from: first, to: last, ...rest }: LogQuery) {
  const from = first === undefined ? undefined : endOfBusinessDate(first) - DAY_MS
  const until = last === undefined ? undefined : endOfBusinessDate(last)
  return { ...rest, from, until }
}

/** Whether the log is as it was written. */
export function checkLog({ operators }: LogDeps): Promise<Chain> {
  return operators.checkChain()
}

/** Notes that an operator took a file out of the house, before it is given. */
export function logExport(
  { operators, clock }: LogDeps,
  by: { username: string },
  action: `${string}.export`,
  subject: string,
  file: string,
  /** which rows, and how many */
  more: object = {},
): Promise<void> {
  return operators.log({ at: clock.now(), username: by.username, action, subject, after: { file, ...more } })
}
