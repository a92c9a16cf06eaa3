import type { Measured } from './desk-pages'
import type { Vacuumed } from './growth-night'
import { bytesOf, type Size } from './growth-tables'
import { columns } from './report'

/** What a ledger costs at each of some sizes, as one table, and what a year of it would. */

/** A size of the ledger, at which everything was measured. */
export interface AtSize {
  orders: number
  days: number
  ordersADay: number
  /** every table that has grown since there was no order: before its last day's night, after it, and after an earlier one's, of so many days */
  onDay: Size[]
  afterNight: Size[]
  earlier: { days: number; afterNight: Size[] }
  pages: { name: string; measured: Measured }[]
  vacuum: Vacuumed
  /** s: the night's jobs but VACUUM, and the audits; null: there is none yet */
  jobsSeconds: number
  auditSeconds: number
  dayAuditSeconds: number | null
  archive: Archived | null
}

/** Of one day. */
export interface Archived {
  seconds: number
  /** of an order in its file */
  fileBytes: number
  /** that stay in the ledger of an order of the day, those that stay whole among them */
  leftBytes: number
}

/** Rows that aren't kept for ever: for how many days at most, today included; the file stays as long as it was then. */
export const KEPT_DAYS: Readonly<Record<string, number>> = {
  idempotency_keys: 2,
  payer_cards: 8,
  payer_days: 8,
  outbox: 31,
}

/** Of these an archived order takes its rows along (docs/decisions/0084); of all others they stay. */
const GONE = ['orders', 'order_events', 'postings', 'order_books', 'statement_lines', 'statement_packs']
/** Orders that stay whole all the same, of one: refunded, in a difference, corrected. */
const WHOLE = 0.01

const keptDays = (table: string, days: number) => Math.min(days, KEPT_DAYS[table] ?? days)

export interface AnOrder {
  table: string
  /** bytes that it has for as long as it is kept, once its night is over: what one more order adds */
  after: number
  /** bytes on its day: what the day takes above what those before it keep, in the room that they left as well */
  onItsDay: number
}

/** Bytes of one order, table by table, the largest first. */
export function anOrder({ days, ordersADay, onDay, afterNight, earlier }: AtSize): AnOrder[] {
  const bytesIn = (sizes: readonly Size[]) => {
    const of = new Map(sizes.map((size) => [size.name, bytesOf(size)]))
    return (table: string) => of.get(table) ?? 0
  }
  const [before, now, then] = [bytesIn(onDay), bytesIn(afterNight), bytesIn(earlier.afterNight)]
  const names = new Set([...afterNight, ...onDay].map(({ name }) => name))
  const all = [...names].map((table): AnOrder => {
    const kept = keptDays(table, days)
    const isWhole = KEPT_DAYS[table] === undefined && days > earlier.days
    const after = isWhole
      ? (now(table) - then(table)) / ((days - earlier.days) * ordersADay)
      : now(table) / (kept * ordersADay)
    return { table, after, onItsDay: Math.max(0, before(table) / ordersADay - after * (kept - 1)) }
  })
  return all.sort((a, b) => b.after - a.after)
}

export const sumOf = (all: readonly AnOrder[], of: 'after' | 'onItsDay') => all.reduce((sum, one) => sum + one[of], 0)

/** Bytes of an order in tables whose rows are kept for good. */
export const forGood = (all: readonly AnOrder[]) =>
  sumOf(
    all.filter(({ table }) => KEPT_DAYS[table] === undefined),
    'after',
  )

/** What stays of an order that was archived, bytes. */
export function leftOf(all: readonly AnOrder[]): number {
  return all.reduce((sum, { table, after }) => {
    if (KEPT_DAYS[table] !== undefined) return sum
    return sum + after * (GONE.includes(table) ? WHOLE : 1)
  }, 0)
}

/** TB of a year of so many orders a day; those whose day was more than `keep` days ago have `left` bytes. */
export function yearTb(all: readonly AnOrder[], ordersADay: number, keep?: { days: number; left: number }): number {
  const days = 365
  const bytes = all.reduce((sum, { table, after }) => {
    const kept = Math.min(KEPT_DAYS[table] ?? days, keep?.days ?? days)
    return sum + after * kept * ordersADay
  }, 0)
  const archived = keep ? Math.max(0, days - keep.days) * keep.left * ordersADay : 0
  return (bytes + archived) / 1e12
}

const NONE = '–'
const whole = (n: number) => Math.round(n).toLocaleString('en')
const tenths = (n: number) => n.toFixed(1)

/** One table: a column a size, and at its end by how much the last is more than the first. */
export function sheet(all: readonly AtSize[], mostMs: (page: string) => number): string {
  const row = (name: string, of: (at: AtSize) => number | null, show = whole) => {
    const values = all.map(of)
    return [name, ...values.map((value) => (value === null ? NONE : show(value))), trend(values)]
  }
  const orders = all.map(anOrder)
  const of = (at: AtSize) => orders[all.indexOf(at)]!
  const named = (table: string, key: 'after' | 'onItsDay') => (at: AtSize) =>
    of(at).find((one) => one.table === table)?.[key] ?? 0
  const tables = orders.at(-1)!.filter((one) => Math.round(one.after) > 0 || Math.round(one.onItsDay) > 0)
  const [list, report] = [false, true].map((isReport) => (at: AtSize) => slowest(at, isReport)) as [Pick, Pick]
  return columns([
    ['', ...all.map((at) => `${whole(at.orders)} orders`), 'last / first'],
    row('days', (at) => at.days),
    row('bytes an order on its day', (at) => sumOf(of(at), 'onItsDay')),
    ...tables.map(({ table }) => row(`  ${table}`, named(table, 'onItsDay'))),
    row('bytes an order for good', (at) => forGood(of(at))),
    row('bytes an order after its night', (at) => sumOf(of(at), 'after')),
    ...tables.map(({ table }) => row(`  ${table}`, named(table, 'after'))),
    row('the slowest list, ms', (at) => list(at).ms, tenths),
    row('the slowest report of a day, ms', (at) => report(at).ms, tenths),
    row('a page touches at the most, of 8 KB', (at) =>
      Math.max(...at.pages.map(({ measured }) => measured.plan.buffers)),
    ),
    row('slower than it is to be', (at) => at.pages.filter(({ name, measured }) => measured.ms > mostMs(name)).length),
    row('the night of a day, without VACUUM, s', (at) => at.jobsSeconds, tenths),
    row('VACUUM of a day, s', (at) => at.vacuum.seconds, tenths),
    row('  dead rows', (at) => at.vacuum.rows),
    row('  pages of tables read', (at) => at.vacuum.heapPages),
    row('  pages of indexes read', (at) => at.vacuum.indexPages),
    row('  pages touched', (at) => at.vacuum.touched),
    row('the audit of all, s', (at) => at.auditSeconds, tenths),
    row('the audit of a day, s', (at) => at.dayAuditSeconds, tenths),
    row('the archive of a day, s', (at) => at.archive?.seconds ?? null, tenths),
    row('  bytes an order in its file', (at) => at.archive?.fileBytes ?? null),
    row('  bytes an order that stay', (at) => at.archive?.leftBytes ?? null),
  ]).join('\n')
}

type Pick = (at: AtSize) => Measured

function slowest({ pages }: AtSize, isReport: boolean): Measured {
  const asked = pages.filter(
    ({ name }) => name.startsWith('report of a day') === isReport && !name.startsWith('report of all'),
  )
  return asked.map(({ measured }) => measured).sort((a, b) => b.ms - a.ms)[0]!
}

function trend(values: readonly (number | null)[]): string {
  const [first, last] = [values[0], values.at(-1)]
  if (!first || last === null || last === undefined || values.length < 2) return NONE
  return `× ${(last / first).toFixed(2)}`
}

/** Each page: ms, and the pages of 8 KB that it touched; what grows is told by those, which no other work on the machine changes. */
export function pageSheet(all: readonly AtSize[]): string {
  const rows = all[0]!.pages.map(({ name }, nth) => {
    const measured = all.map((at) => at.pages[nth]!.measured)
    const cells = measured.map(({ ms, plan }) => `${ms.toFixed(1)} (${whole(plan.buffers)})`)
    return [name, ...cells, trend(measured.map(({ plan }) => plan.buffers))]
  })
  return columns([['ms (pages touched)', ...all.map((at) => whole(at.orders)), 'pages'], ...rows]).join('\n')
}
