import { type Kysely, type Migration, sql } from 'kysely'

/** What one operator asks for and another reviews before it takes effect (I12). */
export const changeRequests: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table change_requests (
        change_id text primary key,
        kind text not null,
        subject text not null,
        -- whose people see and review it; null is the whole bank
        branch_code text,
        before jsonb,
        after jsonb not null,
        line_count integer not null default 0,
        delayed boolean not null,
        -- one half of what it gives somebody, enclosed under a key that isn't in the database
        secret text,
        note text,
        asked_by text not null,
        asked_at bigint not null,
        authors text[] not null default '{}',
        state text not null check (state in ('open', 'approved', 'applied', 'rejected', 'withdrawn', 'overtaken')),
        reviewed_by text,
        reviewed_at bigint,
        review_note text,
        effective_at bigint,
        reason text,
        revision integer not null default 1,
        -- 经办 and 复核 are different people, whatever the program says
        check (state not in ('approved', 'applied') or (
          reviewed_by is not null and effective_at is not null
          and reviewed_by <> asked_by and reviewed_by <> all (authors)))
      );
      create unique index change_requests_waiting on change_requests (kind, subject) where state in ('open', 'approved');
      create index change_requests_due on change_requests (effective_at) where state = 'approved';
      create index change_requests_newest on change_requests (asked_at desc, change_id desc);

      -- of one that is about merchants, as they were and as they are to be
      create table change_merchants (
        change_id text not null references change_requests,
        line integer not null,
        merchant_code text not null,
        -- null: a new merchant
        was_name text,
        was_branch_code text,
        was_account text,
        name text not null,
        branch_code text not null,
        account text not null,
        primary key (change_id, line)
      );
      create index change_merchants_of on change_merchants (merchant_code);
    `.execute(db)
  },
}
