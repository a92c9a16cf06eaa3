import { LedgerUnavailable } from '../../../flow/ports'
import { migrations } from '../migrations'
import type { Sql, Statement } from '../open-sql'

/** $1 the migrations we know. It is committed as a payment is, whatever a commit has to wait for. */
const BEAT: Statement = {
  name: 'heartbeat',
  text: `
    with beat as (
      insert into heartbeat (one, at) values (true, clock_timestamp())
      on conflict (one) do update set at = excluded.at
    )
    select count(*) as applied from kysely_migration where name = any($1::text[])`,
}

const beats = new WeakMap<Sql, Promise<void>>()

/**
 * Whether a payment could be written now: the database takes writes, which a standby or a full disk doesn't, and its schema
 * is as new as we are. One beat of a process at a time: where a commit hangs, more of them would take the connections.
 * @throws LedgerUnavailable
 */
export function beat(sql: Sql): Promise<void> {
  const running = beats.get(sql)
  if (running) return running
  const beating = write(sql).finally(() => beats.delete(sql))
  beats.set(sql, beating)
  return beating
}

async function write(sql: Sql): Promise<void> {
  const names = Object.keys(migrations)
  const [row] = await sql.run<{ applied: number }>(BEAT, [names])
  if (row!.applied < names.length) throw new LedgerUnavailable('the schema of the ledger is older than this version')
}
