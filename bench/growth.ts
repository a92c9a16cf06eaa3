import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { startOwnPostgres } from '../harness/sql'
import { addDays, businessDate } from '../server/domain/business-date'
import { masterKeys } from '../server/domain/key-ring'
import { auditKeys } from '../server/store/sql/audit/audit'
import { sqlBooksChain } from '../server/store/sql/audit/books-chain'
import { openSql, type Sql, type SqlOptions } from '../server/store/sql/open-sql'
import { packPapers } from '../server/store/sql/payment/pack-papers'
import { sqlPersonCards } from '../server/store/sql/payment/person-cards'
import { pruneOutbox } from '../server/store/sql/payment/prune-outbox'
import { tell } from './figure'
import { copyDay, layPattern, patternOf } from './growth-days'
import { merchantsFor, orderPayer } from './orders'
import { logIn } from './payers'
import { load, UNTIL_DONE } from './rounds'
import { OF_SOME_SIZE, startWorld } from './world'

/**
 * `npx tsx bench/growth.ts [orders] [paid]`: what an order costs on the disk. So many are paid in earnest by the whole house, and are then the
 * pattern of all others, which are opened and ended in turns, day by day; after each day come the jobs of the night and VACUUM.
 */

const ORDERS = 500_000
const PAID = 2_000
const DAYS = 10
/** As the ledger keeps them (job/…, scripts/prune.ts). */
const KEPT = { cards: 7, outbox: 30 }
const A_YEAR = 10_000_000 * 365
/** Of what is measured of a table after {@link DAYS} so much is there after a year. */
const LEFT: Record<string, number> = { outbox: KEPT.outbox / 365, payer_cards: DAYS / 365 }

interface Row {
  name: string
  rows: number
  heap: number
  toast: number
  indexes: number
  updates: number
  hot: number
  dead: number
}

/** Of each table that grows with orders; bytes are the files'. */
async function tables({ pool }: Sql): Promise<Row[]> {
  await pool.query('select pg_stat_clear_snapshot()')
  const { rows } = await pool.query<Row>(`
    select c.relname as name, greatest(c.reltuples, s.n_live_tup)::bigint as rows, pg_relation_size(c.oid)::bigint as heap,
      coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)::bigint as toast, pg_indexes_size(c.oid)::bigint as indexes,
      s.n_tup_upd as updates, s.n_tup_hot_upd as hot, s.n_dead_tup as dead
    from pg_class c join pg_stat_user_tables s on s.relid = c.oid
    where s.schemaname = 'public' and c.relname in ('orders', 'idempotency_keys', 'channel_requests', 'order_papers', 'order_events', 'postings', 'outbox', 'payer_days',
      'payer_cards', 'ledger_link_parts')
    order by pg_total_relation_size(c.oid) desc`)
  return rows
}

const bytes = ({ heap, toast, indexes }: Row) => heap + toast + indexes

function print(title: string, all: Row[], orders: number): void {
  console.log(
    `\n${title}\n\n| table | rows an order | heap | toast | indexes | bytes an order | updates HOT | dead rows |`,
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
  const each = (n: number) => String(Math.round(n / orders))
  for (const row of all) {
    const hot = row.updates === 0 ? '–' : `${((100 * row.hot) / row.updates).toFixed(1)} %`
    const size = [row.heap, row.toast, row.indexes, bytes(row)].map(each).join(' | ')
    console.log(`| ${row.name} | ${(row.rows / orders).toFixed(2)} | ${size} | ${hot} | ${row.dead} |`)
  }
  const total = all.reduce((sum, row) => sum + bytes(row), 0) / orders
  console.log(`| all | | | | | ${Math.round(total)} | | |`)
}

function printYear(all: Row[], orders: number): void {
  const left = all.reduce((sum, row) => sum + bytes(row) * (LEFT[row.name] ?? 1), 0) / orders
  console.log(`\na year at 10 million a day: ${((left * A_YEAR) / 1e12).toFixed(1)} TB`)
}

async function indexes({ pool }: Sql, orders: number): Promise<void> {
  const { rows } = await pool.query<{ name: string; bytes: number }>(`
    select indexrelid::regclass::text as name, pg_relation_size(indexrelid)::bigint as bytes from pg_index
    where indrelid in ('orders'::regclass, 'order_events'::regclass, 'postings'::regclass) order by 2 desc`)
  const said = rows.filter((one) => one.bytes >= orders)
  console.log(
    `\nindexes, bytes an order: ${said.map((one) => `${one.name} ${Math.round(one.bytes / orders)}`).join(', ')}`,
  )
}

/** What runs after a day: the chain, the packing, the pruning, the forgetting of cards, and VACUUM. */
async function night(sql: Sql, today: string, at: number): Promise<void> {
  const chain = sqlBooksChain(sql, auditKeys(masterKeys(randomBytes(32))))
  for (let more = true; more; ) {
    const extended = await chain.extend(at, null)
    more = extended.kind === 'unsettled' || (extended.kind === 'linked' && extended.more)
  }
  for (let after: string | undefined = ''; after !== undefined; ) after = (await packPapers(sql, today, after)).next
  while ((await sqlPersonCards(sql).forget(addDays(today, -KEPT.cards), 5_000)) > 0);
  for (let more = true; more; ) {
    const pruned = await pruneOutbox(sql, at - KEPT.outbox * 86_400_000)
    more = pruned.kind === 'pruned' && pruned.more
  }
  await sql.pool.query('vacuum analyze')
}

/** Real payments by the whole house; how to reach its ledger. */
async function payAll(count: number): Promise<{ connection: SqlOptions; stop: () => Promise<void> }> {
  let connection: SqlOptions | undefined
  const fill = async (of: SqlOptions) => {
    connection = of
  }
  const world = await startWorld({ merchants: merchantsFor(count), fill })
  const payers = await logIn(world.bff, 'payer', Math.ceil(count / 2), true)
  const one = orderPayer(world.bff, payers, world.merchantCodes)
  await one.deal()
  await load(16, { forMs: UNTIL_DONE, atMost: count }, one.pay)
  return { connection: connection!, stop: world.stop }
}

const LONG = { max: 1, statementTimeoutMs: 1_800_000, query_timeout: 1_800_000 }

/** What was paid in earnest, for a pattern. */
async function pattern(paid: number) {
  const build = resolve(__dirname, '..', 'scripts', 'build-server.ts')
  execFileSync(process.execPath, ['--import', 'tsx', build], { stdio: ['ignore', 'ignore', 'inherit'] })
  const { connection, stop } = await payAll(paid)
  const sql = openSql({ ...connection, ...LONG })
  try {
    await new Promise((resolve) => setTimeout(resolve, 2_000)) // statistics come a little later
    print(`${paid} orders, paid in earnest, as they lie on their day`, await tables(sql), paid)
    return await patternOf(sql)
  } finally {
    await sql.close()
    await stop()
  }
}

async function main(): Promise<void> {
  const [orders, paid] = [Number(process.argv[2] ?? ORDERS), Number(process.argv[3] ?? PAID)]
  const like = await pattern(paid)
  const engine = await startOwnPostgres(OF_SOME_SIZE)
  try {
    const sql = await engine.fresh(LONG)
    const each = await layPattern(sql, like)
    const copies = Math.max(1, Math.round(orders / DAYS / each))
    const first = addDays(businessDate(Date.now()), -DAYS)
    for (let day = 0; day < DAYS; day++) {
      const date = addDays(first, day)
      const midnight = await copyDay(sql, date, copies)
      if (day === 0) print('a first day, before its night', await tables(sql), copies * each)
      await night(sql, addDays(date, 1), midnight)
      console.error(`bench: day ${day + 1} of ${DAYS}`)
    }
    const all = copies * each * DAYS
    const after = await tables(sql)
    print(`${all} orders of ${DAYS} days, after the last one's night`, after, all)
    printYear(after, all)
    tell({ name: 'an order, its day over', unit: 'B', value: after.reduce((sum, row) => sum + bytes(row), 0) / all })
    await indexes(sql, all)
  } finally {
    await engine.stop()
  }
}

void main()
