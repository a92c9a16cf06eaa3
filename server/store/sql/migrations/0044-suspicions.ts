import { type Kysely, type Migration, sql } from 'kysely'

/** What the nightly scoring found, for people to look at. It copies no order: evidence names them. */
export const suspicions: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      -- one row a business date that was scored, or is being scored
      create table suspicion_runs (
        business_date date primary key,
        held_until bigint not null,
        finished_at bigint,
        merchants integer not null default 0,
        found integer not null default 0
      );

      create table suspicions (
        suspicion_id text primary key,
        campaign_id text not null,
        merchant_code text not null,
        first_date date not null,
        last_date date not null,
        -- of its worst day
        score integer not null check (score between 0 and 100),
        -- null: nobody has decided
        decision text check (decision in ('dismissed', 'held', 'clawed-back')),
        decided_at bigint,
        constraint suspicions_decided check ((decision is null) = (decided_at is null))
      );
      create unique index suspicions_open on suspicions (campaign_id, merchant_code) where decision is null;
      create index suspicions_queue on suspicions (score desc, suspicion_id) where decision is null;
      create index suspicions_decided on suspicions (decided_at desc, suspicion_id) where decision is not null;
      create index suspicions_of_merchant on suspicions (campaign_id, merchant_code, decided_at desc);

      create table suspicion_days (
        suspicion_id text not null references suspicions,
        business_date date not null,
        score integer not null check (score between 0 and 100),
        evidence jsonb not null,
        primary key (suspicion_id, business_date)
      );
    `.execute(db)
  },
}
