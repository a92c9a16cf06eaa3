import { randomBytes } from 'node:crypto'
import { startOwnPostgres } from '../harness/sql'
import { addDays, businessDate } from '../server/domain/business-date'
import { masterKeys } from '../server/domain/key-ring'
import type { Sql } from '../server/store/sql/open-sql'
import { tell } from './figure'
import { fillDay, layFilled, ordersADay } from './growth-days'
import { KEPT, night } from './growth-night'
import { LONG, payInEarnest } from './growth-pattern'
import { bytesOf, grown, printSizes, type Size, sizesOf } from './growth-tables'
import { OF_SOME_SIZE } from './world'

/**
 * `npx tsx bench/growth.ts [orders] [paid]`: what an order costs on the disk. So many are paid in earnest by the whole house, and are then the
 * pattern of all others, which are opened and ended in turns, day by day; after each day come the jobs of the night and VACUUM.
 */

const ORDERS = 500_000
const PAID = 2_000
const DAYS = 10
const A_YEAR = 10_000_000 * 365
/** Of what is measured of a table after {@link DAYS} so much is there after a year. */
const LEFT: Record<string, number> = {
  outbox: KEPT.outbox / 365,
  payer_cards: DAYS / 365,
  payer_days: DAYS / 365,
  idempotency_keys: DAYS / 365,
}

function printYear(all: readonly Size[], orders: number): void {
  const left = all.reduce((sum, row) => sum + bytesOf(row) * (LEFT[row.name] ?? 1), 0) / orders
  console.log(`\na year at 10 million a day: ${((left * A_YEAR) / 1e12).toFixed(1)} TB`)
}

async function indexes({ pool }: Sql, orders: number): Promise<void> {
  const { rows } = await pool.query<{ name: string; bytes: number }>(`
    select i.indexrelid::regclass::text as name, pg_relation_size(i.indexrelid)::bigint as bytes from pg_index i
    join pg_class c on c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace order by 2 desc`)
  const said = rows.filter((one) => one.bytes >= orders)
  console.log(
    `\nindexes, bytes an order: ${said.map((one) => `${one.name} ${Math.round(one.bytes / orders)}`).join(', ')}`,
  )
}

async function main(): Promise<void> {
  const [orders, paid] = [Number(process.argv[2] ?? ORDERS), Number(process.argv[3] ?? PAID)]
  const like = await payInEarnest(paid)
  printSizes(
    `${paid} orders, paid in earnest, as they lie on their day`,
    like.sizes.filter((size) => size.updates + size.rows > 0),
    paid,
  )
  const engine = await startOwnPostgres(OF_SOME_SIZE)
  try {
    const sql = await engine.fresh(LONG)
    const first = addDays(businessDate(Date.now()), -DAYS)
    const terms = {
      masters: masterKeys(randomBytes(32)),
      first,
      last: addDays(first, DAYS),
      ordersADay: ordersADay(orders, DAYS),
    }
    const filled = await layFilled(sql, like.rows, terms)
    const empty = await sizesOf(sql)
    for (let day = 0; day < DAYS; day++) {
      await fillDay(sql, filled, addDays(first, day))
      if (day === 0) printSizes('a first day, before its night', grown(await sizesOf(sql), empty), filled.ordersADay)
      await night(sql, filled, addDays(first, day))
      console.error(`bench: day ${day + 1} of ${DAYS}`)
    }
    const all = filled.ordersADay * DAYS
    const after = grown(await sizesOf(sql), empty)
    printSizes(`${all} orders of ${DAYS} days, after the last one's night`, after, all)
    printYear(after, all)
    tell({ name: 'an order, its day over', unit: 'B', value: after.reduce((sum, row) => sum + bytesOf(row), 0) / all })
    await indexes(sql, all)
  } finally {
    await engine.stop()
  }
}

void main()
