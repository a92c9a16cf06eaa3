import { type Kysely, type Migration, sql } from 'kysely'

/** What operators typed and haven't saved; drafts that are made once and can be thrown away; what a reviewer rejected, to compare with. */
export const noWorkLost: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      -- every write of a sketch takes the next one, so that a revision never names two contents
      create sequence sketch_revisions as integer;
      -- what an operator has typed into a form and not saved: nobody else's, and nothing that anybody goes by
      create table sketches (
        username text not null,
        name text not null,
        content jsonb not null,
        revision integer not null,
        updated_at bigint not null,
        primary key (username, name)
      );

      -- the key with which a draft was made, and a hash of what it was made of: asked for again, it is the same draft
      alter table campaigns add column make_key text;
      alter table campaigns add column make_hash text;
      create unique index campaigns_make_key on campaigns (made_by, make_key) where make_key is not null;
      -- a draft that was thrown away is seen by nobody, and kept with the log that tells of it
      alter table campaigns add column deleted_at bigint;
      alter table campaigns add constraint campaigns_deleted check (deleted_at is null or state = 'draft');

      -- terms and lists as they were submitted, of a launch
      alter table campaign_changes add column submitted jsonb;
    `.execute(db)
  },
}
