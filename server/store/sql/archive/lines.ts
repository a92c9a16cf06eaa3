import type { PoolClient } from 'pg'
import { LATE_DAYS, type Staying } from '../../../flow/ports'
import { translated } from '../errors'
import type { Sql } from '../open-sql'

/**
 * What a day's file says of an order `o`, a row of orders, and of a payer's day `d`; which orders go; and the lines of a day. Everything is
 * made into text by PostgreSQL, twice: when it is written and when it is held against the rows, so that what is the same is the same to the letter.
 */

const rows = (of: string, where: string, by: string) =>
  `coalesce((select string_agg(row_to_json(x)::text, ',' order by ${by}) from ${of} x where ${where}), '')`

/** From where it came is kept for a while and no longer (`TRACE_RETENTION_DAYS`). A name in quotes is no part of a value, whose own are escaped. */
const untraced = (row: string) =>
  ['address_hash', 'device_hash'].reduce(
    (text, name) => `replace(${text}, '"${name}":"' || coalesce(o.${name}, '') || '"', '"${name}":null')`,
    row,
  )

export const ORDER_LINE = `
  '{"kind":"order","order":' || ${untraced('row_to_json(o)::text')}
  || ',"events":[' || ${rows('order_events', 'x.order_no = o.order_no', 'x.event_id')}
  || '],"postings":[' || ${rows('postings', 'x.order_no = o.order_no', 'x.posting_id')}
  || '],"keys":[' || ${rows('idempotency_keys', 'x.payer_id = o.payer_id and x.order_no = o.order_no', 'x.key')}
  || '],"delivery":' || coalesce((select row_to_json(x)::text from deliveries x where x.order_no = o.order_no), 'null')
  || ',"lines":[' || ${rows('statement_lines', 'x.order_no = o.order_no and x.channel = o.channel', 'x.statement_date, x.line_no')}
  || ']}'`

export const PAYER_DAY_LINE = `'{"kind":"payer-day","row":' || row_to_json(d)::text || '}'`

/** The number in an order's line, which is the first of its columns; nothing in anything else. */
export const orderNoIn = (line: string): string | undefined =>
  /^\{"kind":"order","order":\{"order_no":"([^"\\]+)"/.exec(line)?.[1]

/** The key in a payer's day's line. What is read here only finds the row: the line itself is compared as text. */
export function payerDayIn(line: string): { payer_id: string; channel: string } | undefined {
  try {
    const { payer_id, channel } = JSON.parse(line).row
    return typeof payer_id === 'string' && typeof channel === 'string' && !payer_id.includes('\0')
      ? { payer_id, channel }
      : undefined
  } catch {
    return undefined
  }
}

const SEALED = (date: string) => `coalesce((select last_event from ledger_links where business_date = ${date}), 0)`

const because = (why: Staying, when: string) => `when ${when} then '${why}'`
const exists = (from: string) => `exists (select from ${from})`

/** What waits for somebody's word, or for its time. */
const WAITING = `c.state in ('open', 'approved')`

/**
 * A hold that took effect, until its last date, unless its suspicion has given all of its own up since. By what was decided and not by `discount_holds`,
 * which tells of two suspicions that hold the same one alone.
 */
const STANDS = `c.kind = 'farming.hold' and c.state = 'applied' and c.after ->> 'until' >= to_char(now() at time zone 'Asia/Shanghai', 'YYYY-MM-DD')
    and not exists (
      select from change_requests g where g.kind = c.kind and g.subject = c.subject and g.state = 'applied'
        and g.after ->> 'until' is null and g.effective_at > c.effective_at)`

/** SQL: the orders that are named in what is asked for, or stands, about a suspicion: whose rewards go back, whose payers get no more discounts. */
const named = (when: string) => `
  select e.named #>> '{}' from change_requests c
  cross join lateral (select jsonb_path_query(c.after, '$.orders[*].orderNo') union all select jsonb_path_query(c.after, '$.payersOf[*]')) e(named)
  where c.kind in ('farming.claw-back', 'farming.hold') and ${when}`

const subjects = (when: string) =>
  `'suspicion/' || s.suspicion_id in (select c.subject from change_requests c where ${when})`

/** SQL: it was paid with a card of a day that such a suspicion is about. */
const suspicion = (which: string) => `
  suspicions s join suspicion_days d using (suspicion_id)
  where o.state = 'paid' and s.campaign_id = o.campaign_id and s.merchant_code = o.merchant_code and d.business_date = o.deck_date
    and (${which})`

/** Of which nobody has decided yet, or somebody is to decide anew. */
const SUSPECTED = suspicion(`s.decision is null or ${subjects(WAITING)}`)

/** By whose orders it is seen what is held back, and why; who gives it up, or claws back what was paid, looks at them. */
const HELD = suspicion(subjects(STANDS))

/** SQL: why `o` stays; null: it goes. What can be mended by waiting is an obstacle of its day before (obstacles.ts). */
export const STAYS = `case
  ${because('another-number', `not starts_with(o.order_no, 'F' || to_char(o.business_date, 'YYYYMMDD') || '-')`)}
  ${because('unfinished', `o.state = 'paying' or o.slot_return_at is not null`)}
  ${because('refunded', exists('refunds x where x.order_no = o.order_no'))}
  ${because('difference', exists('differences x where x.order_no = o.order_no'))}
  ${because('correction', exists('postings x where x.order_no = o.order_no and (x.correction_id is not null or x.refund_no is not null)'))}
  ${because('conflict', exists('order_events x where x.order_no = o.order_no and x.conflict is not null'))}
  ${because('delivery', exists(`deliveries x where x.order_no = o.order_no and x.state = 'due'`))}
  ${because('asked-about', `'order/' || o.order_no in (select c.subject from change_requests c where ${WAITING}) or o.order_no in (${named(WAITING)})`)}
  ${because('suspected', exists(SUSPECTED))}
  ${because('held', `${exists(HELD)} or o.order_no in (${named(STANDS)})`)}
  ${because('no-line', exists(`order_events x where x.order_no = o.order_no and strpos(x.raw::text, chr(10)) > 0`))}
  ${because('unpacked', exists('channel_requests x where x.order_no = o.order_no'))}
  ${because('in-books', `not ${exists(`order_events x where x.order_no = o.order_no and x.kind = 'opened'`)}`)}
  ${because(
    'unchained',
    `${exists(`order_events x where x.order_no = o.order_no and x.event_id > (select coalesce(max(last_event), 0) from ledger_links)`)}
      or ${exists(`postings x where x.order_no = o.order_no and x.posting_id > (select coalesce(max(last_posting), 0) from ledger_links)`)}`,
  )}
  ${because('late', exists(`order_events x where x.order_no = o.order_no and x.event_id > (${SEALED(`o.business_date + ${LATE_DAYS}`)})`))}
end`

/** As of one moment. $1 date, $2 and $3 between which two numbers those of its date are, in whatever collation. */
const ORDERS = `
  select ${ORDER_LINE} as line from orders o
  where o.order_no >= $2::text and o.order_no < $3::text and o.business_date = $1::date and (${STAYS}) is null
  order by o.order_no`
const PAYER_DAYS = `
  select ${PAYER_DAY_LINE} as line from payer_days d where d.business_date = $1::date order by d.payer_id, d.channel`

/** A megabyte of them. */
const FETCH = 500

/** `F20261121` → before and after all numbers of the date. */
function numbersOf(date: string, dayAfter: string): [string, string] {
  return [`F${date.replaceAll('-', '')}`, `F${dayAfter.replaceAll('-', '')}`]
}

/** Packs of a transaction: well under a second of it. */
const LAID_OUT = 20

/** What of a day's events, postings and lines is packed is rows again: an order whose aren't would stay, or its lines would. */
export async function layOut(sql: Sql, date: string): Promise<void> {
  const lines = { name: 'unpack-lines', text: 'select unpack_lines($1::text, $2::integer) as n' }
  while ((await sql.run<{ n: number }>(lines, [numbersOf(date, date)[0], LAID_OUT]))[0]!.n > 0);
  const text = 'select unpack_books($1::date, $2::integer) as n'
  while ((await sql.run<{ n: number }>({ name: 'unpack-books', text }, [date, LAID_OUT]))[0]!.n > 0);
}

/** The lines of a day; whoever stops reading ends the transaction. */
export async function* linesOf(sql: Sql, date: string, dayAfter: string): AsyncGenerator<string[]> {
  const client = await sql.pool.connect().catch((error) => {
    throw translated(error)
  })
  let failed = true
  try {
    await client.query('begin isolation level repeatable read read only')
    yield* fetched(client, 'archive_orders', ORDERS, [date, ...numbersOf(date, dayAfter)])
    yield* fetched(client, 'archive_payer_days', PAYER_DAYS, [date])
    await client.query('commit')
    failed = false
  } catch (error) {
    throw translated(error)
  } finally {
    // A transaction that wasn't read to its end is the connection's, and goes with it.
    client.release(failed)
  }
}

async function* fetched(client: PoolClient, name: string, text: string, values: string[]): AsyncGenerator<string[]> {
  await client.query(`declare ${name} cursor for ${inlined(text, values)}`)
  for (let full = true; full; ) {
    const { rows } = await client.query<{ line: string }>(`fetch ${FETCH} from ${name}`)
    full = rows.length === FETCH
    if (rows.length > 0) yield rows.map(({ line }) => line)
  }
}

/** A cursor takes no values apart. Dates and numbers of dates alone are put in. */
function inlined(text: string, values: readonly string[]): string {
  return values.reduce((said, value, nth) => {
    if (!/^[F\d-]+$/.test(value)) throw new Error(`not a date: ${value}`)
    return said.replaceAll(`$${nth + 1}`, `'${value}'`)
  }, text)
}
