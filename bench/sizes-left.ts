import type { Sql } from '../server/store/sql/open-sql'
import { run } from './growth-days'

/**
 * Bytes of an archived day that stay in the ledger. Files don't shrink by what is taken out of them, so rows are counted: each takes what a
 * row of its table did before, with its part of the indexes, of what is kept beside the table, and of free room.
 */

/** A day's last link has its date, and no other. */
const SEAL = (upTo: string) =>
  `(select coalesce(max(link_no), 0) from ledger_links where business_date ${upTo} $1::date)`

/**
 * By what a table's rows are a day's; $1 the date. What no row of which says so is of the whole ledger and no order's: among it
 * `archived_savings`, which has a row a payer, however many days are archived.
 */
const OF_DAY = [
  ['order_no', `order_no like 'F' || to_char($1::date, 'YYYYMMDD') || '-%'`],
  ['refund_no', `refund_no like 'R' || to_char($1::date, 'YYYYMMDD') || '-%'`],
  ['business_date', 'business_date = $1::date'],
  ['deck_date', 'deck_date = $1::date'],
  ['statement_date', 'statement_date = $1::date'],
  ['link_no', `link_no > ${SEAL('<')} and link_no <= ${SEAL('<=')}`],
] as const

/** Of these a day's rows go into packs at its night: what they took is room for the next day's, and is no row's that stays. */
const PACKED = new Map([
  ['order_events', 'packed_events'],
  ['postings', 'packed_postings'],
  ['statement_lines', 'packed_lines'],
])
const packedOf = (view: string) => {
  const [date, packs] =
    view === 'packed_lines' ? ['statement_date', 'statement_packs'] : ['business_date', 'order_books']
  return `(select count(*) from ${view} where ${date} = (select max(${date}) from ${packs}))`
}

/** Of each table, before anything is taken out. */
export async function rowBytes(sql: Sql): Promise<Map<string, number>> {
  const rows = await run<{ name: string; bytes: number }>(
    sql,
    `select coalesce(i.inhparent, c.oid)::regclass::text as name, sum(pg_total_relation_size(c.oid))::bigint as bytes from pg_class c
     left join pg_inherits i on i.inhrelid = c.oid where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace group by 1`,
  )
  const bytes = new Map<string, number>()
  for (const row of rows) {
    const view = PACKED.get(row.name)
    const room = view ? ` + ${packedOf(view)}` : ''
    const [counted] = await run<{ n: number }>(sql, `select count(*)${room} as n from ${row.name}`)
    if (counted!.n > 0) bytes.set(row.name, row.bytes / counted!.n)
  }
  return bytes
}

/** Of one order of the day, of which there were `orders`. */
export async function leftOfDay(
  sql: Sql,
  date: string,
  before: ReadonlyMap<string, number>,
  orders: number,
): Promise<number> {
  const columns = await run<{ name: string; columns: string[] }>(
    sql,
    `select table_name as name, array_agg(column_name::text) as columns from information_schema.columns where table_schema = 'public' group by 1`,
  )
  const now = await rowBytes(sql)
  const left: [name: string, bytes: number][] = []
  for (const { name, columns: of } of columns) {
    const day = OF_DAY.find(([column]) => of.includes(column))
    const bytes = before.get(name) ?? now.get(name)
    if (!day || bytes === undefined) continue
    const [rows] = await run<{ n: number }>(sql, `select count(*) as n from ${name} where ${day[1]}`, [date])
    left.push([name, (rows!.n * bytes) / orders])
  }
  const told = left.filter(([, each]) => each >= 1).sort((a, b) => b[1] - a[1])
  console.error(`bench: of an order stay ${told.map(([name, each]) => `${name} ${each.toFixed(0)}`).join(', ')} B`)
  return left.reduce((sum, [, each]) => sum + each, 0)
}
