import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../server/config'
import { isBusinessDate } from '../server/domain/business-date'
import { deckKeys, masterKeysOf } from '../server/domain/key-ring'
import { type AuditReport, audit } from '../server/flow/audit/audit'
import { type SealDeps, sealBooks } from '../server/flow/audit/seal'
import { type ArchiveFiles, ArchiveNeeded, type AuditDays, type DaySeal } from '../server/flow/ports'
import { makeFolder } from '../server/main/folders'
import { archiveFiles } from '../server/store/archive-file'
import { lockDir } from '../server/store/dir-lock'
import { sealFile, sealsPath, strayLine } from '../server/store/seal-file'
import { type AuditKeys, sqlAudit } from '../server/store/sql/audit/audit'
import { sqlBooksChain } from '../server/store/sql/audit/books-chain'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { holdLedgerKeys } from '../server/store/sql/ledger-keys'
import { openSql, type Sql } from '../server/store/sql/open-sql'
import { sqlTime } from '../server/store/sql/time'
import { auditKeysOf, databaseOf } from '../server/stores'
import { openStatements, sandboxChannels } from './audit-statements'
import { auditText } from './audit-text'
import { command, configIn, optionsFrom, Refused, environment as theirs } from './command'
import { FAILED } from './help'
import { progressBar } from './progress-bar'

/**
 * `npm run audit -- [--json] [--bank] [--seal] [--seals FILE] [--date D | --from D --to D] [--archives DIR]`: recomputes the books from events and postings and prints what differs
 * (docs/AUDIT.md); with --bank also fetches again every statement that was reconciled, of every channel; with --seals it holds the books' chain
 * against what was given out earlier; with --date it looks at that day alone, which costs a day however much there is; with --archives also at days that are in files. It reads only, unless told by --seal to chain and seal first what isn't yet. Exit code 0: nothing differs; 1: something
 * does; 2: it could not run, or not all of it. Where the ledger is, and MASTER_KEY, the environment says as for the BFF; without
 * MASTER_KEY it is the sandbox in DATA_DIR, and an embedded ledger is one process's at a time.
 */

const EXIT = { clean: 0, violations: 1, failed: FAILED } as const

/** PostgreSQL: there is no such table or column. */
const SCHEMA_DIFFERS = new Set(['42P01', '42703'])

const IN_USE = 'An embedded ledger is one process’s at a time: stop `npm start` for this, or give both a DATABASE_URL.'

interface Options {
  json: boolean
  bank: boolean
  seal: boolean
  seals: string | undefined
  days: AuditDays | undefined
  archives: string | undefined
}

async function main(): Promise<number> {
  const options = optionsOf()
  const stops: (() => unknown)[] = []
  const bar = progressBar(process.stderr)
  try {
    const config = await configIn(await environment(options, stops))
    const sql = await openLedger(config, stops, !options.seal)
    // By another key everything would differ.
    await holdLedgerKeys(sql, masterKeysOf(config), 'look')
    const sources = options.bank ? openStatements(config, stops) : undefined
    const given = options.seals === undefined ? undefined : await givenIn(options.seals)
    const archives = options.archives === undefined ? undefined : await archivesIn(options.archives)
    const keys = auditKeysOf(config)
    if (options.seal) await seal(config, sql, keys)
    const report = await audit({
      books: sqlAudit(sql, keys),
      ...deckKeys(masterKeysOf(config)),
      sources,
      given,
      days: options.days,
      archives,
      onProgress: ({ step, done, total }) => bar.show(step, done, total),
    })
    bar.end()
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : auditText(report, Date.now()))
    return exitCode(report)
  } finally {
    bar.end()
    for (const stop of stops.reverse()) await stop()
  }
}

function optionsOf(): Options {
  const off = { type: 'boolean', default: false } as const
  const text = { type: 'string' } as const
  const all = { json: off, bank: off, seal: off, seals: text, archives: text, date: text, from: text, to: text }
  const { seals, archives, date, from, to, ...flags } = optionsFrom(all)
  return { seals, archives, days: daysOf(date, from, to), ...flags }
}

/** @throws Refused for what is no date, or half of a stretch */
function daysOf(date?: string, from?: string, to?: string): AuditDays | undefined {
  for (const [name, one] of Object.entries({ date, from, to }))
    if (one !== undefined && !isBusinessDate(one)) throw new Refused(`--${name} ${one} is no date: YYYY-MM-DD`)
  if (date !== undefined && (from ?? to) !== undefined) throw new Refused('--date or --from and --to, not both')
  if (date !== undefined) return { from: date, to: date }
  if (from === undefined && to === undefined) return undefined
  if (from === undefined || to === undefined) throw new Refused('--from and --to go together')
  if (to < from) throw new Refused(`--to ${to} is before --from ${from}`)
  return { from, to }
}

function exitCode({ violations, unfetched, unread }: AuditReport): number {
  if (violations.length > 0) return EXIT.violations
  return unfetched.length + unread.length > 0 ? EXIT.failed : EXIT.clean
}

/** @throws Refused where there is no such folder */
async function archivesIn(dir: string): Promise<ArchiveFiles> {
  const is = await stat(dir).catch(() => undefined)
  if (!is?.isDirectory()) throw new Refused(`--archives ${dir} is no folder`)
  return archiveFiles(dir)
}

/** The BFF's own environment; or the sandbox's, for --bank with its bank and wallets started on their books. */
async function environment({ bank }: Options, stops: (() => unknown)[]): Promise<NodeJS.ProcessEnv> {
  const env = theirs()
  if (!bank || process.env.MASTER_KEY || process.env.BANK_URL) return env
  return { ...(await sandboxChannels(stops)), ...process.env }
}

/** Chains what isn't yet, seals the days that are over and gives them out, as the BFF's job does; what differs the audit says after it. */
async function seal(config: Config, sql: Sql, keys: AuditKeys): Promise<void> {
  // Where no BFF ever ran there is none yet; a folder of another's making is left to who mounts it.
  if (config.sealsFile === null) makeFolder(config.dataDir)
  const now = (await sqlTime(sql)) + config.clockShiftMs
  const deps: SealDeps = {
    booksChain: sqlBooksChain(sql, keys),
    clock: { now: () => now },
    given: sealFile(sealsPath(config)),
    onSealed: ({ date, link, mac }) => console.error(`Sealed ${date}: link ${link}, ${mac}`),
    onDiffers: ({ date }) => console.error(`The seal of ${date} isn’t the one in ${sealsPath(config)}.`),
  }
  while ((await sealBooks(deps)) === 'more');
}

/** @throws Refused for a file that isn't one of sealed days */
async function givenIn(path: string): Promise<DaySeal[]> {
  const line = await strayLine(path)
  if (line !== null) throw new Refused(`${path}: line ${line} is no sealed day`)
  return sealFile(path).all()
}

/** As stores.ts opens it, but without Redis and without migrating: an audit changes nothing, so that it may be a standby that it reads. */
async function openLedger(config: Config, stops: (() => unknown)[], reads: boolean): Promise<Sql> {
  let connection = await databaseOf(config)
  if (!connection) {
    const dataDir = join(config.dataDir, 'ledger')
    if (!existsSync(dataDir)) throw new Refused(`there is no ledger in ${dataDir}`)
    const lock = await lockDir(config.dataDir, 'stores')
    stops.push(lock.release)
    const embedded = await startEmbeddedSql({ dataDir })
    stops.push(embedded.stop)
    connection = embedded.connection
  }
  const sql = openSql({ ...connection, max: 1, reads })
  stops.push(sql.close)
  return sql
}

/** A ledger that another version has made is no bug of this one. */
async function ofThisSchema(): Promise<number> {
  try {
    return await main()
  } catch (error) {
    if (error instanceof ArchiveNeeded) throw new Refused(`${error.message}: --archives DIR says where they are`)
    if (!SCHEMA_DIFFERS.has(String((error as { code?: unknown }).code))) throw error
    throw new Refused(`the ledger's schema isn't the one of this version: ${(error as Error).message}`)
  }
}

command(ofThisSchema, IN_USE)
