import { type Kysely, type Migration, sql } from 'kysely'

/** Which master key an identity is kept under, so that it can be seen how many are left under an old one. */
export const identityKeys: Migration = {
  async up(db: Kysely<unknown>) {
    // null: from before; the oldest key, or the present one where there was never another
    await sql`alter table identities add column key_id text`.execute(db)
  },
}
