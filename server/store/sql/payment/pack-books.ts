import { sql as raw } from 'kysely'
import { DatabaseError } from 'pg'
import type { Sql, Statement } from '../open-sql'
import type { Packed } from './pack-papers'

/**
 * Events of orders and the postings of orders themselves, once their day is sealed: many orders' in one row (`order_books`), a fifth of what
 * they were, and the same to the letter, which the books' chain holds. Postings of refunds and corrections, and what is written of a packed
 * order later, are rows as ever. A payment reads neither.
 */

/** Of each event once, packed or not. For whoever reads all of them: it unpacks everything there is. */
export const EVENTS = `(
  select event_id, order_no, kind, verb, outcome, raw, conflict, at from order_events
  union all
  select event_id, order_no, kind, verb, outcome, raw, conflict, at from packed_events)`

/** And of each posting. */
export const POSTINGS = `(
  select posting_id, order_no, refund_no, correction_id, account, role, amount_fen, posted_at from postings
  union all
  select posting_id, order_no, null, null, account, role, amount_fen, posted_at from packed_postings)`

const packOf = (view: string, orderNo: string) => raw`
  orders o join ${raw.ref(view)} p
    on p.business_date = o.business_date and p.first_no <= o.order_no and p.last_no >= o.order_no and p.order_no = o.order_no
  where o.order_no = ${orderNo}`

/** SQL for the events of one order, by the one pack they may be in. */
export const eventsOf = (orderNo: string) => raw`(
  select event_id, kind, verb, outcome, raw, conflict, at from order_events where order_no = ${orderNo}
  union all
  select p.event_id, p.kind, p.verb, p.outcome, p.raw, p.conflict, p.at from ${packOf('packed_events', orderNo)})`

/** And for its postings. */
export const postingsOfOrder = (orderNo: string) => raw`(
  select posting_id, refund_no, correction_id, account, role, amount_fen from postings where order_no = ${orderNo}
  union all
  select p.posting_id, null, null, p.account, p.role, p.amount_fen from ${packOf('packed_postings', orderNo)})`

/** Orders that are looked at: well under a second of it. */
const LOOKED_AT = 20 * 128

const PACKED: Statement = { name: 'pack-books', text: 'select * from pack_books($1::text, $2::integer)', replan: true }

const NO_RIGHT = '42501'

/** Our role wasn't given the function; the message is a sentence for people. */
export class PackingNotGranted extends Error {
  override name = 'PackingNotGranted'
  constructor(what: string, cause: unknown) {
    super(
      `the role of our DATABASE_URL may not pack ${what}: run “fapai migrate --grant” with it (docs/OPERATIONS.md#upgrade-and-back)`,
      { cause },
    )
  }
}

/**
 * Packs of a stretch of orders, from after a number on, what has ended, is of a sealed day, chained, and whose papers are packed.
 * @throws PackingNotGranted
 */
export async function packBooks(sql: Sql, after = '', lookAt = LOOKED_AT): Promise<Packed> {
  const { packed, ...more } = await askedToPack(sql, PACKED, 'events and postings', after, lookAt)
  return { orders: packed, ...more }
}

/** Asks a function of the owner's that packs `what` of so many orders after a number. @throws PackingNotGranted */
export async function askedToPack(sql: Sql, statement: Statement, what: string, after: string, lookAt: number) {
  const [done] = await sql
    .run<{ last: string | null; looked: number; packed: number }>(statement, [after, lookAt])
    .catch((error) => {
      throw error instanceof DatabaseError && error.code === NO_RIGHT ? new PackingNotGranted(what, error) : error
    })
  const { last, looked, packed } = done!
  return { packed, ...(looked === lookAt && { next: last! }) }
}
