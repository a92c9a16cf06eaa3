import { loadavg } from 'node:os'
import { branchCode, fillHistory, HISTORY, merchantCode, orderNo, SHORT } from '../harness/history'
import { startOwnPostgres } from '../harness/sql'
import { addDays, businessDate } from '../server/domain/business-date'
import type { Sql } from '../server/store/sql/open-sql'
import { type Asked, DAY_MS, LIST_MS, type Measured, measured, type Page, pagesOf, TRIES } from './desk-pages'
import { tell } from './figure'
import { OF_SOME_SIZE } from './world'

/**
 * `node --import tsx bench/reports.ts [orders …]`: what each page of the console's lists, and a report of one day and of all,
 * take with 500,000, 1,000,000 and 2,000,000 orders over 180 days behind them, with what PostgreSQL did for them; then the
 * same report of one day with one day behind it. A figure is the slowest of {@link TRIES} after one that doesn't count.
 */

const DAYS = 180
const today = businessDate(Date.now())
const ASKED: Asked = {
  today,
  day: addDays(today, -3),
  campaignId: HISTORY,
  overId: SHORT,
  merchantCode: merchantCode(1),
  branchCode: branchCode(7),
  orderNo: orderNo(today, DAYS, 777),
}

async function unused(sql: Sql): Promise<string[]> {
  const { rows } = await sql.pool.query<{ line: string }>(`
    select relname || '.' || indexrelname || ' ' || pg_size_pretty(pg_relation_size(indexrelid)) || ', ' || idx_scan || ' scans' as line
    from pg_stat_user_indexes where relname in ('orders', 'refunds', 'decks', 'day_totals', 'share_days')
    order by relname, indexrelname`)
  return rows.map(({ line }) => line)
}

async function main(): Promise<void> {
  const sizes = process.argv.slice(2).map(Number)
  if (sizes.length === 0) sizes.push(500_000, 1_000_000, 2_000_000)
  const postgres = await startOwnPostgres(OF_SOME_SIZE)
  try {
    const found = new Map<string, Measured[]>()
    let sql = await postgres.fresh()
    let from = 0
    for (const to of sizes) {
      const began = performance.now()
      await fillHistory(postgres.connection(), { today, days: DAYS, from, to })
      console.error(`bench: ${to} orders, filled in ${((performance.now() - began) / 1_000).toFixed(0)} s`)
      for (const page of pagesOf(sql, ASKED))
        found.set(page.name, [...(found.get(page.name) ?? []), await measured(sql, page)])
      from = to
    }
    print(pagesOf(sql, ASKED), found, sizes)
    const slowest = (of: (mostMs: number) => boolean) =>
      Math.max(
        ...pagesOf(sql, ASKED).flatMap(({ name, mostMs = LIST_MS }) => (of(mostMs) ? found.get(name)!.at(-1)!.ms : [])),
      )
    tell({ name: 'the slowest list', unit: 'ms', value: slowest((most) => most === LIST_MS) })
    tell({ name: 'the slowest report of a day', unit: 'ms', value: slowest((most) => most === DAY_MS) })
    console.log(`\nindexes, after the pages alone:\n  ${(await unused(sql)).join('\n  ')}`)
    const perDay = Math.round(sizes.at(-1)! / DAYS)
    const many = pagesOf(sql, ASKED).filter(({ name }) => name.startsWith('report of a day'))
    const after: Measured[] = []
    for (const page of many) after.push(await measured(sql, page))
    sql = await postgres.fresh()
    // the third last day is asked for, and so it is the one that has the orders
    const asked = addDays(today, -3)
    await fillHistory(postgres.connection(), { today: asked, days: 1, from: 0, to: perDay })
    console.log(
      `\na report of one day of ${perDay} orders, the middle of ${TRIES}, ms (buffers)   with 1 day behind it   with ${DAYS} days`,
    )
    for (const [i, page] of pagesOf(sql, ASKED)
      .filter(({ name }) => name.startsWith('report of a day'))
      .entries())
      console.log(`  ${page.name.padEnd(44)} ${middle(await measured(sql, page))} ${middle(after[i]!)}`)
  } finally {
    await postgres.stop()
  }
}

const middle = ({ middleMs, plan }: Measured) => shown({ ms: middleMs, middleMs, plan })
const shown = ({ ms, plan }: Measured) => `${ms.toFixed(1).padStart(8)} (${String(plan.buffers).padStart(7)})  `

function print(pages: Page[], found: Map<string, Measured[]>, sizes: number[]): void {
  console.log(
    `the slowest of ${TRIES}, ms (buffers touched), with so many orders over ${DAYS} days; load average ${loadavg()[0]!.toFixed(1)}`,
  )
  console.log(
    `${''.padEnd(30)} ${sizes.map((size) => size.toLocaleString('en').padStart(18)).join('')}   plan at the last`,
  )
  let missed = 0
  for (const { name, mostMs = LIST_MS } of pages) {
    const all = found.get(name)!
    const short = all.some(({ ms }) => ms > mostMs)
    if (short) missed++
    console.log(`${name.padEnd(30)} ${all.map(shown).join('')} ${short ? 'SLOW ' : ''}${all.at(-1)!.plan.summary}`)
  }
  console.log(
    `lists within ${LIST_MS} ms, a day’s report within ${DAY_MS} ms: ${missed === 0 ? 'all' : `all but ${missed}`}`,
  )
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
