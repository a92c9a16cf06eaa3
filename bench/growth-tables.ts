import type { Sql } from '../server/store/sql/open-sql'

/** What every table has on the disk, and which of them grow with orders. */

/** Bytes are the files', with their maps of free room. */
export interface Size {
  name: string
  rows: number
  heap: number
  toast: number
  indexes: number
  updates: number
  hot: number
}

export const bytesOf = ({ heap, toast, indexes }: Size) => heap + toast + indexes

/** Of each table, with its partitions. */
export async function sizesOf({ pool }: Sql): Promise<Size[]> {
  await pool.query('select pg_stat_force_next_flush()')
  await pool.query('select pg_stat_clear_snapshot()')
  const { rows } = await pool.query<Size>(`
    select coalesce(p.relname, c.relname) as name, sum(greatest(c.reltuples, s.n_live_tup))::bigint as rows,
      sum(pg_table_size(c.oid) - t.bytes)::bigint as heap, sum(t.bytes)::bigint as toast, sum(pg_indexes_size(c.oid))::bigint as indexes,
      sum(s.n_tup_upd)::bigint as updates, sum(s.n_tup_hot_upd)::bigint as hot
    from pg_class c join pg_stat_user_tables s on s.relid = c.oid
    left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
    cross join lateral (select coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)::bigint as bytes) t
    where s.schemaname = 'public' and c.relkind = 'r'
    group by 1 order by sum(pg_total_relation_size(c.oid)) desc, 1`)
  return rows
}

/** Those that have more than `before`, by how much; the largest first. */
export function grown(now: readonly Size[], before: readonly Size[]): Size[] {
  const was = new Map(before.map((size) => [size.name, size]))
  const more = now.map((size) => {
    const { rows = 0, heap = 0, toast = 0, indexes = 0, updates = 0, hot = 0 } = was.get(size.name) ?? {}
    return {
      name: size.name,
      rows: Math.max(0, size.rows - Math.max(0, rows)),
      heap: size.heap - heap,
      toast: size.toast - toast,
      indexes: size.indexes - indexes,
      updates: size.updates - updates,
      hot: size.hot - hot,
    }
  })
  return more.filter((size) => bytesOf(size) > 0).sort((a, b) => bytesOf(b) - bytesOf(a))
}

/** `12.3 %`; of what was never changed there is none. */
export const hotShare = ({ updates, hot }: Pick<Size, 'updates' | 'hot'>) =>
  updates === 0 ? '–' : `${((100 * hot) / updates).toFixed(1)} %`

/** As docs/BENCH.md has it, bytes by orders. */
export function printSizes(title: string, all: readonly Size[], orders: number): void {
  console.log(`\n${title}\n\n| table | rows an order | heap | toast | indexes | bytes an order | updates HOT |`)
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  const each = (n: number) => String(Math.round(n / orders))
  for (const row of all) {
    const size = [row.heap, row.toast, row.indexes, bytesOf(row)].map(each).join(' | ')
    console.log(`| ${row.name} | ${(row.rows / orders).toFixed(2)} | ${size} | ${hotShare(row)} |`)
  }
  const total = all.reduce((sum, row) => sum + bytesOf(row), 0) / orders
  console.log(`| all | | | | | ${Math.round(total)} | |`)
}
