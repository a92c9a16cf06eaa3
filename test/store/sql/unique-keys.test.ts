import { startOneSql, type TestSql } from '../../../harness/sql'
import type { Sql } from '../../../server/store/sql/open-sql'

/**
 * Of tables that grow with every order, a unique key holds what the table would be divided by: a number that begins with its business date,
 * or that date itself. Neither a partitioned nor a distributed table takes another key. Those that don't yet are named here with what would
 * take their place (docs/decisions/0083-divided-by-an-orders-number.md): a new one must not be added by mistake.
 */
const DIVIDED_BY: Record<string, string> = {
  ...{ orders: 'order_no', order_events: 'order_no', postings: 'order_no', channel_requests: 'order_no' },
  ...{
    deliveries: 'order_no',
    order_papers: 'business_date',
    order_books: 'business_date',
    statement_packs: 'numbered',
    refunds: 'refund_no',
    refund_events: 'refund_no',
  },
  ...{ payer_days: 'business_date', payer_cards: 'deck_date', decks: 'business_date' },
  ...{ day_totals: 'business_date', share_days: 'business_date', taken_cards: 'deck_date' },
}

const NOT_YET: Record<string, string> = {
  order_events_pkey: 'the number of the order and of the event; an index of the event’s alone, by which the chain goes',
  postings_pkey: 'the same, and a table of its own for corrections, which have no order',
  refund_events_pkey: 'as of orders',
  refunds_key: 'a table of merchants’ keys: each makes one refund, on whatever day',
  refunds_of_difference: 'the refund’s number at the difference',
  refunds_one_claw_back: 'the refund’s number at the order',
}

let engine: TestSql
let sql: Sql
beforeAll(async () => {
  engine = await startOneSql()
  sql = await engine.fresh()
})
afterAll(() => engine?.stop())

interface Key {
  table: string
  name: string
  columns: string[]
}

const isUndivided = ({ table, columns }: Key) => !columns.includes(DIVIDED_BY[table]!)

async function uniqueKeys(): Promise<Key[]> {
  const { rows } = await sql.pool.query(
    `select t.relname as table, i.relname as name,
       array(select a.attname::text from pg_attribute a where a.attrelid = t.oid and a.attnum = any(x.indkey)) as columns
     from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
     where x.indisunique and t.relnamespace = 'public'::regnamespace and t.relname = any($1)`,
    [Object.keys(DIVIDED_BY)],
  )
  return rows
}

it('every unique key of what grows with orders holds what it would be divided by, or is known not to', async () => {
  const keys = await uniqueKeys()
  expect([...new Set(keys.map(({ table }) => table))].sort()).toEqual(Object.keys(DIVIDED_BY).sort())
  const without = keys.filter(isUndivided)
  expect(without.map(({ name }) => name).sort()).toEqual(Object.keys(NOT_YET).sort())
})

it('a key without it is noticed', async () => {
  await sql.pool.query('create unique index another_key on order_events (kind, at)')
  const added = (await uniqueKeys()).filter(({ name }) => name === 'another_key')
  expect(added.map(isUndivided)).toEqual([true])
})
