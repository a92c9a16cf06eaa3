import { type Kysely, type Migration, sql } from 'kysely'

/**
 * A refund names its order's channel, so that each channel's sweeper claims its own by an index, as of orders: thousands of a wallet
 * that hangs are not read for the bank's.
 */
export const refundChannel: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table refunds add column channel text;
      update refunds r set channel = (select o.channel from orders o where o.order_no = r.order_no);

      -- for what a process of the version before writes beside us
      create function find_channel_of_refund() returns trigger language plpgsql as $$
      begin
        new.channel := (select o.channel from orders o where o.order_no = new.order_no);
        return new;
      end $$;
      create trigger refunds_channel before insert on refunds
        for each row when (new.channel is null) execute function find_channel_of_refund();
      alter table refunds alter column channel set not null;

      create index refunds_due_of_channel on refunds (channel, next_query_at) where state = 'refunding';
      drop index refunds_due;
    `.execute(db)
  },
}
