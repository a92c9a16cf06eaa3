import { type Kysely, type Migration, sql } from 'kysely'

/**
 * What a crash may leave half-done: a closed order whose slot nobody gave back. `slot_return_at`: when the sweeper does it,
 * if whoever closed the order hasn't by then; null when there is nothing to give back.
 */
export const slotReturns: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table orders add column slot_return_at bigint;
      alter table orders add constraint orders_slot_return
        check (slot_return_at is null or (state = 'closed' and slot is not null));
      create index orders_slot_return_due on orders (slot_return_at) where slot_return_at is not null;
    `.execute(db)
  },
}
