import type { ChannelName } from '../../domain/channel'
import type { Difference } from '../../domain/difference'
import { type BookDay, dayName } from '../../domain/match'
import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import { type LogDeps, logExport } from '../operator/log'
import type { Reconciliation, Reconciliations } from '../ports'
import { reportCsv, reportMarkdown } from './report'

/** Reconciled days and their differences, as operators read them and take them home. Undefined: there is none of that. */

export interface BookDeps {
  reconciliations: Reconciliations
}

const PAGE = 50

export function reconciledDay({ reconciliations }: BookDeps, day: BookDay): Promise<Reconciliation | undefined> {
  return reconciliations.reconciliation(day)
}

/** In the order they were found; the cursor is the id of a page's last. */
export async function differencePage(
  { reconciliations }: BookDeps,
  day: BookDay,
  cursor: string | undefined,
): Promise<Page<Difference> | undefined> {
  if (!(await reconciliations.reconciliation(day))) return undefined
  const found = await reconciliations.differences(day, cursor, PAGE + 1)
  return pageOf(found, PAGE, (last) => last.differenceId)
}

/** Of a channel, or of all: what waits for a decision, or for the channel to put it right; the oldest first. */
export async function unsettledPage(
  { reconciliations }: BookDeps,
  channel: ChannelName | undefined,
  cursor: string | undefined,
): Promise<Page<Difference>> {
  const found = await reconciliations.unsettled(channel, cursor, PAGE + 1)
  return pageOf(found, PAGE, (last) => last.differenceId)
}

export function differenceNow({ reconciliations }: BookDeps, differenceId: string): Promise<Difference | undefined> {
  return reconciliations.difference(differenceId)
}

const PIECES = { md: reportMarkdown, csv: reportCsv }
export type ReportFormat = keyof typeof PIECES

/** The report of a day as a file, piece by piece; who took it stands in the log before it is given. */
export async function exportDay(
  deps: BookDeps & LogDeps,
  by: Operator,
  of: BookDay,
  format: ReportFormat,
): Promise<{ fileName: string; pieces: AsyncGenerator<string> } | undefined> {
  const day = await reconciledDay(deps, of)
  if (!day) return undefined
  const fileName = `reconciliation-${dayName(of, '-')}.${format}`
  await logExport(deps, by, 'reconciliation.export', `reconciliation/${dayName(of)}`, fileName)
  return { fileName, pieces: PIECES[format](day, deps.reconciliations) }
}
