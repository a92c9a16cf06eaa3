import { type Kysely, type Migration, sql } from 'kysely'

/**
 * How operators look orders and refunds up: the newest of a day, of a merchant, or of all. Paid orders of a merchant have an
 * index already (0002); an order that is paid leaves the one here, so that a payment keeps one entry of it and not two.
 */
export const desk: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create index orders_by_time on orders (business_date, created_at, order_no);
      create index orders_unpaid_of_merchant on orders (merchant_code, business_date) where state <> 'paid';
      create index refunds_by_time on refunds (business_date, created_at, refund_no);
    `.execute(db)
  },
}
