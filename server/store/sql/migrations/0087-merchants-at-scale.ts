import { type Kysely, type Migration, sql } from 'kysely'

/** Binding cards: codes of many merchants that are good for days, each of a printed half and one that is told. And merchants that have left. */
export const merchantsAtScale: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      -- SHA-256 of the printed half, by which its wrong tries are counted; null: a code that is told whole
      alter table binding_codes add column card_hash text;
      alter table binding_codes add column tries integer not null default 0;
      -- the request that made it
      alter table binding_codes add column change_id text;
      create unique index binding_codes_card on binding_codes (card_hash) where card_hash is not null;
      create index binding_codes_cards_of on binding_codes (merchant_code) where card_hash is not null;

      -- nobody can pay there any more; null: they can
      alter table merchants add column disabled_at bigint;
    `.execute(db)
  },
}
