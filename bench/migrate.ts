import { loadavg } from 'node:os'
import { type Kysely, sql as raw } from 'kysely'
import { fillHistory } from '../harness/history'
import { startOwnPostgres, type TestSql } from '../harness/sql'
import { progressBar } from '../scripts/progress-bar'
import { businessDate } from '../server/domain/business-date'
import { migrations } from '../server/store/sql/migrations'
import { openSql, type Sql } from '../server/store/sql/open-sql'
import type { Step } from '../server/store/sql/step'
import { tell } from './figure'

/**
 * `node --import tsx bench/migrate.ts [orders]`: our own last steps and one of each kind, on 2,000,000 orders while orders are written, with how long each
 * took, how long a writer waited at the most, and how long a lock was held that keeps writers out of a table that was there before, and of which; then the same index as it isn't made,
 * in one transaction, as the figure to hold it against.
 */

/** As the ledger is before the steps that are measured. */
const BEFORE = '0090-leaner-indexes'
const DAYS = 180
const ORDERS = 2_000_000
/** fillHistory's own step */
const STEP = 250_000
const REST_MS = 3_000
const LOOK_MS = 5
/** Modes that writers of a table wait for. */
const KEEPS_OUT = `('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`

const step = (statement: string, more: Partial<Step> = {}): Step => ({
  up: async (db: Kysely<unknown>) => void (await raw.raw(statement).execute(db)),
  ...more,
})
const INDEX = { name: 'bench_orders_made', on: 'orders (created_at, merchant_code)' }
const KINDS: Record<string, Step> = {
  'a column that may be empty': step('alter table orders add bench_note text'),
  'a column with a default': step('alter table orders add bench_fen bigint not null default 0'),
  'an index, beside who writes': step('select 1', { indexes: [INDEX] }),
  'a check for what comes': step('alter table orders add constraint bench_check check (bench_fen >= 0) not valid'),
  'and for what is there': step('alter table orders validate constraint bench_check'),
  'another index of orders by month, beside who writes': step('select 1', {
    indexes: [{ name: 'bench_orders_paid', on: 'orders (ended_at)' }],
  }),
  'the same index, in a transaction': step(`drop index ${INDEX.name}; create index ${INDEX.name} on ${INDEX.on}`),
}

interface Watched {
  writes: number
  longestWaitMs: number
  longestHeldMs: number
  /** the table that was held so long */
  heldOf: string
}

/** What payments and the desk may write: all that is there before a step but its own list. */
const TABLES = `
  select array_agg(oid) as tables from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname not like 'kysely%'`

/** Writes an order's row again and again, and looks who holds what, until told to stop. */
async function watch(sql: Sql): Promise<() => Promise<Watched>> {
  const { tables } = (await sql.pool.query(TABLES)).rows[0]
  const seen: Watched = { writes: 0, longestWaitMs: 0, longestHeldMs: 0, heldOf: '' }
  let going = true
  const loop = async (work: () => Promise<void>) => {
    while (going) await work()
  }
  const write = async () => {
    const from = performance.now()
    await sql.pool.query(
      `update orders set attempts = attempts where order_no = (
      select order_no from orders order by order_no desc offset $1 limit 1)`,
      [seen.writes % 1_000],
    )
    seen.writes++
    seen.longestWaitMs = Math.max(seen.longestWaitMs, performance.now() - from)
  }
  let heldFrom = new Map<string, number>()
  const look = async () => {
    const { rows } = await sql.pool.query<{ name: string }>(
      `select distinct relation::regclass::text as name from pg_locks
      where relation = any($1::oid[]) and granted and mode in ${KEEPS_OUT}`,
      [tables],
    )
    const now = performance.now()
    heldFrom = new Map(rows.map(({ name }) => [name, heldFrom.get(name) ?? now]))
    for (const [name, from] of heldFrom)
      if (now - from > seen.longestHeldMs) Object.assign(seen, { longestHeldMs: now - from, heldOf: name })
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  const loops = [loop(write), loop(write), loop(look)]
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
    going = false
    await Promise.all(loops)
    return seen
  }
}

async function measured(engine: TestSql, name: string, steps: Record<string, Step>) {
  const sql = openSql({ ...engine.connection(), statementTimeoutMs: 600_000 })
  const stop = await watch(sql)
  let tookMs = 0
  await sql.migrate({ steps, contract: true, onStep: (_, ms) => (tookMs = ms) })
  const seen = await stop()
  await sql.close()
  const held = seen.heldOf ? `${ms(seen.longestHeldMs)}, ${seen.heldOf}` : 'not seen'
  const cells = [name, seconds(tookMs), held, ms(seen.longestWaitMs), String(seen.writes)]
  return { cells, longestWaitMs: seen.longestWaitMs }
}

const seconds = (took: number) => `${(took / 1_000).toFixed(2)} s`
const ms = (took: number) => `${took.toFixed(0)} ms`

/** The steps up to a name, which a ledger has that knows no later ones. */
const upTo = (last: string) => Object.fromEntries(Object.entries(migrations).filter(([name]) => name <= last))

/** What is measured, in this order: the steps of this house that a ledger of {@link BEFORE} lacks, then one of each kind. */
function* asked(): Generator<[name: string, steps: Record<string, Step>]> {
  for (const name of Object.keys(migrations)) if (name > BEFORE) yield [name, upTo(name)]
  for (const [name, one] of Object.entries(KINDS)) yield [name, { ...migrations, [`9999-${name}`]: one }]
}

async function fill(engine: TestSql, orders: number): Promise<void> {
  const sql = await engine.fresh()
  await sql.pool.query('drop schema public cascade; create schema public')
  await sql.migrate({ steps: upTo(BEFORE) })
  const bar = progressBar(process.stderr)
  for (let from = 0; from < orders; from += STEP) {
    bar.show('filling', from, orders)
    const to = Math.min(from + STEP, orders)
    await fillHistory(engine.connection(), { today: businessDate(Date.now()), days: DAYS, from, to })
  }
  bar.end()
}

async function main(): Promise<void> {
  const orders = Number(process.argv[2] ?? ORDERS)
  const engine = await startOwnPostgres(['shared_buffers=512MB', 'synchronous_commit=on', 'maintenance_work_mem=128MB'])
  try {
    await fill(engine, orders)
    console.log(`${orders} orders; load average ${loadavg()[0]!.toFixed(1)}\n`)
    console.log(
      '| step | took | writers kept out, longest | a write took, longest | writes |\n| --- | --- | --- | --- | --- |',
    )
    let longest = 0
    for (const [name, steps] of asked()) {
      const seen = await measured(engine, name, steps)
      console.log(`| ${seen.cells.join(' | ')} |`)
      // the last is how it isn't done
      if (name !== Object.keys(KINDS).at(-1)) longest = Math.max(longest, seen.longestWaitMs)
    }
    tell({ name: 'a write’s longest wait for a migration', unit: 'ms', value: longest })
  } finally {
    await engine.stop()
  }
}

void main()
