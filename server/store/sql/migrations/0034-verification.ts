import { type Kysely, type Migration, sql } from 'kysely'
import { VERIFICATIONS } from '../../../domain/channel'

/** How the channel made sure that it was the payer who paid. Null: not paid, or the channel didn't say. */
export const verification: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table orders
        add column verification text check (verification in (${sql.join(VERIFICATIONS.map(sql.lit))})),
        add constraint orders_verified check (verification is null or state = 'paid');
    `.execute(db)
  },
}
