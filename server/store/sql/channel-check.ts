import { type Kysely, sql } from 'kysely'
import { CHANNELS } from '../../domain/channel'
import type { Tables } from './tables'

const NAME = 'orders_channel_check'

/**
 * Lets an order name every channel of the list, so that a new one needs no migration. Only ever widens, since a process of the
 * version before may start after us, and its orders and ours both stay.
 */
export async function allowChannels(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ definition: string }>`
    select pg_get_constraintdef(oid) as definition from pg_constraint where conname = ${NAME}`.execute(db)
  const allowed = [...(rows[0]?.definition.matchAll(/'([a-z]+)'/g) ?? [])].map(([, name]) => name!)
  if (CHANNELS.every((name) => allowed.includes(name))) return
  const names = sql.join([...new Set([...allowed, ...CHANNELS])].map((name) => sql.lit(name)))
  await sql`
    alter table orders drop constraint if exists ${sql.raw(NAME)},
      add constraint ${sql.raw(NAME)} check (channel in (${names})) not valid`.execute(db)
}
