/**
 * The bound that the division of orders puts on them beside who writes, before it divides (migrations/0098-orders-by-month.ts). Left behind it
 * would refuse every order of the month after next: so it says since when it is there, and nobody lets it stand for longer than dividing takes.
 */

/** Each of the three turns is tried for ten minutes at the most, ms. */
const LONGEST_MS = 60 * 60_000

/** SQL: one row where a bound is left behind, `before_no`, the first number that it refuses. One that says nothing is of a version before. */
export const LEFT_BEHIND = `
  select substring(pg_get_constraintdef(oid) from 'F[0-9]{8}') as before_no from pg_constraint
  where conrelid = to_regclass('orders') and conname = 'orders_before'
    and coalesce(substring(obj_description(oid, 'pg_constraint') from '^[0-9]{1,18}$')::bigint, 0)
      < extract(epoch from clock_timestamp()) * 1000 - ${LONGEST_MS}`

/** SQL: says of the bound since when it is there. */
export const SINCE_NOW = `
  do $$ begin
    execute format('comment on constraint orders_before on orders is %L', floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
  end $$`
