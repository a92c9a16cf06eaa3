import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { startEmbeddedSql } from '../server/store/sql/embedded'
import { openSql } from '../server/store/sql/open-sql'
import { postgresMissing, prepareCluster } from './cluster'

/** `prepare <folder>`: makes what harness/prepared.ts tells of. A process of its own, since PGlite does not run inside jest's. */
async function main(folder: string): Promise<void> {
  const dataDir = join(folder, 'ledger')
  const embedded = await startEmbeddedSql({ dataDir })
  const sql = openSql(embedded.connection)
  await sql.migrate()
  await sql.close()
  await embedded.stop()
  const db = await PGlite.create({ dataDir })
  await writeFile(join(folder, 'ledger.tar'), Buffer.from(await (await db.dumpDataDir('none')).arrayBuffer()))
  await db.close()
  if (!postgresMissing()) await prepareCluster(join(folder, 'cluster'))
  process.exitCode = 0
}

// Until all of it is there.
process.exitCode = 1
void main(process.argv[2]!)
