import { type Kysely, type Migration, sql } from 'kysely'

/** By which master keys the ledger has been kept: a process with none of them but another would deal what nobody can audit. */
export const ledgerKeys: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table ledger_keys (
        -- in the order in which they came; the last is the one that must be known
        key_no integer primary key,
        -- derived from the key for this alone, and says nothing of it (domain/key-ring.ts); hex
        check_value text not null unique check (check_value ~ '^[0-9a-f]{64}$'),
        noted_at bigint not null
      );
      create trigger ledger_keys_append_only before update or delete or truncate on ledger_keys
        execute function refuse_change();
    `.execute(db)
  },
}
