import { type Kysely, sql } from 'kysely'
import type { Step } from '../step'

/**
 * What the step before stands in for; with these an ending writes every index of its order. Statements of versions before it do without them,
 * but their sweepers and reconciliations would read all orders: so it ends an upgrade.
 */
export const hotEndings: Step = {
  contracts: true,
  async up(db: Kysely<unknown>) {
    await sql`
      drop index orders_paid_of_day, orders_unpaid_of_merchant, orders_due_of_channel, orders_slot_return_due, orders_paid_by_wechat,
        orders_ended, orders_trade_no
    `.execute(db)
  },
}
