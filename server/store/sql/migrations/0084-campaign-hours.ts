import { type Kysely, type Migration, sql } from 'kysely'

/**
 * When a campaign gives discounts, and what a day of it may cost; terms that are kept to begin others with. What is published stays as
 * it is: always, and bound by its budget alone.
 */
export const campaignHours: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table campaigns add column windows jsonb not null default '[]';
      alter table campaigns add column daily_budget_fen bigint check (daily_budget_fen > 0);

      -- of a campaign with a daily budget: what the decks of a date were dealt at, and what they might be when the last of them was
      create table campaign_days (
        campaign_id text not null references campaigns,
        business_date date not null,
        budget_fen bigint not null,
        committed_fen bigint not null default 0 check (committed_fen >= 0),
        primary key (campaign_id, business_date),
        constraint campaign_days_within_budget check (committed_fen <= budget_fen)
      );

      alter table deck_shortages drop constraint deck_shortages_reason_check;
      alter table deck_shortages add constraint deck_shortages_reason_check
        check (reason in ('campaign-budget', 'branch-budget', 'day-budget'));

      -- terms under a name, for the makers of a branch, or of the whole bank
      create table campaign_templates (
        template_id text primary key,
        branch_code text references branches,
        name text not null,
        terms jsonb not null,
        made_by text not null,
        made_at bigint not null
      );
      create unique index campaign_templates_name on campaign_templates (coalesce(branch_code, ''), name);
    `.execute(db)
  },
}
