import { CompiledQuery } from 'kysely'
import type { TakenOut } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import { ORDER_LINE, orderNoIn, PAYER_DAY_LINE, payerDayIn, STAYS } from './lines'

/** Lines of a day's file beside their rows, and the rows that go. */

/** Each is looked up by its key, whatever the planner thinks of a day: `offset 0` keeps it from reading all of one. */
const rowOf = (of: string, where: string) => `cross join lateral (select x.* from ${of} x where ${where} offset 0)`

/** $1 payers, $2 channels, $3 lines, $4 date. */
const SAME_PAYER_DAYS = `
  from unnest($1::text[], $2::text[], $3::text[]) t(payer_id, channel, line)
  ${rowOf('payer_days', 'x.payer_id = t.payer_id and x.channel = t.channel and x.business_date = $4::date')} d
  where t.line = ${PAYER_DAY_LINE}`

/** $1 numbers, $2 lines, $3 date. */
const SAME_ORDERS = `
  from unnest($1::text[], $2::text[]) t(order_no, line) ${rowOf('orders', 'x.order_no = t.order_no')} o
  where o.business_date = $3::date and t.line = ${ORDER_LINE}`

/**
 * Before anything is looked at: a refund that is being opened holds its order's row, and is seen by the next statement; one that comes after
 * waits, and finds no order.
 */
const LOCK = 'select from orders where order_no = any($1::text[]) order by order_no for update'

/**
 * Lines of a statement of a later day stay as well: that day isn't archived, and the audit looks at all of it. Their date is no column to
 * PostgreSQL, which knows of no line of a day that was packed until now, and would look for each among all lines of its channel. What is counted of orders
 * goes on counting them: of a payer's savings as in payer-sums.ts, of a merchant's day as in merchant-day.ts.
 */
const TAKE_OUT = `
  with due as materialized (
    select o.order_no, o.payer_id, o.channel ${SAME_ORDERS} and (${STAYS}) is null
  ), events as (
    delete from order_events x using due where x.order_no = due.order_no
  ), posted as (
    delete from postings x using due where x.order_no = due.order_no
  ), keyed as (
    delete from idempotency_keys x using due where x.payer_id = due.payer_id and x.order_no = due.order_no
  ), delivered as (
    delete from deliveries x using due where x.order_no = due.order_no
  ), stated as (
    delete from statement_lines x using due
    where x.order_no = due.order_no and x.channel = due.channel and (x.statement_date + 0) <= $3::date
  ), gone as (
    delete from orders x using due where x.order_no = due.order_no
    returning x.payer_id, x.merchant_code, x.business_date, x.channel, x.merchant_account, x.state, x.amount_fen,
      x.payer_discount_fen, x.merchant_reward_fen, x.merchant_receives_fen
  ), saved as (
    insert into archived_savings as s (payer_id, orders, saved_fen)
    select payer_id, count(*), sum(payer_discount_fen) from gone where state = 'paid' and payer_discount_fen > 0 group by 1
    on conflict (payer_id) do update set orders = s.orders + excluded.orders, saved_fen = s.saved_fen + excluded.saved_fen
  ), summed as (
    insert into archived_merchant_days as s
      (merchant_code, business_date, channel, merchant_account, orders, amount_fen, rewards, reward_fen, credited_fen)
    select merchant_code, business_date, channel, merchant_account, count(*), sum(amount_fen),
      count(*) filter (where merchant_reward_fen > 0), sum(merchant_reward_fen), sum(merchant_receives_fen)
    from gone where state = 'paid' group by 1, 2, 3, 4
    on conflict (merchant_code, business_date, channel, merchant_account) do update set
      orders = s.orders + excluded.orders, amount_fen = s.amount_fen + excluded.amount_fen, rewards = s.rewards + excluded.rewards,
      reward_fen = s.reward_fen + excluded.reward_fen, credited_fen = s.credited_fen + excluded.credited_fen
  )
  select (select count(*) from gone) as n`

const TAKE_PAYER_DAYS = `
  with due as materialized (select d.payer_id, d.channel ${SAME_PAYER_DAYS}), gone as (
    delete from payer_days x using due
    where x.payer_id = due.payer_id and x.channel = due.channel and x.business_date = $4::date returning true
  )
  select (select count(*) from gone) as n`

/** Lines with the keys of their rows. PostgreSQL's text has no NUL, so a line with one is nobody's. */
function sorted(all: readonly string[]) {
  const orders = { numbers: [] as string[], lines: [] as string[] }
  const payerDays = { payers: [] as string[], channels: [] as string[], lines: [] as string[] }
  for (const line of all) {
    if (line.includes('\0')) continue
    const number = orderNoIn(line)
    if (number !== undefined) {
      orders.numbers.push(number)
      orders.lines.push(line)
      continue
    }
    const key = payerDayIn(line)
    if (!key) continue
    payerDays.payers.push(key.payer_id)
    payerDays.channels.push(key.channel)
    payerDays.lines.push(line)
  }
  return { orders, payerDays }
}

/** How many of these lines are what their rows would be written as now. */
export async function sameAsRows(sql: Sql, date: string, all: readonly string[]): Promise<number> {
  const { orders, payerDays } = sorted(all)
  const count = async (of: 'orders' | 'payer-days', from: string, values: unknown[]) => {
    const statement = { name: `archive-same-${of}`, text: `select count(*) as n ${from}`, replan: true as const }
    return (await sql.run<{ n: number }>(statement, values))[0]!.n
  }
  const same = orders.lines.length > 0 ? await count('orders', SAME_ORDERS, [orders.numbers, orders.lines, date]) : 0
  const { payers, channels, lines } = payerDays
  return same + (lines.length > 0 ? await count('payer-days', SAME_PAYER_DAYS, [payers, channels, lines, date]) : 0)
}

/** In a transaction of its own; only who owns the tables may. */
export function takeOutRows(sql: Sql, date: string, all: readonly string[]): Promise<TakenOut> {
  const { orders, payerDays } = sorted(all)
  return sql.transaction(async (tx) => {
    const run = async (text: string, values: unknown[] = []) =>
      (await tx.executeQuery<{ n: number }>(CompiledQuery.raw(text, values))).rows[0]?.n ?? 0
    await run(`set local fapai.archiving = 'on'`)
    // Nobody packs meanwhile what is looked at here.
    await run('lock table order_books, statement_packs in share row exclusive mode')
    const taken = { orders: 0, payerDays: 0 }
    if (orders.lines.length > 0) {
      await run(LOCK, [orders.numbers])
      taken.orders = await run(TAKE_OUT, [orders.numbers, orders.lines, date])
    }
    const { payers, channels, lines } = payerDays
    if (lines.length > 0) taken.payerDays = await run(TAKE_PAYER_DAYS, [payers, channels, lines, date])
    return taken
  })
}
