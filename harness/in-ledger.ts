import type { Sql } from '../server/store/sql/open-sql'
import { workIn, workInEmbedded } from './ledger'
import type { TestSystem } from './system'

/** Works in a system's ledger itself. The embedded one is one process's at a time: the BFF is down meanwhile. */
export async function inLedger<T>(system: TestSystem, work: (sql: Sql) => Promise<T>): Promise<T> {
  if (system.database) return workIn(system.database, work)
  await system.killBff()
  return workInEmbedded(system.dataDir, work).finally(() => system.startBff())
}
