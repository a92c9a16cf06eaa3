import { addDays, businessDate, isBusinessDate } from '../../domain/business-date'
import { addFault, bothFaults, type FileFaults, noFaults } from '../../domain/file-fault'
import type { Clock, Desk, ImportCount, OtherCount } from '../ports'

/** Orders of channels that aren't ours, a line for each merchant and day. All of a file is taken or, with a single fault, none. */

export interface CountsDeps {
  desk: Pick<Desk, 'otherCounts'>
  clock: Clock
}

/** A line of the table: its number in the file, counted from 1, and its cells. */
export interface CountLine {
  line: number
  code: string
  date: string
  orders: string
}

export interface CountsFile {
  pages(): Iterable<readonly CountLine[]> | AsyncIterable<readonly CountLine[]>
  lines: number
  /** what can't be read of it */
  faults: FileFaults
  sha256: string
}

export type CountsResult = { kind: 'imported'; count: ImportCount } | { kind: 'faulty'; faults: FileFaults }

/** A merchant of a food street has some hundred; a file of another unit would show here. */
const MOST_ORDERS = 100_000
/** Corrections come within months; older dates are somebody's typing. */
const OLDEST_DAYS = 400

/**
 * Takes a day's counts; one that is there already is replaced under the next revision, and the earlier ones are kept. A dry run only
 * counts. Of today nobody knows all yet.
 */
export async function importCounts(
  deps: CountsDeps,
  file: CountsFile,
  { by, branchCode, dryRun }: { by: string; branchCode: string | null; dryRun: boolean },
): Promise<CountsResult> {
  const at = deps.clock.now()
  const { counts, faults } = await judged(deps, file, branchCode, businessDate(at))
  const all = bothFaults(file.faults, faults)
  if (all.count > 0) return { kind: 'faulty', faults: all }
  const { lines, sha256 } = file
  const deed = {
    at,
    username: by,
    action: 'counts.import',
    subject: `counts/${sha256.slice(0, 12)}`,
    after: { lines, sha256 },
  }
  return { kind: 'imported', count: await deps.desk.otherCounts.import(counts, deed, dryRun) }
}

async function judged({ desk }: CountsDeps, file: CountsFile, branchCode: string | null, today: string) {
  const found = { counts: [] as OtherCount[], faults: noFaults() }
  const first = new Map<string, number>()
  for await (const page of file.pages()) {
    const known = new Set(
      await desk.otherCounts.merchants(
        page.map(({ code }) => code),
        branchCode,
      ),
    )
    for (const { line, code, date, orders } of page) {
      const before = found.faults.count
      const tell = (field: string, ...fault: ['missing' | 'malformed' | 'merchant-unknown' | 'duplicate', string]) =>
        addFault(found.faults, line, field, ...fault)
      if (code === '') tell('code', 'missing', 'code is empty')
      else if (!known.has(code)) tell('code', 'merchant-unknown', `${code}: there is no such merchant`)
      if (!isBusinessDate(date)) tell('date', 'malformed', 'YYYY-MM-DD')
      else if (date >= today || date < addDays(today, -OLDEST_DAYS))
        tell('date', 'malformed', `a day that is over, at most ${OLDEST_DAYS} days ago`)
      if (!/^\d{1,6}$/.test(orders) || Number(orders) > MOST_ORDERS)
        tell('orders', 'malformed', `a whole number from 0 to ${MOST_ORDERS}`)
      const key = `${code} ${date}`
      const twice = first.get(key)
      if (twice !== undefined) tell('line', 'duplicate', `line ${twice} is of the same merchant and day`)
      else first.set(key, line)
      if (found.faults.count === before)
        found.counts.push({ merchantCode: code, businessDate: date, orders: Number(orders) })
    }
  }
  return found
}
