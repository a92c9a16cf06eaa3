import { addDays, businessDate } from '../../domain/business-date'
import {
  type Archive,
  type ArchivedDay,
  type ArchivedMonth,
  ArchiveFault,
  type ArchiveFiles,
  type ArchiveObstacle,
  type PassedOver,
  type Staying,
  type TakenOut,
  type WaitingMonth,
} from '../ports'

/** Days that are long over go to files and out of the ledger, one after the other (decision 0084). */

export interface ArchiveDeps {
  archive: Archive
  files: ArchiveFiles
  /** Codes of what an audit finds wrong; called once for each day before anything is done about it. */
  audited(date: string): Promise<string[]>
  /** the ledger's clock, ms */
  now(): Promise<number>
  /** somebody's word on days that can never be reconciled any more; absent: they stand in the way */
  passedOver?: PassedOver | undefined
  onDay?(day: ArchivedNow): void
  onMonth?(month: ArchivedMonth): void
  onMonthWaits?(month: WaitingMonth): void
  /** `total` 0: nobody knows before */
  onProgress?(progress: { date: string; step: ArchiveStep; done: number; total: number }): void
}

export type ArchiveStep = 'audit' | 'write' | 'check' | 'take'

export interface ArchivedNow extends ArchivedDay {
  /** by this run: one that goes on where another was cut off takes the rest */
  taken: TakenOut
  staying: Partial<Record<Staying, number>>
}

export type ArchiveResult =
  | { kind: 'done'; days: number }
  | { kind: 'in-the-way'; date: string; obstacles: ArchiveObstacle[] }
  | { kind: 'differs'; date: string; codes: string[] }
  /** the file isn't what it was written or noted as; `sentence` says how */
  | { kind: 'file-fault'; date: string; sentence: string }

/** An order that is younger is asked for, refunded and disputed every day. */
export const ARCHIVED_AFTER_DAYS = 31
/** Of a transaction that takes out: well under a second of it. */
const TAKEN_LINES = 2_000
const TAKEN_CHARS = 8 * 1024 * 1024

/** The last date before which days may be archived. */
export const archivableBefore = (nowMs: number): string => addDays(businessDate(nowMs), -ARCHIVED_AFTER_DAYS)

/**
 * Archives every day before a date that isn't yet, from the first on, and stops at the first that can't be; then months that are archived as a
 * whole are made as small as what stays of them, and those that somebody is at work in are told of. Cut off anywhere it goes on where it
 * was: a noted day is taken out to its end, and what was written and isn't noted is written anew. @throws LedgerUnavailable,
 * ArchiveHeld, and what the file system throws while a file is written
 */
export async function archiveDays(deps: ArchiveDeps, before: string): Promise<ArchiveResult> {
  let days = 0
  let date = ''
  try {
    for (const left of await deps.archive.unfinished()) {
      date = left.date
      await takeOut(deps, left)
      days++
    }
    for (let next = await deps.archive.next(); next !== null && next < before; next = await deps.archive.next()) {
      date = next
      const stopped = await archiveDay(deps, date)
      if (stopped) return stopped
      days++
    }
    const shrunk = await deps.archive.shrink(before, (month) => deps.onMonthWaits?.(month))
    for (const month of shrunk) deps.onMonth?.(month)
    return { kind: 'done', days }
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error
    return { kind: 'file-fault', date, sentence: error.message }
  }
}

async function archiveDay(deps: ArchiveDeps, date: string): Promise<Exclude<ArchiveResult, { kind: 'done' }> | null> {
  const { archive, files } = deps
  const found = await archive.obstacles(date)
  const obstacles = found.filter(({ code }) => code !== 'day-passed' || !deps.passedOver)
  if (obstacles.length > 0) return { kind: 'in-the-way', date, obstacles }
  const days = found.flatMap((one) => (one.code === 'day-passed' ? one.which : []))
  deps.onProgress?.({ date, step: 'audit', done: 0, total: 0 })
  const codes = await deps.audited(date)
  if (codes.length > 0) return { kind: 'differs', date, codes }
  const written = await files.write(date, told(deps, date, 'write', 0, archive.lines(date)))
  const { file, sha256, bytes, orders, payerDays } = written
  const lines = orders + payerDays
  const sentence = await misread(deps, date, file, { sha256, lines })
  if (sentence !== null) return { kind: 'file-fault', date, sentence }
  const day = { date, file, sha256, bytes, orders }
  const passedOver = deps.passedOver && days.length > 0 ? { days, ...deps.passedOver } : undefined
  await archive.note(day, await deps.now(), passedOver)
  await takeOut(deps, day)
  return null
}

/** How the file isn't what the ledger has; null: each line is what its row would be written as now. */
async function misread(
  deps: ArchiveDeps,
  date: string,
  file: string,
  written: { sha256: string; lines: number },
): Promise<string | null> {
  const { archive, files } = deps
  let same = 0
  let read = 0
  for await (const batch of told(deps, date, 'check', written.lines, files.read(file, date))) {
    read += batch.length
    same += await archive.same(date, batch)
  }
  if (same !== read) return `${read - same} lines of ${file} aren’t what the ledger has: nothing was taken out`
  if (read !== written.lines)
    return `${file} has ${read} lines and ${written.lines} were written: nothing was taken out`
  if ((await files.hash(file)) !== written.sha256)
    return `${file} was changed after it was written: nothing was taken out`
  return null
}

async function takeOut(deps: ArchiveDeps, day: ArchivedDay): Promise<void> {
  const { archive, files } = deps
  const { date, file, sha256, orders } = day
  if ((await files.hash(file)) !== sha256)
    throw new ArchiveFault('changed', `${file} isn’t the one that was noted: bring that one back (SHA-256 ${sha256})`)
  const taken: TakenOut = { orders: 0, payerDays: 0 }
  for await (const lines of gathered(told(deps, date, 'take', orders, files.read(file, date)))) {
    const now = await archive.takeOut(date, lines)
    taken.orders += now.orders
    taken.payerDays += now.payerDays
  }
  deps.onDay?.({ ...day, taken, staying: await archive.staying(date) })
}

/** The same, with word of how far it is. */
async function* told(
  { onProgress }: ArchiveDeps,
  date: string,
  step: ArchiveStep,
  total: number,
  batches: AsyncIterable<string[]>,
): AsyncGenerator<string[]> {
  let done = 0
  for await (const batch of batches) {
    yield batch
    done += batch.length
    onProgress?.({ date, step, done, total })
  }
}

/** Several batches in one. */
async function* gathered(batches: AsyncIterable<string[]>): AsyncGenerator<string[]> {
  let lines: string[] = []
  let chars = 0
  for await (const batch of batches) {
    lines = lines.concat(batch)
    chars += batch.reduce((sum, line) => sum + line.length, 0)
    if (lines.length < TAKEN_LINES && chars < TAKEN_CHARS) continue
    yield lines
    lines = []
    chars = 0
  }
  if (lines.length > 0) yield lines
}
