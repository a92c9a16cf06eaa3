import { type Kysely, type Migration, sql } from 'kysely'

/** Operators look payments and refunds up by the channel's own number, as customers read it from their wallet (渠道流水). */
export const tradeNumbers: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create index orders_trade_no on orders (channel_trade_no) where channel_trade_no is not null;
      create index refunds_trade_no on refunds (channel_refund_no) where channel_refund_no is not null;
    `.execute(db)
  },
}
