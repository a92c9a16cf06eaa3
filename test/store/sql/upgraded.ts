import { migrations } from '../../../server/store/sql/migrations'
import type { Sql } from '../../../server/store/sql/open-sql'
import type { Step } from '../../../server/store/sql/step'
import { newOrder } from './payment/ledger-orders'

/** Ledgers of versions before, in the middle of their upgrade to this one. */

export const CONTRACTS = Object.keys(migrations).filter((name) => migrations[name]!.contracts)
export const isOfBefore = ([name]: [string, Step]) => name < '0096' && !CONTRACTS.includes(name)

/** Makes it what a version left that knows the steps `isTaken`. */
export async function leftBy(isTaken: (step: [string, Step]) => boolean, sql: Sql): Promise<Sql> {
  await sql.pool.query('drop schema public cascade; create schema public')
  await sql.migrate({ steps: Object.fromEntries(Object.entries(migrations).filter(isTaken)) })
  await opensHere(sql)
  return sql
}

/** Lets this version open orders as one before did, which asked nothing of what came with 0117: a test has no other who does. */
export const opensHere = ({ pool }: Sql) =>
  pool.query(
    `create or replace function asked_before(payer text, asked_key text, nonce text) returns boolean language sql as 'select false'`,
  )

/** All is done of the upgrade but its end. */
export async function leftUnfinished(sql: Sql): Promise<Sql> {
  await leftBy(isOfBefore, sql)
  expect(await sql.migrate()).toEqual(CONTRACTS)
  return sql
}

/** `202703`: so many months from this one on, by the database's clock. */
export async function monthIn(months: number, { pool }: Sql): Promise<string> {
  const text = `select to_char(now() at time zone 'Asia/Shanghai' + interval '${months} months', 'YYYYMM') as month`
  return (await pool.query<{ month: string }>(text)).rows[0]!.month
}

/** An order numbered in that month, `202703`. */
export function orderOf(month: string) {
  const order = newOrder()
  return { ...order, orderNo: order.orderNo.replace(/^F\d{6}/, `F${month}`) }
}
