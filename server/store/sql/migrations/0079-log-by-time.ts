import { type Kysely, type Migration, sql } from 'kysely'

/** The log is looked through by day. */
export const logByTime: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create index operator_actions_at on operator_actions (at, action_id)`.execute(db)
  },
}
