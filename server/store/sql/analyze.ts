import { LedgerUnavailable } from '../../flow/ports'
import type { Sql } from './open-sql'

/** So many new rows at a stroke make plans of before the stroke bad ones; fewer come every minute. */
const MANY = 1_000

/**
 * Has the database look at tables into which `rows` came at once, so that its plans fit them: PostgreSQL looks by itself within
 * minutes, the embedded one never. Table by table, so that payments of the embedded one come in between. A help and not a duty:
 * one that takes too long is left.
 */
export async function analyze(sql: Sql, tables: readonly string[], rows = MANY): Promise<void> {
  if (rows < MANY) return
  for (const table of tables)
    await sql.run({ name: `analyze-${table}`, text: `analyze ${table}` }, []).catch((error) => {
      if (!(error instanceof LedgerUnavailable)) throw error
    })
}
