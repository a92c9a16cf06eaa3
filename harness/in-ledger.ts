import { join } from 'node:path'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { openSql, type Sql } from '../server/store/sql/open-sql'
import type { TestSystem } from './system'

/** Works in a system's ledger itself. The embedded one is one process's at a time: the BFF is down meanwhile. */
export async function inLedger<T>(system: TestSystem, work: (sql: Sql) => Promise<T>): Promise<T> {
  if (system.database) {
    const sql = openSql(system.database)
    return work(sql).finally(() => sql.close())
  }
  await system.killBff()
  const embedded = await startEmbeddedSql({ dataDir: join(system.dataDir, 'ledger') })
  const sql = openSql(embedded.connection)
  try {
    return await work(sql)
  } finally {
    await sql.close()
    await embedded.stop()
    await system.startBff()
  }
}
