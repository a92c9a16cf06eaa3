import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openSql, type Sql, type SqlOptions } from '../server/store/sql/open-sql'
import { tell } from './figure'
import { merchantsFor, orderPayer } from './orders'
import { logIn } from './payers'
import { parentOf, usedBy } from './processor'
import { load, UNTIL_DONE } from './rounds'
import { type Cost, type Demand, fenAnOrder, needOf } from './scale-model'
import { startWorld, type World } from './world'

/**
 * `npx tsx bench/scale.ts [orders] [--core-yuan N] [--gb-yuan N]`: what a paid order and a quote need of BFF, PostgreSQL and Redis, measured, and what
 * ten and a hundred million a day would need by that (docs/SCALE.md). Of Linux with PostgreSQL and redis-server.
 */

const ORDERS = 4_000
const AT_ONCE = 32
const A_DAY = [200_000, 1_000_000, 10_000_000, 100_000_000]
/** What isn't measured here: how people pay, and by bench/sizes.ts what an order takes for good. */
const ASSUMED = { quotesBeside: 0.5, peak: 6, load: 0.5, bytesAnOrder: 1_450, copies: 2 }
/** Nobody's offer: put in your own. */
const PRICES = { core: 100, gb: 0.5 }

interface Meter {
  read(): Promise<Cost>
}

async function meterOf(world: World, sql: Sql): Promise<Meter> {
  const backend = await sql.pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = parentOf(backend.rows[0]!.pid)
  const written = `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes`
  return {
    async read() {
      const info = await world.redis.info('cpu')
      const redisS = ['used_cpu_user', 'used_cpu_sys'].map((name) =>
        Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]),
      )
      return {
        bffUs: (await world.bff.read()).cpuUs,
        postgresUs: usedBy(postmaster),
        redisUs: (redisS[0]! + redisS[1]!) * 1e6,
        walBytes: (await sql.pool.query<{ bytes: number }>(written)).rows[0]!.bytes,
      }
    },
  }
}

/** Of each of so many pieces of work. What the house does beside it, for nobody, is in it. */
async function costOf(meter: Meter, count: number, work: () => Promise<unknown>): Promise<Cost> {
  const before = await meter.read()
  await load(AT_ONCE, { forMs: UNTIL_DONE, atMost: count }, async () => void (await work()))
  const after = await meter.read()
  const each = (of: keyof Cost) => (after[of] - before[of]) / count
  return {
    ...{ bffUs: each('bffUs'), postgresUs: each('postgresUs'), redisUs: each('redisUs'), walBytes: each('walBytes') },
  }
}

async function measured(orders: number): Promise<{ order: Cost; quote: Cost }> {
  let connection: SqlOptions | undefined
  const fill = async (of: SqlOptions) => {
    connection = of
  }
  const world = await startWorld({ merchants: merchantsFor(orders), fill })
  const sql = openSql({ ...connection, max: 1 })
  try {
    const payers = await logIn(world.bff, 'payer', Math.ceil(orders / 2), true)
    const one = orderPayer(world.bff, payers, world.merchantCodes)
    await one.deal()
    const meter = await meterOf(world, sql)
    let nth = 0
    const look = () => {
      const { headers } = payers[nth++ % payers.length]!
      return world.bff.post('/api/quotes', { merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' }, headers)
    }
    // what a process does slowly once is no order's
    await load(AT_ONCE, { forMs: UNTIL_DONE, atMost: Math.floor(orders / 4) }, one.pay)
    const order = await costOf(meter, Math.floor(orders / 2), one.pay)
    await costOf(meter, orders, look)
    return { order, quote: await costOf(meter, orders, look) }
  } finally {
    await sql.close()
    await world.stop()
  }
}

const whole = (value: number) => Math.round(value).toLocaleString('en')

function print(order: Cost, quote: Cost, prices: typeof PRICES): void {
  console.log(
    '\n| of one | BFF, µs | PostgreSQL, µs | Redis, µs | written ahead, bytes |\n| --- | --- | --- | --- | --- |',
  )
  for (const [name, cost] of [
    ['paid order', order],
    ['quote', quote],
  ] as const)
    console.log(`| ${name} | ${[cost.bffUs, cost.postgresUs, cost.redisUs, cost.walBytes].map(whole).join(' | ')} |`)
  console.log(
    `\n| orders a day | a second, mean → peak | BFFs | PostgreSQL, cores | Redis, shards | written ahead at the peak, MB/s | kept, GB a day | TB a year | ¥ a month | fen an order |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`,
  )
  for (const ordersPerDay of A_DAY) {
    const demand: Demand = { ...ASSUMED, ordersPerDay, yuanPerCoreMonth: prices.core, yuanPerGbMonth: prices.gb }
    const need = needOf(order, quote, demand)
    const cells = [
      whole(ordersPerDay),
      `${whole(need.meanPerSecond)} → ${whole(need.peakPerSecond)}`,
      ...[need.bffs, need.postgresCores, need.redisShards].map(whole),
      ...[need.walMbPerSecond, need.gbPerDay, need.tbPerYear].map((one) => one.toFixed(1)),
      whole(need.yuanPerMonth),
      fenAnOrder(need, demand).toFixed(3),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { 'core-yuan': { type: 'string' }, 'gb-yuan': { type: 'string' } },
    allowPositionals: true,
  })
  const prices = { core: Number(values['core-yuan'] ?? PRICES.core), gb: Number(values['gb-yuan'] ?? PRICES.gb) }
  const build = resolve(__dirname, '..', 'scripts', 'build-server.ts')
  execFileSync(process.execPath, ['--import', 'tsx', build], { stdio: ['ignore', 'ignore', 'inherit'] })
  const { order, quote } = await measured(Number(positionals[0] ?? ORDERS))
  print(order, quote, prices)
  const ms = (name: string, us: number) => ({ name, unit: 'ms' as const, value: us / 1_000 })
  tell(
    ms('a paid order, of BFF', order.bffUs),
    ms('a paid order, of PostgreSQL', order.postgresUs),
    ms('a paid order, of Redis', order.redisUs),
    { name: 'a paid order, written ahead', unit: 'B', value: order.walBytes },
  )
}

void main()
