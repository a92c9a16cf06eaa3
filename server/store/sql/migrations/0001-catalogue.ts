import { type Kysely, type Migration, sql } from 'kysely'

/** Who takes part, what is offered, and what has been dealt of it. Units: `_fen` fen, `_at` ms since the epoch. */
export const catalogue: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table branches (
        branch_code text primary key,
        name text not null,
        gl_account text not null
      );

      create table merchants (
        merchant_code text primary key,
        name text not null,
        branch_code text not null references branches,
        account text not null
      );

      create table campaigns (
        campaign_id text primary key,
        version integer not null,
        name text not null,
        organiser text not null,
        state text not null check (state in ('draft', 'submitted', 'approved', 'running', 'paused', 'ended')),
        priority integer not null default 0,
        start_date date not null,
        end_date date not null check (end_date >= start_date),
        rule jsonb not null,
        budget_fen bigint not null check (budget_fen >= 0),
        committed_fen bigint not null default 0 check (committed_fen >= 0),
        max_per_payer_per_day integer check (max_per_payer_per_day > 0),
        created_at bigint not null,
        -- I7: dealing a deck runs into this, so no code can overspend
        constraint campaigns_within_budget check (committed_fen <= budget_fen)
      );

      create table campaign_merchants (
        campaign_id text not null references campaigns,
        merchant_code text not null references merchants,
        primary key (merchant_code, campaign_id)
      );

      create table agreements (
        agreement_id text primary key,
        payer_id text not null,
        account text not null,
        account_tail text not null,
        created_at bigint not null
      );
      create index agreements_of_payer on agreements (payer_id, created_at);

      create table decks (
        campaign_id text not null references campaigns,
        merchant_code text not null,
        business_date date not null,
        version integer not null,
        commitment text not null,
        amounts_fen integer[] not null,
        exposure_fen bigint not null check (exposure_fen >= 0),
        dealt_at bigint not null,
        primary key (campaign_id, merchant_code, business_date)
      );
    `.execute(db)
  },
}
