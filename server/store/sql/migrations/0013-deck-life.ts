import { type Kysely, type Migration, sql } from 'kysely'

/**
 * A deck closes after its day: what nobody drew can't cost anything any more and goes back to the budget. `key_id` names
 * the master key its seed comes from; null is a deck from before keys had names.
 */
export const deckLife: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table decks add column key_id text;
      alter table decks add column closed_at bigint;
      -- the merchant's when it was dealt: the budget its exposure counts in, and goes back to
      alter table decks add column branch_code text;
      update decks d set branch_code = m.branch_code from merchants m where m.merchant_code = d.merchant_code;
      create index decks_to_close on decks (business_date) where closed_at is null;
      create index decks_of_day on decks (campaign_id, business_date, merchant_code);

      -- a merchant whose deck is smaller than the rule's, or missing, and why
      create table deck_shortages (
        campaign_id text not null references campaigns,
        merchant_code text not null,
        business_date date not null,
        wanted_slots integer not null,
        dealt_slots integer not null check (dealt_slots >= 0 and dealt_slots < wanted_slots),
        reason text not null check (reason in ('campaign-budget', 'branch-budget')),
        noted_at bigint not null,
        primary key (campaign_id, business_date, merchant_code)
      );
    `.execute(db)
  },
}
