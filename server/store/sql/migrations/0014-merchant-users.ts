import { type Kysely, type Migration, sql } from 'kysely'

/** Which platform users may see a merchant: bound by a one-time code that an operator issued. */
export const merchantUsers: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table binding_codes (
        -- SHA-256; the code itself is shown once and kept nowhere
        code_hash text primary key,
        merchant_code text not null references merchants,
        role text not null check (role in ('owner', 'cashier')),
        made_by text not null,
        made_at bigint not null,
        expires_at bigint not null,
        used_at bigint
      );

      create table merchant_users (
        binding_id bigint generated always as identity primary key,
        -- pseudonymous, as payers are
        user_id text not null,
        merchant_code text not null references merchants,
        role text not null check (role in ('owner', 'cashier')),
        bound_at bigint not null,
        unbound_at bigint
      );
      create unique index merchant_users_bound on merchant_users (user_id) where unbound_at is null;
      create index merchant_users_of on merchant_users (merchant_code, bound_at);

      -- wrong binding codes of a user since then; kept here, so that it holds over processes and restarts
      create table binding_guesses (
        user_id text primary key,
        since bigint not null,
        wrong integer not null
      );
    `.execute(db)
  },
}
