import type { Logger } from 'pino'
import type { Config } from '../config'
import { isAdministrator } from '../domain/operator'
import type { Archive } from '../flow/ports'
import { lockDir } from '../store/dir-lock'
import { archiveOwner, holdArchive, sqlArchive } from '../store/sql/archive/archive'
import { type AuditKeys, sqlAudit } from '../store/sql/audit/audit'
import { MIGRATION_TIMEOUT_MS } from '../store/sql/migrate'
import { sqlOperators } from '../store/sql/operator/operators'
import { sqlTime } from '../store/sql/time'
import { openLedger } from './open'

/** The role of the environment's database may not take orders out. */
export class NotTheOwner extends Error {
  override name = 'NotTheOwner'
}

/**
 * The archive of the ledger, held for this process until the last of `stops`, and the books for its audit. Statements may take as long as a
 * migration's: each reads a day. @throws NotTheOwner, ArchiveHeld, DatabaseUnfit
 */
export async function openArchiving(config: Config, keys: AuditKeys, log: Logger, stops: (() => unknown)[]) {
  const embedded = !config.databaseUrl
  if (embedded) stops.push((await lockDir(config.dataDir, 'stores')).release)
  // One connection holds the archive, one reads a day, one is for all else.
  const pooled = { ...config, databasePool: 3 }
  const sql = await openLedger(pooled, log, [], stops, { statementTimeoutMs: MIGRATION_TIMEOUT_MS, directly: true })
  const { owner, ours, owns } = await archiveOwner(sql)
  if (!owns)
    throw new NotTheOwner(
      `the role ${ours} doesn’t own the ledger’s tables: archiving takes a DATABASE_URL of the role ${owner}, as “fapai migrate” does`,
    )
  const hold = await holdArchive(sql, embedded)
  stops.push(hold.release)
  const archive: Archive = sqlArchive(sql, keys.deeds, hold)
  const operators = sqlOperators(sql, keys.deeds)
  return {
    archive,
    books: sqlAudit(sql, keys),
    now: async () => (await sqlTime(sql)) + config.clockShiftMs,
    async isAdministrator(username: string) {
      const found = await operators.operator(username)
      return found !== undefined && found.disabledAt === null && isAdministrator(found)
    },
  }
}
