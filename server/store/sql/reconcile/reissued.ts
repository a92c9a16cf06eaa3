import { CompiledQuery } from 'kysely'
import type { BookDay } from '../../../domain/match'
import type { Reconciliations, StatementManifest } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql, Statement } from '../open-sql'

/** $1 channel, $2 date, $3 sha256, $4 lines, $5 now. One that was seen already stays as it is, decided or not. */
const SEE: Statement = {
  name: 'reissued-see',
  text: `
    update reconciliations
    set reissued_sha256 = $3, reissued_lines = $4, reissued_at = $5, reissue_by = null, reissue_note = null
    where channel = $1 and statement_date = $2 and reissued_sha256 is distinct from $3`,
}

/** $1 channel, $2 date, $3 sha256, $4 operator, $5 note. */
const KEEP_FIRST = `
    update reconciliations set reissue_by = $4, reissue_note = $5
    where channel = $1 and statement_date = $2 and reissued_sha256 = $3 and reissue_by is null returning 1`

/** The channel has another file for a day that is done. */
export async function seeReissued(
  sql: Sql,
  { channel, date }: BookDay,
  { sha256, lines }: StatementManifest,
  now: number,
): Promise<void> {
  await sql.run(SEE, [channel, date, sha256, lines, now])
}

export async function keepFirst(
  sql: Sql,
  deeds: DeedLog | undefined,
  { day, sha256, operator, note, deed }: Parameters<Reconciliations['keepFirst']>[0],
): Promise<boolean> {
  return sql.transaction(async (tx) => {
    const values = [day.channel, day.date, sha256, operator, note]
    const { rows } = await tx.executeQuery(CompiledQuery.raw(KEEP_FIRST, values))
    if (rows.length > 0) await deeds?.write(tx, deed)
    return rows.length > 0
  })
}
