import { sql as raw } from 'kysely'
import type { Sql, Statement } from '../open-sql'

/**
 * What was sent and answered of orders, once their day is over: many orders' in one row, which PostgreSQL compresses, as each alone is too
 * short for; an eighth of what it was, and the same to the letter, which the books' chain holds. With it what the order's key stands for.
 */

/** Of each order once, packed or not; `reply` as text; its key where that is packed. For whoever reads all of them: it unpacks everything there is. */
export const PAPERS = `(
  select order_no, request, sent_at, reply::text as reply, replied_at, null as key, null as input_hash from channel_requests
  union all
  select order_no, request, sent_at, reply, replied_at, key, input_hash from packed_papers)`

/** SQL for the answer to one order, `reply` and `replied_at`, by the one pack it may be in. */
export const papersOf = (orderNo: string) => raw`
  select reply, replied_at from channel_requests where order_no = ${orderNo}
  union all
  select json_or_null(p.reply), p.replied_at from orders o
  join packed_papers p on p.business_date = o.business_date and p.first_no <= o.order_no and p.last_no >= o.order_no and p.order_no = o.order_no
  where o.order_no = ${orderNo}`

/** Twice as many save 1 % more; to read one, all of its pack are unpacked. */
const PACK = 128
/** Well under a second of it. */
const LOOKED_AT = 40 * PACK

/**
 * $1 after which number, $2 of days before which date, $3 how many are looked at. Of orders that have ended and are in the chain by then:
 * nothing is written of what is packed any more. Another process may be at the same. A key is packed beside them where it is the order's one and
 * its payer's, and what it stands for a hash as ours are; it stays where it was until it is pruned (prune-keys.ts), or goes at once where those
 * of its time are.
 */
const PACKED: Statement = {
  name: 'pack-papers',
  text: `
    with stretch as materialized (
      select order_no from channel_requests where order_no > $1::text order by order_no limit $3::integer
    ), due as materialized (
      select s.order_no, o.business_date, o.payer_id from stretch s join orders o using (order_no)
      where o.business_date < $2::date and o.state <> 'paying' and exists (
        select from order_events e where e.order_no = s.order_no and e.kind in ('paid', 'closed')
          and e.event_id <= (select coalesce(max(last_event), 0) from ledger_links))
    ), gone as (
      delete from channel_requests q using due where q.order_no = due.order_no
      returning q.order_no, due.business_date, due.payer_id, q.request::text as request, q.sent_at, q.reply::text as reply, q.replied_at
    ), keyed as materialized (
      select g.*, k.key, k.input_hash from gone g left join lateral (
        select min(k.key) as key, decode(min(k.input_hash), 'hex') as input_hash from idempotency_keys k
        where k.payer_id = g.payer_id and k.order_no = g.order_no
        having count(*) = 1 and min(k.input_hash) ~ '^[0-9a-f]{64}$'
      ) k on true
    ), outdated as (
      delete from idempotency_keys k using keyed p where k.payer_id = p.payer_id and k.key = p.key and k.order_no = p.order_no
        and p.sent_at < (select before_at from idempotency_keys_pruned)
    ), packed as (
      insert into order_papers (business_date, first_no, last_no, order_nos, requests, sent_at, replies, replied_at, keys, input_hashes)
      select business_date, min(order_no), max(order_no), array_agg(order_no order by order_no),
        array_agg(replace(request, order_no, chr(1)) order by order_no), array_agg(sent_at order by order_no),
        array_agg(replace(reply, order_no, chr(1)) order by order_no), array_agg(replied_at order by order_no),
        array_agg(key order by order_no), array_agg(input_hash order by order_no)
      from (select *, (row_number() over (partition by business_date order by order_no) - 1) / ${PACK} as nth from keyed) n
      group by business_date, nth
    )
    select (select max(order_no) from stretch) as last, (select count(*) from stretch) as looked, (select count(*) from gone) as packed`,
}

export interface Packed {
  orders: number
  /** where to go on; undefined: all has been looked at */
  next?: string
}

/** Packs a stretch of what was sent and answered of orders of days before `date`, from after a number on. */
export async function packPapers(sql: Sql, date: string, after = '', lookAt = LOOKED_AT): Promise<Packed> {
  const [done] = await sql.run<{ last: string | null; looked: number; packed: number }>(PACKED, [after, date, lookAt])
  const { last, looked, packed } = done!
  return { orders: packed, ...(looked === lookAt && { next: last! }) }
}
