import { createHmac, randomFillSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster, Redis } from 'ioredis'
import { postgresMissing, startOwnPostgres } from '../harness/sql'
import { addDays, businessDate } from '../server/domain/business-date'
import { ENCLOSING_BYTES } from '../server/domain/enclose'
import { deckKeys, masterKeys } from '../server/domain/key-ring'
import { pooledRandom } from '../server/domain/random'
import { dealDay } from '../server/flow/deck/deal-day'
import * as street from '../server/sandbox/food-street'
import { connectRedis, redisReady } from '../server/store/redis/connect'
import { startEmbeddedRedis } from '../server/store/redis/embedded'
import { redisSlots } from '../server/store/redis/slots'
import { sqlDecks } from '../server/store/sql/deck/decks'
import { openSql, type Sql } from '../server/store/sql/open-sql'
import { sqlLedger } from '../server/store/sql/payment/ledger'
import { seedFoodStreet } from '../server/store/sql/seed'
import { tell } from './figure'
import { compare, type Sample } from './rounds'

/**
 * `tsx bench/deal.ts [merchants] [rounds]`: the decks of a day for so many merchants (100,000 unless told), dealt by one
 * process on a real PostgreSQL and Redis, against a floor that makes the hashes of a deck and stores as many rows and values, of
 * the same size, in the same batches.
 */

const BATCH = 1_000
const KEY = Buffer.alloc(32, 7)
const CARDS = 20
/** Of a deck of the case: its secret, its seed, its commitment and on average five blocks of random words. */
const HASHES = 8

async function main(): Promise<void> {
  const [merchants = 100_000, rounds = 3] = process.argv.slice(2).map(Number)
  const missing = postgresMissing()
  if (missing) throw new Error(missing)
  const dir = mkdtempSync(join(tmpdir(), 'fapai-bench-deal-'))
  const stops: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })]
  try {
    const server = await startEmbeddedRedis({ socketDir: dir })
    stops.push(server.stop)
    const redis = connectRedis(server.url)
    stops.push(() => redis.disconnect())
    await redisReady(redis, 10_000)
    const postgres = await startOwnPostgres()
    stops.push(postgres.stop)
    await (await postgres.fresh()).close()
    const sql = openSql(postgres.connection())
    stops.push(sql.close)
    await seed(sql, merchants)
    let days = 0
    const ours = () => dealt(sql, redis, addDays(businessDate(Date.now()), days++), merchants)
    const floor = () => stored(sql, redis, merchants, `floor-${days++}`)
    const result = await compare(rounds, ours, floor)
    const { ratio, ours: dealing, floor: storing } = result
    tell({ name: 'decks dealt', unit: '/s', value: dealing.perSecond, floor: storing.perSecond, ratio })
    const whole = (value: number) => Math.round(value).toLocaleString('en')
    console.log(`${whole(merchants)} merchants, ${server.kind}, PostgreSQL, ${rounds} rounds`)
    console.log(`decks dealt, committed and loaded: ${whole(result.ours.perSecond)}/s`)
    console.log(`floor, hashed and stored:          ${whole(result.floor.perSecond)}/s`)
    console.log(`ratio ${result.ratio.toFixed(2)} (${result.ratios.map((one) => one.toFixed(2)).join(' ')})`)
    console.log(`peak memory ${whole(process.resourceUsage().maxRSS / 1_024)} MB`)
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

async function seed(sql: Sql, count: number): Promise<void> {
  const [first] = street.merchants
  const campaign = { ...street.campaign(Date.now()), budgetFen: 1e13, merchantCodes: [] }
  await seedFoodStreet(sql, { merchants: [first!], campaigns: [campaign] })
  await sql.pool.query(
    `insert into merchants select 'N' || lpad(i::text, 7, '0'), 'n', '${first!.branchCode}', 'a' || i
     from generate_series(1, ${count}) i`,
  )
  await sql.pool.query(
    `insert into campaign_merchants select '${campaign.campaignId}', merchant_code from merchants where name = 'n'`,
  )
  await sql.pool.query('analyze')
  await sql.pool.query(
    'create table floor_decks (merchant_code text, day text, sealed bytea, primary key (day, merchant_code))',
  )
}

async function dealt(sql: Sql, redis: Redis | Cluster, date: string, expected: number): Promise<Sample> {
  const began = performance.now()
  const day = await dealDay(
    {
      ledger: sqlLedger(sql),
      decks: sqlDecks(sql),
      slots: redisSlots(redis),
      clock: { now: Date.now },
      random: pooledRandom(randomFillSync),
      ...deckKeys(masterKeys(KEY)),
    },
    date,
  )
  if (day.dealt !== expected || day.loaded !== expected) throw new Error(JSON.stringify(day))
  return sample(expected, began)
}

/** The same batches, one after another as they must be, each row and each value as large as a deck's. */
async function stored(sql: Sql, redis: Redis | Cluster, count: number, day: string): Promise<Sample> {
  const began = performance.now()
  const sealed = Buffer.alloc(ENCLOSING_BYTES + 2 * CARDS)
  const packed = Buffer.alloc(12)
  let loading: Promise<unknown> = Promise.resolve()
  for (let from = 0; from < count; from += BATCH) {
    const codes = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => `N${from + i}`)
    for (const code of codes) for (let i = 0; i < HASHES; i++) createHmac('sha256', KEY).update(code).digest()
    await sql.pool.query(
      `insert into floor_decks select code, $2, sealed from unnest($1::text[], $3::bytea[]) as a(code, sealed)`,
      [codes, day, codes.map(() => sealed)],
    )
    await loading
    loading = Promise.all(codes.map((code) => redis.set(`floor:${day}:${code}`, packed, 'EX', 600)))
  }
  await loading
  return sample(count, began)
}

function sample(count: number, began: number): Sample {
  return { perSecond: count / ((performance.now() - began) / 1_000), cpuUs: null, busy: null }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
