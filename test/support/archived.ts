import { sql as raw } from 'kysely'
import type { Order } from '../../server/domain/order'
import type { Sql } from '../../server/store/sql/open-sql'

/** What names an order and is taken out with it. */
const OF_ORDER = ['order_events', 'postings', 'idempotency_keys', 'channel_requests', 'deliveries', 'outbox', 'orders']

export const fileOf = (date: string) => `orders-${date}.jsonl.gz`

/**
 * Archives a day by hand, as whoever owns the tables: notes it, sums its orders, and takes them out in one transaction. Without a file: nobody
 * here reads one. What of the day isn't among `orders` stays.
 */
export async function archiveByHand(
  { db }: Sql,
  date: string,
  orders: readonly Pick<Order, 'orderNo'>[],
): Promise<void> {
  const numbers = orders.map(({ orderNo }) => orderNo)
  const gone = raw`o.order_no = any(${numbers}::text[])`
  await db.transaction().execute(async (tx) => {
    await raw`
      insert into archived_days (business_date, file, sha256, bytes, orders, archived_at)
      values (${date}::date, ${fileOf(date)}, ${'0'.repeat(64)}, 1, ${numbers.length}, 0)`.execute(tx)
    await raw`
      insert into archived_savings as s (payer_id, orders, saved_fen)
      select payer_id, count(*), sum(payer_discount_fen) from orders o
      where ${gone} and state = 'paid' and payer_discount_fen > 0 group by 1
      on conflict (payer_id) do update set orders = s.orders + excluded.orders, saved_fen = s.saved_fen + excluded.saved_fen`.execute(
      tx,
    )
    await raw`
      insert into archived_merchant_days
      select merchant_code, business_date, channel, merchant_account, count(*), sum(amount_fen),
        count(*) filter (where merchant_reward_fen > 0), sum(merchant_reward_fen), sum(merchant_receives_fen)
      from orders o where ${gone} and state = 'paid' group by 1, 2, 3, 4`.execute(tx)
    await raw`set local fapai.archiving = 'on'`.execute(tx)
    // Lines of a later day's statement stay.
    await raw`delete from statement_lines o where ${gone} and statement_date <= ${date}::date`.execute(tx)
    for (const table of OF_ORDER) await raw`delete from ${raw.table(table)} o where ${gone}`.execute(tx)
  })
}
