import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addDays, DAY_MS, endOfBusinessDate } from '../server/domain/business-date'
import { archiveDays } from '../server/flow/archive/archive'
import { archiveFiles } from '../server/store/archive-file'
import { holdArchive, sqlArchive } from '../server/store/sql/archive/archive'
import { auditKeys } from '../server/store/sql/audit/audit'
import { openSql, type Sql, type SqlOptions } from '../server/store/sql/open-sql'
import { sqlPayerDays } from '../server/store/sql/payment/payer-days'
import { sqlPersonCards } from '../server/store/sql/payment/person-cards'
import { pruneKeys } from '../server/store/sql/payment/prune-keys'
import { pruneOutbox } from '../server/store/sql/payment/prune-outbox'
import { auditApart, MASTERS } from './audit-run'
import { run } from './growth-days'
import { LONG } from './growth-pattern'
import { leftOfDay, rowBytes } from './sizes-left'
import type { Archived } from './sizes-sheet'

/** What is done of one day alone, at each size: it is to cost as much however many days there are. */

const say = (text: string) => console.error(`bench: ${text}`)

/**
 * Seconds that `fapai audit --date` takes for a day that is over, sealed and reconciled, in a process of its own. @throws Error when
 * something differs, or when it looks at other orders than the day's
 */
export async function auditOfDay(connection: SqlOptions, date: string): Promise<number> {
  const sql = openSql({ ...connection, ...LONG })
  const [{ orders } = { orders: 0 }] = await run<{ orders: number }>(
    sql,
    'select count(*) as orders from orders where business_date = $1::date',
    [date],
  ).finally(() => sql.close())
  const { seconds, looked, violations, steps } = await auditApart(connection, { from: date, to: date })
  if (violations.length > 0) throw new Error(`the audit of ${date} found ${violations.join('; ')}`)
  if (looked.orders !== orders) throw new Error(`the audit of ${date} looked at ${looked.orders} of ${orders} orders`)
  const slowest = steps.slice(0, 6).map(([step, took]) => `${step} ${took.toFixed(1)}`)
  say(`the audit of ${date}: ${slowest.join(', ')} s`)
  return seconds
}

const COPY = 'fapai_archived'

/**
 * What `fapai archive` does of `date`, the oldest day there is, in a copy of the ledger, so that days to come find no room that it left.
 * What has to be done before, such as pruning, isn't counted. `look`: the whole ledger is audited afterwards, which takes long: what was
 * measured is told before. @throws Error when the day
 * can't be archived, or something differs
 */
export async function archiveOfDay(
  connection: SqlOptions,
  date: string,
  { look, onArchived }: { look: boolean; onArchived(archived: Archived): void },
): Promise<Archived> {
  const folder = await mkdtemp(join(tmpdir(), 'fapai-sizes-'))
  const copy = { ...connection, database: COPY }
  await copied(connection)
  const sql = openSql({ ...copy, ...LONG, max: 3 })
  try {
    await prepareDay(sql, date)
    const bytes = await rowBytes(sql)
    const done = await archivedOf(sql, copy, folder, date)
    const leftBytes = await leftOfDay(sql, date, bytes, done.orders)
    const archived = { seconds: done.seconds, fileBytes: done.fileBytes, leftBytes }
    onArchived(archived)
    if (look) await lookAgain(copy)
    return archived
  } finally {
    await sql.close()
    await maintain(connection, [`drop database ${COPY}`])
    await rm(folder, { recursive: true })
  }
}

/** Nobody may be at the ledger while it is copied; the bench's own idle sessions open again when they are asked. */
async function copied(connection: SqlOptions): Promise<void> {
  await maintain(connection, [
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${connection.database}'`,
    `drop database if exists ${COPY}`,
    `create database ${COPY} template ${connection.database} strategy file_copy`,
  ])
}

async function maintain(connection: SqlOptions, all: readonly string[]): Promise<void> {
  const sql = openSql({ ...connection, ...LONG, database: 'postgres' })
  try {
    for (const text of all) await sql.pool.query(text)
  } finally {
    await sql.close()
  }
}

/** What time and `fapai prune` have done by the day on which a day is archived. */
async function prepareDay(sql: Sql, date: string): Promise<void> {
  const cards = sqlPersonCards(sql)
  while ((await cards.forget(addDays(date, 1), 1_000)) > 0);
  while ((await sqlPayerDays(sql).forget(addDays(date, 1), 1_000)) > 0);
  for (let keys = await pruneKeys(sql, endOfBusinessDate(date) + DAY_MS); keys.next; )
    keys = await pruneKeys(sql, endOfBusinessDate(date) + DAY_MS, keys.next)
  for (let more = true; more; ) {
    const pruned = await pruneOutbox(sql, endOfBusinessDate(date) + DAY_MS)
    if (pruned.kind !== 'pruned') throw new Error(`${pruned.expected - pruned.found} rows are missing`)
    more = pruned.more
  }
  await sql.pool.query('vacuum analyze')
}

async function archivedOf(sql: Sql, copy: SqlOptions, folder: string, date: string) {
  const [{ orders } = { orders: 0 }] = await run<{ orders: number }>(
    sql,
    'select count(*) as orders from orders where business_date = $1::date',
    [date],
  )
  const hold = await holdArchive(sql, false)
  const began = performance.now()
  const files = archiveFiles(folder)
  let inFile = 0
  let file = ''
  const steps = new Map<string, number>()
  const result = await archiveDays(
    {
      archive: sqlArchive(sql, auditKeys(MASTERS).deeds, hold),
      files,
      audited: async (day) => (await auditApart(copy, { from: day, to: day })).violations,
      now: async () => endOfBusinessDate(date) + 40 * DAY_MS,
      onDay: (day) => {
        inFile = day.orders
        file = day.file
        if (day.taken.orders !== day.orders) throw new Error(`${day.taken.orders} of ${day.orders} were taken out`)
      },
      onProgress: ({ step }) => void steps.set(step, (performance.now() - began) / 1_000),
    },
    addDays(date, 1),
  ).finally(hold.release)
  const seconds = (performance.now() - began) / 1_000
  if (result.kind !== 'done' || result.days !== 1) throw new Error(`${date} isn't archived: ${JSON.stringify(result)}`)
  const { size } = await stat(join(folder, file))
  const until = [...steps].map(([step, at]) => `${step} until ${at.toFixed(1)}`)
  say(`${inFile} of ${orders} orders of ${date} are in its file: ${until.join(', ')} s`)
  return { orders, seconds, fileBytes: size / inFile }
}

async function lookAgain(copy: SqlOptions): Promise<void> {
  const { violations, seconds } = await auditApart(copy)
  if (violations.length > 0) throw new Error(`after the archive the audit found ${violations.join('; ')}`)
  say(`after the archive the audit of what is left finds nothing, in ${seconds.toFixed(1)} s`)
}
