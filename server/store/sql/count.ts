import { type Kysely, type RawBuilder, sql as raw } from 'kysely'
import type { Tables } from './tables'

/** How many rows `from … where …` finds, counted up to `most`: nobody waits for a number that is too large anyway. */
export async function counted(db: Kysely<Tables>, from: RawBuilder<unknown>, most: number): Promise<number> {
  const { rows } = await raw<{ n: number }>`
    select count(*) as n from (select 1 ${from} limit ${most}) found`.execute(db)
  return Number(rows[0]!.n)
}
