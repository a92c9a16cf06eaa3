import { type Kysely, type Migration, sql } from 'kysely'

/**
 * A commitment that opens to one deck. A version of a campaign keeps the commitment to the secret that its decks are dealt by, and
 * which key that follows from; a date keeps what the beacon said, or that it said nothing; a deck keeps the pulse it was dealt by,
 * and an order the commitment that its payer was told. Decks and orders from before have none of it, and stay as they are.
 */
export const deckCommitments: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table campaign_versions add column key_id text;
      alter table campaign_versions add column secret_commitment text;
      alter table campaign_versions add column secret_at bigint;
      alter table campaign_versions add constraint secret_whole
        check (num_nulls(key_id, secret_commitment, secret_at) in (0, 3));
      create function keep_secret_commitment() returns trigger language plpgsql as $$
      begin
        raise exception 'what a version committed to is never changed';
      end $$;
      create trigger campaign_versions_secret before update of key_id, secret_commitment, secret_at on campaign_versions
        for each row when (old.secret_commitment is not null) execute function keep_secret_commitment();

      -- one answer a date, whoever asked first; null: the beacon gave nothing
      create table beacons (
        business_date date primary key,
        pulse jsonb,
        noted_at bigint not null
      );

      alter table decks add column beacon jsonb;
      alter table orders add column deck_commitment text;
    `.execute(db)
  },
}
