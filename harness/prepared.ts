import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { businessDate } from '../server/domain/business-date'
import { DirInUse, lockDir } from '../server/store/dir-lock'
import { TYPESCRIPT } from './typescript'

/**
 * Migrated, empty databases to copy. PGlite takes seconds of processor to make its first database and PostgreSQL as long, and a
 * test run wants some seventy of them; so they are made once for the migrations as they are, and kept beside node_modules.
 */
export interface Prepared {
  /** a data directory of PGlite */
  ledger: string
  /** the same as one file, for `startEmbeddedSql` */
  dump: string
  /** a data directory of PostgreSQL with {@link TEMPLATE} in it; there is none without `bin` */
  cluster: string
}

/** The database of the prepared cluster that others are made from. */
export const TEMPLATE = 'template_fapai'

const CACHE = join(__dirname, '../node_modules/.cache/fapai')
const SQL = join(__dirname, '../server/store/sql')
const DAY_MS = 86_400_000

/** What was prepared from these very sources, or prepares it now. `bin`: where PostgreSQL is, if anywhere. */
export async function prepared(bin: string | undefined): Promise<Prepared> {
  const name = `databases-${hashOf(bin)}`
  const dir = join(CACHE, name)
  if (!existsSync(dir)) await preparedAlone(dir)
  return { ledger: join(dir, 'ledger'), dump: join(dir, 'ledger.tar'), cluster: join(dir, 'cluster') }
}

/** One process prepares at a time; the others then find it prepared. */
async function preparedAlone(dir: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  for (;;) {
    try {
      const { release } = await lockDir(CACHE, 'databases')
      return await (existsSync(dir) ? Promise.resolve() : prepare(dir)).finally(release)
    } catch (error) {
      if (!(error instanceof DirInUse)) throw error
      await sleep(200)
    }
  }
}

async function prepare(dir: string): Promise<void> {
  // Those of other sources, unless somebody may still be at work with them.
  for (const other of readdirSync(CACHE).map((name) => join(CACHE, name)))
    if (other.includes('databases-') && Date.now() - statSync(other).mtimeMs > DAY_MS)
      rmSync(other, { recursive: true, force: true })
  const own = mkdtempSync(join(CACHE, 'databases-in-work-'))
  const env = { ...process.env, ...TYPESCRIPT }
  await promisify(execFile)(process.execPath, [join(__dirname, 'prepare.ts'), own], { env })
  try {
    renameSync(own, dir)
  } catch (error) {
    // Another process was as far a moment ago.
    if (!existsSync(dir)) throw error
    rmSync(own, { recursive: true, force: true })
  }
}

/** Whatever they are made of: the statements of the schema, the two engines, and the month in which these divide orders by it. */
function hashOf(bin: string | undefined): string {
  const migrations = readdirSync(join(SQL, 'migrations')).map((name) => join(SQL, 'migrations', name))
  const engine = join(dirname(require.resolve('@electric-sql/pglite')), '../package.json')
  const files = [...migrations, join(SQL, 'migrate.ts'), engine, join(__dirname, 'prepare.ts')]
  const hash = createHash('sha256')
    .update(bin ?? '')
    .update(businessDate(Date.now()).slice(0, 7))
  for (const file of files.sort()) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}
