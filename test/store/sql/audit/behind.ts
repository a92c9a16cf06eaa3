import { CompiledQuery } from 'kysely'
import type { Sql } from '../../../../server/store/sql/open-sql'

export const run = async (text: string, on: Sql) => (await on.db.executeQuery(CompiledQuery.raw(text))).rows

/** As its superuser: no trigger and no foreign key is asked. */
export async function behind(inside: Sql, text: string): Promise<void> {
  for (const one of ['set local session_replication_role = replica', ...text.split(';')]) await run(one, inside)
  await run('set local session_replication_role = origin', inside)
}

/** What keeps honest code from it must not be what keeps the audit from seeing it. */
export async function liftConstraints(sql: Sql): Promise<void> {
  for (const [list, drop] of LISTS)
    for (const row of await run(list, sql)) await run(`${drop} ${(row as { what: string }).what}`, sql)
}

const LISTS = [
  [
    `select conrelid::regclass || ' drop constraint ' || conname as what from pg_constraint where contype in ('c', 'u')
    and connamespace = 'public'::regnamespace and conrelid <> 0 and coninhcount = 0`,
    'alter table',
  ],
  [
    `select indexrelid::regclass || '' as what from pg_index i join pg_class c on c.oid = i.indrelid
    where i.indisunique and not i.indisprimary and c.relnamespace = 'public'::regnamespace`,
    'drop index',
  ],
] as const
