import { type Kysely, type Migration, sql } from 'kysely'

/**
 * A campaign as operators work on it. `revision` grows with every change and is the ETag of an edit; `version` grows with
 * every approved edit and is part of its decks' seeds. Each version stays as it was approved: decks are verified against it.
 */
export const campaignLife: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table campaigns add column branch_code text references branches;
      alter table campaigns add column revision integer not null default 1;
      alter table campaigns add column made_by text not null default 'system';
      alter table campaigns add column updated_at bigint not null default 0;
      update campaigns set updated_at = created_at;
      create index merchants_of_branch on merchants (branch_code, merchant_code);

      create table campaign_versions (
        campaign_id text not null references campaigns,
        version integer not null,
        -- name, organiser, period, rule, budgets, limits, priority: as in CampaignTerms
        content jsonb not null,
        made_by text not null,
        approved_by text not null,
        approved_at bigint not null,
        primary key (campaign_id, version)
      );
      insert into campaign_versions (campaign_id, version, content, made_by, approved_by, approved_at)
      select campaign_id, version, jsonb_build_object(
          'name', name, 'organiser', organiser, 'startDate', start_date, 'endDate', end_date, 'rule', rule,
          'budgetFen', budget_fen, 'maxPerPayerPerDay', max_per_payer_per_day, 'priority', priority,
          'branchCode', null, 'branchBudgets', '[]'::jsonb),
        'system', 'system', created_at
      from campaigns where state not in ('draft', 'submitted');

      create table campaign_changes (
        change_id text primary key,
        campaign_id text not null references campaigns,
        kind text not null check (kind in ('launch', 'pause', 'resume', 'end', 'amend')),
        content jsonb,
        -- a pause is in force at once and reviewed afterwards
        in_force boolean not null,
        note text,
        made_by text not null,
        made_at bigint not null,
        state text not null check (state in ('open', 'approved', 'rejected', 'withdrawn')),
        reviewed_by text,
        reviewed_at bigint,
        review_note text,
        constraint campaign_changes_review check ((state = 'open') = (reviewed_at is null)),
        -- two pairs of eyes, whatever the code above believes
        constraint campaign_changes_two_people check (state not in ('approved', 'rejected') or reviewed_by <> made_by)
      );
      create unique index campaign_changes_one_open on campaign_changes (campaign_id) where state = 'open';
      create index campaign_changes_of_campaign on campaign_changes (campaign_id, made_at);

      create table branch_budgets (
        campaign_id text not null references campaigns,
        branch_code text not null references branches,
        budget_fen bigint not null check (budget_fen >= 0),
        committed_fen bigint not null default 0 check (committed_fen >= 0),
        primary key (campaign_id, branch_code),
        -- I7, for a branch's part
        constraint branch_within_budget check (committed_fen <= budget_fen)
      );

      -- merchants left out of a campaign on purpose, to compare with
      create table campaign_controls (
        campaign_id text not null references campaigns,
        merchant_code text not null references merchants,
        primary key (campaign_id, merchant_code)
      );
      create index campaign_merchants_of_campaign on campaign_merchants (campaign_id, merchant_code);
    `.execute(db)
  },
}
