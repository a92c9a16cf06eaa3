import { loadavg } from 'node:os'
import { branchCode, fillHistory, HISTORY, merchantCode, SHORT } from '../harness/history'
import { heard, type Plan, planned } from '../harness/plan'
import { startOwnPostgres } from '../harness/sql'
import { addDays, businessDate } from '../server/domain/business-date'
import type { Dates } from '../server/flow/ports'
import { campaignReport } from '../server/flow/report/report'
import { sqlCampaigns } from '../server/store/sql/campaign/book'
import { deedLog } from '../server/store/sql/deed/log'
import { sqlDesk } from '../server/store/sql/desk/desk'
import type { Sql } from '../server/store/sql/open-sql'
import { sqlOperators } from '../server/store/sql/operator/operators'
import { sqlReconciliations } from '../server/store/sql/reconcile/reconciliations'
import { tell } from './figure'
import { median } from './rounds'
import { OF_SOME_SIZE } from './world'

/**
 * `node --import tsx bench/reports.ts [orders …]`: what each page of the console's lists, and a report of one day and of all,
 * take with 500,000, 1,000,000 and 2,000,000 orders over 180 days behind them, with what PostgreSQL did for them; then the
 * same report of one day with one day behind it. A figure is the slowest of {@link TRIES} after one that doesn't count.
 */

const DAYS = 180
const TRIES = 5
const LIST_MS = 300
const DAY_MS = 1_000
interface Page {
  name: string
  run: () => Promise<unknown>
  mostMs?: number
}

const today = businessDate(Date.now())
const noKeys = { current: { id: 'k', key: Buffer.alloc(32) }, byId: () => undefined } as never
const limit = 51
const all = { branchCode: null }

function pagesOf(sql: Sql): Page[] {
  const { orders } = sqlDesk(sql, deedLog(noKeys))
  const day = addDays(today, -3)
  const branch = branchCode(7)
  const first = merchantCode(1)
  const order = (name: string, filter: object) => ({
    name: `orders, ${name}`,
    run: () => orders.orders({ branchCode: null, limit, ...filter }),
  })
  const refund = (name: string, filter: object) => ({
    name: `refunds, ${name}`,
    run: () => orders.refunds({ branchCode: null, limit, ...filter }),
  })
  return [
    order('newest', {}),
    order('a page far down', { after: { businessDate: addDays(today, -100), createdAt: 2 ** 50, number: '' } }),
    order('a day', { date: day }),
    order('discounted', { discounted: true }),
    order('paying', { state: 'paying' }),
    order('closed', { state: 'closed' }),
    order('closed, a day', { state: 'closed', date: day }),
    order('a merchant', { merchantCode: first }),
    order('a merchant’s day', { merchantCode: first, date: day }),
    order('a campaign', { campaignId: HISTORY }),
    order('a campaign long over', { campaignId: SHORT }),
    order('a campaign’s day', { campaignId: HISTORY, date: day }),
    order('a campaign’s closed', { campaignId: HISTORY, state: 'closed' }),
    order('a branch', { branchCode: branch }),
    order('a branch’s day', { branchCode: branch, date: day }),
    order('a branch’s closed', { branchCode: branch, state: 'closed' }),
    order('a branch’s campaign over', { branchCode: branch, campaignId: SHORT }),
    order('a branch without any', { branchCode: 'HB99' }),
    order('by number', { orderNo: 'H000000000777' }),
    { name: 'an order', run: () => orders.order('H000000000211', null) },
    refund('newest', {}),
    refund('a day', { date: day }),
    refund('a merchant', { merchantCode: first }),
    refund('a branch', { branchCode: branch }),
    refund('failed', { state: 'failed' }),
    ...otherPages(sql),
  ]
}

function otherPages(sql: Sql): Page[] {
  const deeds = deedLog(noKeys)
  const { merchantBook } = sqlDesk(sql, deeds)
  const campaigns = sqlCampaigns(sql, deeds)
  const operators = sqlOperators(sql, deeds)
  const books = sqlReconciliations(sql)
  const day = addDays(today, -3)
  const branch = branchCode(7)
  const merchants = (name: string, only?: 'sold-out') => ({
    name: `a campaign’s day, ${name}`,
    run: () =>
      campaigns.merchants({
        campaignId: HISTORY,
        date: today,
        sight: all,
        q: undefined,
        only,
        cursor: undefined,
        limit,
      }),
  })
  return [
    { name: 'differences, unsettled', run: () => books.unsettled('bank', undefined, limit) },
    { name: 'differences of a day', run: () => books.differences({ channel: 'bank', date: day }, undefined, limit) },
    { name: 'reconciled days', run: () => books.days('bank', addDays(today, -30), today) },
    merchants('cards'),
    merchants('sold out', 'sold-out'),
    { name: 'a campaign’s day, figures', run: () => campaigns.day(HISTORY, today, all) },
    { name: 'a campaign’s pace', run: () => campaigns.pace(HISTORY, today, 7) },
    { name: 'deeds, newest', run: () => operators.deeds({ limit }) },
    { name: 'deeds of one', run: () => operators.deeds({ username: 'maker-7', limit }) },
    { name: 'deeds of a campaign', run: () => operators.deeds({ subject: 'campaign/history-7', limit }) },
    { name: 'campaigns', run: () => campaigns.list({ branchCode: null, today, limit } as never) },
    { name: 'campaigns of a branch', run: () => campaigns.list({ branchCode: branch, today, limit } as never) },
    ...merchantPages(sql),
    { name: 'branches', run: () => merchantBook.branches(all) },
    ...(['day', 'branch', 'merchant', 'account'] as const).flatMap((by) => [
      report(sql, `report of a day by ${by}`, by, { from: day, to: day }, DAY_MS),
      report(sql, `report of all by ${by}`, by, undefined, Infinity),
    ]),
  ]
}

function merchantPages(sql: Sql): Page[] {
  const { merchantBook } = sqlDesk(sql, deedLog(noKeys))
  const none = { scope: null, branchCode: null, q: undefined, bound: undefined, disabled: undefined, date: today }
  const sorted = { sort: 'code', descending: false, after: undefined, limit } as const
  const page = (name: string, more: object) => ({
    name: `merchants, ${name}`,
    run: () => merchantBook.list({ ...none, ...sorted, ...more }),
  })
  return [
    page('by code', {}),
    page('searched', { q: '40 号' }),
    page('unbound', { bound: false }),
    page('by branch', { sort: 'branch' }),
    page('by users', { sort: 'users', descending: true }),
    page('by what was paid today', { sort: 'orders', descending: true }),
    { name: 'merchants, in all', run: () => merchantBook.totals(none) },
    {
      name: 'a merchant’s month',
      run: () => merchantBook.days(merchantCode(1), { from: addDays(today, -30), to: today }, null),
    },
  ]
}

function report(
  sql: Sql,
  name: string,
  by: 'day' | 'branch' | 'merchant' | 'account',
  dates: Dates | undefined,
  mostMs: number,
): Page {
  const deps = {
    desk: sqlDesk(sql, deedLog(noKeys)),
    clock: { now: () => Date.now() },
    limits: { leaseTtlMs: 120_000 },
  }
  return { name, mostMs, run: () => campaignReport(deps, { campaignId: HISTORY, branchCode: null, by, ...dates }) }
}

interface Measured {
  /** the slowest, and the one in the middle */
  ms: number
  middleMs: number
  plan: Plan
}

async function measured(sql: Sql, { run }: Page): Promise<Measured> {
  const statements = await heard(run)
  const took: number[] = []
  for (let i = 0; i < TRIES; i++) {
    const from = performance.now()
    await run()
    took.push(performance.now() - from)
  }
  return { ms: Math.max(...took), middleMs: median(took), plan: await planned(sql.pool, statements) }
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
      for (const page of pagesOf(sql))
        found.set(page.name, [...(found.get(page.name) ?? []), await measured(sql, page)])
      from = to
    }
    print(pagesOf(sql), found, sizes)
    const slowest = (of: (mostMs: number) => boolean) =>
      Math.max(...pagesOf(sql).flatMap(({ name, mostMs = LIST_MS }) => (of(mostMs) ? found.get(name)!.at(-1)!.ms : [])))
    tell({ name: 'the slowest list', unit: 'ms', value: slowest((most) => most === LIST_MS) })
    tell({ name: 'the slowest report of a day', unit: 'ms', value: slowest((most) => most === DAY_MS) })
    console.log(`\nindexes, after the pages alone:\n  ${(await unused(sql)).join('\n  ')}`)
    const perDay = Math.round(sizes.at(-1)! / DAYS)
    const many = pagesOf(sql).filter(({ name }) => name.startsWith('report of a day'))
    const after: Measured[] = []
    for (const page of many) after.push(await measured(sql, page))
    sql = await postgres.fresh()
    // the third last day is asked for, and so it is the one that has the orders
    const asked = addDays(today, -3)
    await fillHistory(postgres.connection(), { today: asked, days: 1, from: 0, to: perDay })
    console.log(
      `\na report of one day of ${perDay} orders, the middle of ${TRIES}, ms (buffers)   with 1 day behind it   with ${DAYS} days`,
    )
    for (const [i, page] of pagesOf(sql)
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
