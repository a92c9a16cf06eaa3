import { loadavg } from 'node:os'
import { postgresMissing, startOwnPostgres, type TestSql } from '../harness/sql'
import { addDays, businessDate } from '../server/domain/business-date'
import type { Sql } from '../server/store/sql/open-sql'
import { auditApart, MASTERS } from './audit-run'
import { DAY_MS, LIST_MS, measured, pagesOf } from './desk-pages'
import { tell } from './figure'
import { type Filled, fillDay, layFilled, ordersADay, run } from './growth-days'
import { night } from './growth-night'
import { LONG, payInEarnest } from './growth-pattern'
import { grown, hotShare, type Size, sizesOf } from './growth-tables'
import { archiveOfDay, auditOfDay } from './sizes-of-a-day'
import { type AtSize, anOrder, forGood, leftOf, pageSheet, sheet, sumOf, yearTb } from './sizes-sheet'
import { type Terms, termsOf } from './sizes-terms'
import { OF_SOME_SIZE } from './world'

/**
 * `npx tsx bench/sizes.ts [orders …] [--days N] [--paid N] [--keep N]`: what a ledger of 500,000, 1,000,000 and 2,000,000 orders costs, in one
 * sitting. The first has N days (10 unless told), the others as many a day and more days. Orders are like those that were paid in earnest
 * (growth.ts); at each size are measured bytes an order, what pages take, a night, VACUUM, audits. Then what a year would be at ten million
 * a day, kept whole, and archived after `--keep` days.
 */

const GOAL = 1_500
const A_DAY = 10_000_000

/** What a ledger holds now, and how to reach it. */
interface House {
  engine: TestSql
  sql: Sql
  filled: Filled
  empty: Size[]
  /** after the first night, or at the size before */
  earlier?: AtSize['earlier']
}

const say = (text: string) => console.error(`bench: ${text}`)
const seconds = (ms: number) => `${(ms / 1_000).toFixed(0)} s`

async function atSize(
  house: House,
  days: { from: number; to: number; last: number },
  onMeasured: (at: AtSize) => void,
): Promise<AtSize> {
  const { engine, sql, filled, empty } = house
  const { street, ordersADay } = filled
  let onDay: Size[] = []
  let last: Awaited<ReturnType<typeof night>> | undefined
  const spent = { fill: 0, nights: 0 }
  for (let day = days.from; day < days.to; day++) {
    const date = addDays(street.first, day)
    spent.fill += await fillDay(sql, filled, date)
    if (day === days.to - 1) onDay = grown(await sizesOf(sql), empty)
    last = await night(sql, filled, date)
    spent.nights += last.ms
    house.earlier ??= { days: 1, afterNight: grown(await sizesOf(sql), empty) }
  }
  const orders = days.to * ordersADay
  say(`${orders} orders, filled in ${seconds(spent.fill)}, nights ${seconds(spent.nights)}`)
  const afterNight = grown(await sizesOf(sql), empty)
  const { earlier } = house
  house.earlier = { days: days.to, afterNight }
  const pages = await pagesAt(sql, filled, days.to)
  say('pages are looked at; the audit …')
  const { seconds: auditSeconds, violations } = await auditApart(engine.connection())
  for (const violation of violations) say(`the audit found ${violation}`)
  const date = addDays(street.first, days.to - 2)
  const dayAuditSeconds = await auditOfDay(engine.connection(), date)
  const { vacuum } = last!
  const jobsSeconds = last!.ms / 1_000 - vacuum.seconds
  const measured = { pages, vacuum, jobsSeconds, auditSeconds, dayAuditSeconds }
  const at = { orders, days: days.to, ordersADay, onDay, afterNight, earlier: earlier!, ...measured }
  const archive = await archiveOfDay(engine.connection(), street.first, {
    look: days.to === days.last,
    onArchived: (archive) => onMeasured({ ...at, archive }),
  })
  return { ...at, archive }
}

/** The last day is today, as the console sees it. */
async function pagesAt(sql: Sql, { street }: Filled, days: number): Promise<AtSize['pages']> {
  const today = addDays(street.first, days - 1)
  const [order] = await run<{ orderNo: string }>(sql, 'select order_no as "orderNo" from bench.made where turn = 1')
  const merchantCode = street.codeOf(0)
  const [merchant] = await run<{ branchCode: string }>(
    sql,
    'select branch_code as "branchCode" from merchants where merchant_code = $1',
    [merchantCode],
  )
  const asked = { today, day: addDays(today, -1), campaignId: street.campaignId, merchantCode, ...order!, ...merchant! }
  const pages: AtSize['pages'] = []
  for (const page of pagesOf(sql, asked)) pages.push({ name: page.name, measured: await measured(sql, page) })
  return pages
}

function printYear(at: AtSize, keep: number): void {
  const all = anOrder(at)
  const left = at.archive?.leftBytes ?? leftOf(all)
  const said = at.archive ? 'measured' : 'by what of it is to stay'
  const tb = (kept?: { days: number; left: number }) => `${yearTb(all, A_DAY, kept).toFixed(1)} TB`
  console.log(`\na year at ${A_DAY.toLocaleString('en')} orders a day, from ${at.days} days: ${tb()}`)
  console.log(
    `archived after ${keep} days, with ${Math.round(left)} B an order left (${said}): ${tb({ days: keep, left })}`,
  )
  const met = (bytes: number) => `${Math.round(bytes)} B, ${bytes <= GOAL ? 'met' : 'missed'}`
  console.log(
    `an order is to be at most ${GOAL} B: after its night ${met(sumOf(all, 'after'))}; for good ${met(forGood(all))}; archived ${met(left)}`,
  )
}

const mostMs = (page: string) =>
  page.startsWith('report of all') ? Number.POSITIVE_INFINITY : page.startsWith('report of a day') ? DAY_MS : LIST_MS

function print(all: readonly AtSize[], paid: readonly Size[], keep: number): void {
  console.log(`load average ${loadavg()[0]!.toFixed(1)}\n\n${sheet(all, mostMs)}\n\n${pageSheet(all)}`)
  const hot = paid.filter(({ updates }) => updates > 0).map((size) => `${size.name} ${hotShare(size)}`)
  console.log(`\nupdates HOT, of orders paid in earnest: ${hot.join(', ')}`)
  const at = all.at(-1)!
  printYear(at, keep)
  const orders = anOrder(at)
  tell(
    { name: 'an order on its day', unit: 'B', value: sumOf(orders, 'onItsDay') },
    { name: 'an order after its night', unit: 'B', value: sumOf(orders, 'after') },
    { name: 'an order for good', unit: 'B', value: forGood(orders) },
    { name: 'VACUUM of a day', unit: 's', value: at.vacuum.seconds },
    { name: 'orders audited', unit: '/s', value: at.orders / at.auditSeconds },
  )
}

async function main({ sizes, days, paid, keep }: Terms): Promise<void> {
  const missing = postgresMissing()
  if (missing) throw new Error(missing)
  const each = ordersADay(sizes[0]!, days)
  const daysAt = sizes.map((size) => Math.max(1, Math.round(size / each)))
  const like = await payInEarnest(paid)
  say(`${paid} orders are paid`)
  // So that what VACUUM finds is a day's work.
  const engine = await startOwnPostgres([...OF_SOME_SIZE, 'autovacuum=off'])
  try {
    const sql = await engine.fresh(LONG)
    const last = addDays(businessDate(Date.now()), -1)
    const first = addDays(last, 1 - daysAt.at(-1)!)
    const filled = await layFilled(sql, like.rows, { masters: MASTERS, first, last, ordersADay: each })
    const house: House = { engine, sql, filled, empty: await sizesOf(sql) }
    const all: AtSize[] = []
    const end = daysAt.at(-1)!
    // Hours pass until the end, which may not come.
    const soFar = (at: AtSize) => say(`so far\n${sheet([...all, at], mostMs)}\n\n${pageSheet([...all, at])}\n`)
    for (const to of daysAt) all.push(await atSize(house, { from: all.at(-1)?.days ?? 0, to, last: end }, soFar))
    print(all, like.sizes, keep)
  } finally {
    await engine.stop()
  }
}

if (require.main === module) {
  try {
    const terms = termsOf(process.argv.slice(2))
    void main(terms)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 2
  }
}
