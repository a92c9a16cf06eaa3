import { type Kysely, type Migration, sql } from 'kysely'

/** The second factor of operators who have one, and which sessions passed it. */
export const secondFactors: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table operator_factors (
        username text primary key references operators,
        -- encrypted under the master key of that name
        sealed_secret text not null,
        key_id text not null,
        -- of the last code that was taken: each is good once, and none before it any more
        last_step bigint not null,
        since bigint not null
      );
      create table operator_recovery_codes (
        username text not null references operator_factors on delete cascade,
        -- SHA-256 of 80 random bits
        code_hash text not null,
        used_at bigint,
        primary key (username, code_hash)
      );
      alter table operator_sessions add column second_factor boolean not null default false;
    `.execute(db)
  },
}
