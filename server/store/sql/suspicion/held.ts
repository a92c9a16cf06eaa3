import { type Held, heldKey } from '../../../domain/held'
import type { Sql, Statement } from '../open-sql'

/** $1 date. They are few: two people decided each. */
const HELD: Statement = {
  name: 'discounts-held',
  text: 'select campaign_id, who, id, until from discount_holds where until >= $1::date',
}

/** What is held back on a date, all of it. */
export async function heldOn(sql: Sql, date: string): Promise<Held> {
  const rows = await sql.run<{ campaign_id: string; who: 'merchant' | 'payer'; id: string; until: string }>(HELD, [
    date,
  ])
  const of = (who: 'merchant' | 'payer') =>
    new Map(rows.filter((row) => row.who === who).map((row) => [heldKey(row.campaign_id, row.id), row.until]))
  return { merchants: of('merchant'), payers: of('payer') }
}
