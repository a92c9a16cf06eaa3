import type { Archived, ArchivedDate } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

const DAY: Statement = {
  name: 'archived-day',
  text: `select business_date as date, file from archived_days where business_date = $1::date`,
}

/** By the end of the primary key: the same however many days are archived. */
const HORIZON: Statement = {
  name: 'archive-horizon',
  text: `select max(business_date) + 1 as horizon from archived_days`,
}

/** {@link Archived} on PostgreSQL. */
export function sqlArchived(sql: Sql): Archived {
  return {
    async day(date) {
      const [day] = await sql.run<ArchivedDate & Record<string, unknown>>(DAY, [date])
      return day
    },
    async horizon() {
      const [row] = await sql.run<{ horizon: string | null }>(HORIZON, [])
      return row?.horizon ?? undefined
    },
  }
}
