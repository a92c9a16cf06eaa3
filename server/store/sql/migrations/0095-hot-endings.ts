import { type Kysely, type Migration, sql } from 'kysely'

/**
 * What the step before stands in for; with these an ending writes every index of its order. Statements of versions before it do without them,
 * but their sweepers and reconciliations would read all orders: to be taken when none of those runs any more.
 */
export const hotEndings: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      drop index orders_paid_of_day, orders_unpaid_of_merchant, orders_due_of_channel, orders_slot_return_due, orders_paid_by_wechat,
        orders_ended, orders_trade_no
    `.execute(db)
  },
}
