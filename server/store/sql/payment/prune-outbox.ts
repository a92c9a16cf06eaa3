import { CompiledQuery, type Kysely } from 'kysely'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'
import { paidOrders, paidReach } from './paid'

export type PruneResult =
  | { kind: 'pruned'; rows: number; more: boolean }
  /** rows that should have been there are missing: the audit says whose, and pruning would hide it for ever */
  | { kind: 'rows-missing'; expected: number; found: number }

/** Orders and refunds of a transaction: well under a second of it, for as long as which feeds wait (outbox-feed.ts). */
const EVENTS = 10_000

const FIRST = 'insert into outbox_pruned (before_at) values (0) on conflict do nothing'
/** One row, locked until the transaction ends: one prunes at a time. */
const LOCK = 'select before_at as "beforeAt" from outbox_pruned for update'

/** Everything that the feed tells: from, and before when it ended. */
const told = (from: string, to: string) => `
  select o.order_no, o.merchant_code, o.at from ${paidOrders({ from, to })} o
  union all
  select r.order_no, r.merchant_code, r.ended_at from refunds r
  where r.state = 'refunded' and r.ended_at >= ${from} and r.ended_at < ${to}`

/** $1 from, $2 before when, $3 how many. What ended before `reach` was looked at. */
const STRETCH = `
  with reach as materialized (select ${paidReach({ from: '$1::bigint', to: '$2::bigint', limit: '$3::integer' })} as reach)
  select count(*) as count, max(at) + 1 as end, (select reach from reach) as reach
  from (select at from (${told('$1::bigint', '(select reach from reach)')}) t order by at limit $3::integer) e`

/** Rows that a merchant may have before those that go: of transactions that began earlier and ended later. */
const BESIDE = 16

/**
 * An order's rows are alike, so of each as many of the oldest go as there was to tell of it. $3: so many more of a merchant's oldest are looked
 * through; null: all, of which a merchant has a month's. Asked for in the order of the one index that has merchants, not of the one by position alone.
 */
const DELETE = `
  with told as materialized (
    select order_no, merchant_code, count(*) as count from (${told('$1::bigint', '$2::bigint')}) t group by order_no, merchant_code
  ), oldest as materialized (
    select b.id, b.xid, b.order_no, merchant_code
    from (select merchant_code, sum(count)::bigint as count from told group by merchant_code) m
    cross join lateral (
      select id, xid, order_no from outbox where merchant_code >= m.merchant_code and merchant_code <= m.merchant_code
      order by outbox.merchant_code, xid, id limit m.count + $3::bigint
    ) b
  ), gone as (
    delete from outbox where id = any (array(
      select id from (
        select id, max(count) over (partition by order_no, merchant_code) as count,
          row_number() over (partition by order_no, merchant_code order by xid, id) as nth
        from (
          select order_no, merchant_code, count, null::xid8 as xid, null::bigint as id from told
          union all
          select order_no, merchant_code, 0, xid, id from oldest
        ) b
      ) b where id is not null and nth <= count
    )) returning 1
  )
  select (select coalesce(sum(count), 0)::bigint from told) as expected, (select count(*) from gone) as found`

/**
 * Deletes the outbox rows of what ended before `beforeAt`, ms, and remembers up to when, so that the audit knows; a stretch of it
 * in a transaction of its own. Call again while there is `more`. Nothing changes when a row is missing that nobody pruned.
 */
export async function pruneOutbox(sql: Sql, beforeAt: number, events = EVENTS): Promise<PruneResult> {
  try {
    return await sql.transaction((tx) => pruneStretch(tx, beforeAt, events))
  } catch (error) {
    if (error instanceof RowsMissing) return error.result
    throw error
  }
}

class RowsMissing extends Error {
  constructor(readonly result: Extract<PruneResult, { kind: 'rows-missing' }>) {
    super(result.kind)
  }
}

async function pruneStretch(tx: Kysely<Tables>, beforeAt: number, events: number): Promise<PruneResult> {
  const rows = async <Row>(text: string, values: unknown[] = []) =>
    (await tx.executeQuery<Row>(CompiledQuery.raw(text, values))).rows
  await rows(FIRST)
  const [from] = await rows<{ beforeAt: number }>(LOCK)
  if (from!.beforeAt >= beforeAt) return { kind: 'pruned', rows: 0, more: false }
  const [stretch] = await rows<{ count: number; end: number | null; reach: number }>(STRETCH, [
    from!.beforeAt,
    beforeAt,
    events,
  ])
  const to = stretch!.count === events ? stretch!.end! : stretch!.reach
  const more = to < beforeAt
  const gone = async (beside: number | null) =>
    (await rows<{ expected: number; found: number }>(DELETE, [from!.beforeAt, to, beside]))[0]!
  await rows('savepoint told')
  let done = await gone(BESIDE)
  if (done.found !== done.expected) {
    await rows('rollback to told')
    done = await gone(null)
  }
  if (done.found !== done.expected) throw new RowsMissing({ kind: 'rows-missing', ...done })
  await rows('update outbox_pruned set before_at = $1', [to])
  return { kind: 'pruned', rows: done.found, more }
}
