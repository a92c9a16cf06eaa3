import { type Kysely, type Migration, sql } from 'kysely'

/** What the morning after leaves behind: what was pruned, what people decided in turn, and what the channel then put right. */
export const morningAfter: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table outbox_pruned (
        one boolean primary key default true check (one),
        -- the rows of all orders and refunds that ended before then, ms, are gone
        before_at bigint not null
      );

      -- gives back what the channel alone booked: no part of what its order was paid with
      alter table refunds add column difference_id text references differences;
      update refunds r set difference_id = d.difference_id
      from differences d where r.idempotency_key = 'correction ' || d.difference_id;
      create unique index refunds_of_difference on refunds (difference_id) where difference_id is not null;

      alter table differences add column proposed_by text;
      alter table differences add column proposed_at bigint;
      alter table differences add column mended_by text;
      alter table differences add column mended_at bigint;
      alter table differences drop constraint differences_state_check;
      alter table differences add constraint differences_state
        check (state in ('open', 'accepted', 'rejected', 'cleared', 'mended'));
      alter table differences add constraint differences_proposed check ((proposed_by is null) = (proposed_at is null));
      alter table differences add constraint differences_mended check (
        (state = 'mended') = (mended_at is not null) and (mended_by is null) = (mended_at is null)
      );

      drop index differences_open;
      create index differences_unsettled on differences (channel, statement_date, seq) where state in ('open', 'rejected');
      drop index differences_short;
      create index differences_of_order on differences (order_no);
    `.execute(db)
  },
}
