import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bankStatements } from '../server/channel/bank'
import { type Config, readConfig } from '../server/config'
import { OWN_CHANNEL } from '../server/domain/channel'
import { deckKeys, masterKeys } from '../server/domain/key-ring'
import { type AuditReport, audit } from '../server/flow/audit/audit'
import type { SourceDeps } from '../server/flow/reconcile/source'
import { sandboxEnv, startSandboxBank } from '../server/sandbox/system'
import { lockDir } from '../server/store/dir-lock'
import { sqlAudit } from '../server/store/sql/audit/audit'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { openSql, type Sql } from '../server/store/sql/open-sql'
import { databaseOf, deedsOf } from '../server/stores'
import { auditText } from './audit-text'
import { command, FAILED, optionsFrom, Refused, environment as theirs } from './command'
import { progressBar } from './progress-bar'

/**
 * `npm run audit -- [--json] [--bank]`: recomputes the books from events and postings and prints what differs (docs/AUDIT.md);
 * with --bank also fetches again every statement that was reconciled. It reads only. Exit code 0: nothing differs; 1: something
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
}

async function main(): Promise<number> {
  const options = optionsOf()
  const stops: (() => unknown)[] = []
  const bar = progressBar(process.stderr)
  try {
    const config = readConfig(await environment(options, stops))
    const sql = await openLedger(config, stops)
    const sources = options.bank ? openStatements(config, stops) : undefined
    const report = await audit({
      books: sqlAudit(sql, deedsOf(config)),
      ...deckKeys(masterKeys(config.masterKey, config.previousMasterKeys)),
      sources,
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
  return optionsFrom({ json: { type: 'boolean', default: false }, bank: { type: 'boolean', default: false } })
}

function exitCode({ violations, unfetched }: AuditReport): number {
  if (violations.length > 0) return EXIT.violations
  return unfetched.length > 0 ? EXIT.failed : EXIT.clean
}

/** The BFF's own environment; or the sandbox's, for --bank with its bank started on its books. */
async function environment({ bank }: Options, stops: (() => unknown)[]): Promise<NodeJS.ProcessEnv> {
  const env = theirs()
  if (!bank || process.env.MASTER_KEY || process.env.BANK_URL) return env
  const dataDir = resolve(process.env.DATA_DIR || '.data')
  const lock = await lockDir(dataDir, 'start')
  stops.push(lock.release)
  const started = await startSandboxBank(dataDir, process.env)
  stops.push(started.child.stop)
  return { ...sandboxEnv(dataDir, started.url), ...process.env }
}

/** As stores.ts opens it, but without Redis and without migrating: an audit changes nothing. */
async function openLedger(config: Config, stops: (() => unknown)[]): Promise<Sql> {
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
  const sql = openSql({ ...connection, max: 1 })
  stops.push(sql.close)
  return sql
}

/** The files are looked at and not kept: those of the reconciliation are the record. */
function openStatements(config: Config, stops: (() => unknown)[]): SourceDeps {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-audit-'))
  stops.push(() => rmSync(dir, { recursive: true, force: true }))
  const statements = bankStatements({ ...config.channels.bank, clock: { now: Date.now }, random: randomBytes, dir })
  stops.push(statements.stop)
  return { statements: new Map([[OWN_CHANNEL, statements]]) }
}

/** A ledger that another version has made is no bug of this one. */
async function ofThisSchema(): Promise<number> {
  try {
    return await main()
  } catch (error) {
    if (!SCHEMA_DIFFERS.has(String((error as { code?: unknown }).code))) throw error
    throw new Refused(`the ledger's schema isn't the one of this version: ${(error as Error).message}`)
  }
}

command(ofThisSchema, IN_USE)
