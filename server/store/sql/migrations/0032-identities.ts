import { type Kysely, type Migration, sql } from 'kysely'

/** People as a platform knows them, and who they are here. Without our keys the rows name nobody. */
export const identities: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table identities (
        provider text not null,
        app_id text not null,
        subject_hash text not null,
        person_id text not null,
        sealed_subject text,
        created_at bigint not null,
        primary key (provider, app_id, subject_hash)
      );
      -- of the channel that has to name a payer to their wallet
      create index identities_of_person on identities (person_id);
    `.execute(db)
  },
}
