import { CompiledQuery } from 'kysely'
import { businessDate } from '../../../domain/business-date'
import type { Sql } from '../open-sql'

/**
 * Keys whose time is over go from `idempotency_keys`, where they are packed with the papers of their orders (pack-papers.ts): by the packs of
 * the dates in question, since no index tells an order's key. What isn't packed stays, and so does what isn't as it was packed.
 */

export interface PrunedKeys {
  keys: number
  /** where to go on; undefined: all has been looked at */
  next?: PackAt
}

/** A pack, by its date and the first of its numbers. */
export interface PackAt {
  date: string
  firstNo: string
}

/** Of a transaction: well under a second of it. */
const PACKS = 40

/** Before anything goes, so that the audit misses nothing; one prunes at a time, and nobody before the schema says so (0101-keys-and-days-go.ts). */
const TELL = `
  update idempotency_keys_pruned set before_at = greatest(before_at, $1::bigint)
  returning before_date::text as "beforeDate"`

/** $1 and $2 after which pack, $3 up to which date, $4 opened before when, ms, $5 how many packs. */
const PRUNE = `
  with stretch as materialized (
    select business_date, first_no, order_nos, sent_at, keys, input_hashes from order_papers
    where (business_date, first_no) > ($1::date, $2::text) and business_date <= $3::date
    order by business_date, first_no limit $5::integer
  ), due as materialized (
    select o.order_no, o.payer_id, x.key, encode(x.input_hash, 'hex') as input_hash from stretch s
    cross join lateral unnest(s.order_nos, s.sent_at, s.keys, s.input_hashes) x(order_no, sent_at, key, input_hash)
    join orders o on o.order_no = x.order_no
    where s.keys is not null and x.key is not null and x.sent_at < $4::bigint
  ), gone as (
    delete from idempotency_keys k using due
    where (k.payer_id, k.key) = (due.payer_id, due.key) and (k.order_no, k.input_hash) = (due.order_no, due.input_hash)
    returning true
  )
  select (select count(*) from gone) as keys, (select count(*) from stretch) as packs,
    (select business_date::text from stretch order by business_date desc, first_no desc limit 1) as date,
    (select first_no from stretch order by business_date desc, first_no desc limit 1) as "firstNo"`

const DONE = 'update idempotency_keys_pruned set before_date = greatest(before_date, $1::date)'

/**
 * Deletes packed keys of orders that were opened before `beforeAt`, ms; a stretch of them in a transaction of its own, after which the next
 * begins `after` it. Dates of which all are gone aren't looked at again: what is packed of them later goes with its packing. One that is
 * packed by another process at this very moment may stay, which costs its bytes and nothing else.
 */
export function pruneKeys(sql: Sql, beforeAt: number, after?: PackAt, packs = PACKS): Promise<PrunedKeys> {
  return sql.transaction(async (tx) => {
    const rows = async <Row>(text: string, values: unknown[]) =>
      (await tx.executeQuery<Row>(CompiledQuery.raw(text, values))).rows
    const [horizon] = await rows<{ beforeDate: string }>(TELL, [beforeAt])
    if (!horizon) return { keys: 0 }
    const from = after ?? { date: horizon.beforeDate, firstNo: '' }
    const upTo = businessDate(beforeAt)
    const found = await rows<{ keys: number; packs: number } & PackAt>(PRUNE, [
      ...[from.date, from.firstNo, upTo],
      ...[beforeAt, packs],
    ])
    const { keys, packs: looked, date, firstNo } = found[0]!
    if (looked === packs) return { keys, next: { date, firstNo } }
    await rows(DONE, [upTo])
    return { keys }
  })
}
