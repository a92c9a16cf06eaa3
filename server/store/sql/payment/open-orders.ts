/**
 * Orders that are open, found by the list of them that a trigger keeps (migrations/0104-open-orders.ts): `orders` has no index of what an
 * ending changes. The list says where to look, and the order how it stands. Each order is looked up by itself (`offset 0` keeps it so):
 * few are open, and what PostgreSQL believes of a table whose rows come and go with each payment is no reason to read all orders.
 */

/** SQL to select from, `as o`: orders that are `paying`, all columns. */
export const PAYING_ORDERS = `(
    select o.* from open_orders p
    cross join lateral (select * from orders where order_no = p.order_no and state = 'paying' offset 0) o
    where p.next_query_at is not null
  )`

/**
 * Of due rows of the list so many times as many are looked at as are claimed: those before them may be somebody else's by now. What is
 * claimed moves away, so the rest comes with the next claim.
 */
const LOOKED_AT = 10

/**
 * SQL for the numbers of orders to claim, the longest due first, as far as nobody else is at them. `due`: what holds of a row of the list,
 * and of the order once that is locked: what another claimer or an ending made of it meanwhile is seen there alone. `at`: by which
 * column it is due, which only an order has that is open in that way. Rows are locked one by one, so no more than are claimed.
 */
export const claimable = ({ due, at, limit }: Record<'due' | 'at' | 'limit', string>) => `
      select o.order_no from (
        select order_no from open_orders where ${due} order by ${at} limit ${LOOKED_AT} * ${limit}
      ) p
      cross join lateral (
        select order_no from orders where order_no = p.order_no and ${due} for update skip locked
      ) o
      limit ${limit}`
