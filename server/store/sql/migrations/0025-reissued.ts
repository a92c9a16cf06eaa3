import { type Kysely, type Migration, sql } from 'kysely'

/** A statement that a channel issued anew for a day that was done: seen last, and what people decided of it. */
export const reissued: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table reconciliations add column reissued_sha256 text, add column reissued_lines integer,
        add column reissued_at bigint, add column reissue_by text, add column reissue_note text,
        add constraint reconciliations_reissued check (
          (reissued_sha256 is null) = (reissued_at is null) and (reissued_sha256 is null) = (reissued_lines is null)
          and (reissue_by is null) = (reissue_note is null) and (reissue_by is null or reissued_sha256 is not null)
        );
    `.execute(db)
  },
}
