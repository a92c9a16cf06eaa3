import { loadavg } from 'node:os'
import { postgresMissing, startOwnPostgres } from '../harness/sql'
import type { Sql } from '../server/store/sql/open-sql'
import { outboxFeed } from '../server/store/sql/payment/outbox-feed'
import { tell } from './figure'

/**
 * `tsx bench/feed.ts [merchants …]`: what a look of the merchants' feed takes on a real PostgreSQL while pages of so many merchants are open (1,
 * 1,000 and 50,000 unless told), beside an outbox of a month: when nothing was paid since the last one, and when a hundred orders were.
 */

const OUTBOX = 500_000
const OF_MERCHANTS = 50_000
const NEW = 100
const TURNS = 25
/** Only nudges make it look. */
const NEVER_MS = 3_600_000
/** Pages that come at the same time. */
const AT_ONCE = 64

const codeOf = (n: number) => `M${String(n % OF_MERCHANTS).padStart(5, '0')}`

/** Rows as of payments, of merchants here and there. */
async function pay(sql: Sql, count: number, from: number) {
  await sql.pool.query(
    `insert into outbox (merchant_code, order_no)
     select 'M' || lpad(((n::bigint * 7919 + $2) % ${OF_MERCHANTS})::text, 5, '0'), 'F20261120-' || n from generate_series(1, $1::integer) n`,
    [count, from],
  )
}

async function measure(sql: Sql, merchants: number) {
  let [done, heard] = [0, 0]
  const watched: Sql = {
    ...sql,
    run: <Row>(...statement: Parameters<Sql['run']>) =>
      sql.run<Row>(...statement).finally(() => {
        if (statement[0].name === 'feed-poll') done++
      }),
  }
  const feed = outboxFeed(watched, { pollMs: NEVER_MS })
  const look = async () => {
    const [was, from] = [done, performance.now()]
    feed.nudge()
    while (done === was) await new Promise((resolve) => setImmediate(resolve))
    return performance.now() - from
  }
  try {
    for (let n = 0; n < merchants; n += AT_ONCE) {
      const codes = Array.from({ length: Math.min(AT_ONCE, merchants - n) }, (_, i) => codeOf(n + i))
      await Promise.all(codes.map((code) => feed.subscribe(code, undefined, () => heard++)))
    }
    for (let n = 0; n < 10; n++) await look()
    const idle = await median(look)
    const busy = await median(async (turn) => {
      await pay(sql, NEW, turn * 13)
      return look()
    })
    return { merchants, idle, busy, heard }
  } finally {
    await feed.stop()
  }
}

async function median(take: (turn: number) => Promise<number>): Promise<number> {
  const all: number[] = []
  for (let turn = 0; turn < TURNS; turn++) all.push(await take(turn))
  return all.sort((a, b) => a - b)[TURNS >> 1]!
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2).map(Number)
  const missing = postgresMissing()
  if (missing) throw new Error(missing)
  const postgres = await startOwnPostgres(['shared_buffers=256MB'])
  try {
    const sql = await postgres.fresh({ max: 8, statementTimeoutMs: 600_000 })
    await pay(sql, OUTBOX, 0)
    await sql.pool.query('vacuum analyze outbox')
    console.log(`a look, ms, median of ${TURNS}; an outbox of ${OUTBOX} rows of ${OF_MERCHANTS} merchants`)
    const { rows } = await sql.pool.query<{ bytes: number }>(
      `select (pg_indexes_size('outbox') / ${OUTBOX})::int as bytes`,
    )
    console.log(`its indexes are ${rows[0]!.bytes} bytes a row`)
    for (const merchants of asked.length > 0 ? asked : [1, 1_000, 50_000]) {
      const { idle, busy, heard } = await measure(sql, merchants)
      const what = `${merchants} merchants: ${idle.toFixed(1)} with nothing new, ${busy.toFixed(1)} with ${NEW} new`
      console.log(`${what} (${heard} told), load ${loadavg()[0]!.toFixed(1)}`)
      tell({ name: `a look of the feed, ${merchants} merchants`, unit: 'ms', value: busy })
    }
    await sql.close()
  } finally {
    await postgres.stop()
  }
}

void main()
