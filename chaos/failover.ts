import { parseArgs } from 'node:util'
import { hasRedisServer } from '../harness/redis'
import { postgresMissing } from '../harness/sql'
import { OWN_CHANNEL } from '../server/domain/channel'
import type { OrderView, QuoteView, Session } from '../server/http/contract'
import { campaign } from '../server/sandbox/food-street'
import { readBank } from './bank-books'
import { checkDecks } from './check-decks'
import { checkOrders } from './check-orders'
import { checkBalances, checkFailures, checkIntents } from './check-payers'
import { type Client, clientOf } from './client'
import { type Cluster, startCluster } from './cluster'
import { PATIENCE_MS } from './options'
import { Outages } from './outages'
import { pause, signal } from './part'
import { rng } from './random'
import { settled } from './settle'
import { Told } from './told'
import { Verdict } from './verdict'
import { masterKeyOf, startWorld, type World } from './world'

/**
 * `npx tsx chaos/failover.ts [--node-timeout MS] [--rate N] [--lag MS] [--seed TEXT]`: a Redis Cluster of three masters and
 * three replicas loses a master under load, together with what its replica had not heard of for the last `lag` ms; then
 * PostgreSQL is killed and started again under the same load. Prints for how long discounts and payments paused. Exit code 1
 * on any violation.
 */

const MERCHANTS = 200
const WORKERS = 64
/** Load before, between and after the two faults, ms. */
const CALM_MS = 10_000
const POSTGRES_DOWN_MS = 2_000
/** Food street's decks at their dearest: nothing here is about budgets. */
const BUDGET_FEN = 1_000_000_000

interface Seen {
  merchantCode: string
  from: number
  to: number
  /** of a quote: whether it had a discount, or why it hadn't; of a pay: the order's state, or the code of its refusal */
  what: string
}

interface Load {
  quotes: Seen[]
  pays: Seen[]
  stop(): Promise<void>
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { 'node-timeout': text, rate: text, lag: text, seed: text } })
  const missing = [postgresMissing(), hasRedisServer() ? undefined : 'there is no redis-server'].filter(Boolean)
  if (missing.length > 0) {
    console.error(`the failover can't run here: ${missing.join('; ')}`)
    process.exitCode = 2
    return
  }
  const nodeTimeoutMs = Number(values['node-timeout'] ?? 2_000)
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void stop().finally(() => process.exit(130)))
  try {
    const cluster = await startCluster(nodeTimeoutMs)
    stops.push(cluster.stop)
    const options = {
      bffs: 1,
      merchants: MERCHANTS,
      campaigns: (merchantCodes: readonly string[]) => [
        { ...campaign(Date.now()), budgetFen: BUDGET_FEN, merchantCodes },
      ],
      embedded: false,
      wallets: false,
      logLevel: 'silent',
    }
    const world = await startWorld({ ...options, redisUrl: cluster.url })
    stops.push(world.stop)
    console.log(
      `failover: Redis ${cluster.version} Cluster 3+3, cluster-node-timeout ${nodeTimeoutMs}; ${world.storage}`,
    )
    const verdict = await underLoad(world, cluster, {
      rate: Number(values.rate ?? 40),
      lagMs: Number(values.lag ?? 700),
      seed: values.seed ?? 'failover',
    })
    for (const line of verdict.lines)
      console.log(
        `${line.violations === 0 ? 'ok    ' : 'BROKEN'} ${line.name.padEnd(5)} ${line.what} (${line.checked})`,
      )
    for (const line of verdict.lines) for (const sample of line.samples) console.log(`  ${line.name}: ${sample}`)
    if (verdict.violations > 0) process.exitCode = 1
  } finally {
    await stop()
  }
}

async function underLoad(
  world: World,
  cluster: Cluster,
  { rate, lagMs, seed }: { rate: number; lagMs: number; seed: string },
) {
  const verdict = new Verdict()
  const told = new Told(verdict)
  const outages = new Outages()
  const client = clientOf(world.urls, PATIENCE_MS)
  const load = startLoad(client, told, world, rate, seed)
  await pause(CALM_MS)
  const killedAt = await killMaster(cluster, world, lagMs, seed)
  await pause(2 * CALM_MS)
  await cluster.restart(killedAt.node)
  await pause(CALM_MS)
  const redisOver = Date.now()
  tellRedis(load, killedAt, redisOver, verdict)

  const over = outages.begin('postgres', 'kill')
  const postgresAt = Date.now()
  const postgres = world.parts.get('postgres')!
  await postgres.kill()
  await pause(POSTGRES_DOWN_MS)
  await postgres.start('as-it-was')
  const backAt = Date.now()
  over()
  await pause(CALM_MS)
  await load.stop()
  const loadOver = Date.now()
  tellPostgres(load, postgresAt, backAt)

  const ledger = await world.openLedger()
  const { afterMs, open } = await settled(ledger.sql, loadOver, 60_000)
  verdict.look('I5', 'everything ends within 60 s', afterMs === null ? JSON.stringify(open) : undefined)
  const bank = await readBank(world.bank, world.dataDir)
  const orders = await checkOrders(
    ledger.sql,
    masterKeyOf(world.dataDir),
    new Map([[OWN_CHANNEL, bank]]),
    told,
    verdict,
  )
  await checkDecks(ledger.sql, masterKeyOf(world.dataDir), verdict)
  await checkBalances(ledger.sql, OWN_CHANNEL, bank, verdict)
  await checkIntents(ledger.sql, verdict)
  checkFailures(client.failures, outages, loadOver, verdict)
  await ledger.close()
  await client.close()
  console.log(
    `orders: ${orders.paid} paid (${orders.discounted} with a discount), ${orders.closed} closed; settled after ${afterMs} ms`,
  )
  return verdict
}

/** Payers who quote and pay, each visit at a merchant by chance, at a steady rate. */
function startLoad(client: Client, told: Told, world: World, rate: number, seed: string): Load {
  const quotes: Seen[] = []
  const pays: Seen[] = []
  let stopped = false
  let next = 0
  const began = performance.now()
  const once = async (nth: number, token: string, tries = 1): Promise<void> => {
    const draw = rng(seed, 'visit', nth)
    const { merchantCode } = draw.pick(world.merchants)
    const body = { merchantCode, amountFen: draw.between(1_000, 20_000), channel: OWN_CHANNEL }
    const quote = await client.call<QuoteView>(0, 'POST', '/api/quotes', { token, body })
    const seen = (answer: { sentAt: number; at: number }, what: string) => ({
      merchantCode,
      from: answer.sentAt,
      to: answer.at,
      what,
    })
    if (quote.kind !== 'ok') return void quotes.push(seen(quote, quote.kind === 'lost' ? 'lost' : quote.code))
    quotes.push(seen(quote, quote.body.reason ?? 'discount'))
    const pay = { token, key: `failover-${tries}-of-${nth}`, body: { quoteId: quote.body.quoteId } }
    const paid = await client.call<OrderView>(0, 'POST', '/api/orders', pay)
    pays.push(seen(paid, paid.kind === 'ok' ? paid.body.state : paid.kind === 'lost' ? 'lost' : paid.code))
    if (paid.kind === 'ok') told.order(paid.body, token, nth, quote.body)
    // Whose card is gone quotes anew, and pays that.
    else if (paid.kind === 'problem' && paid.code === 'slot-taken' && tries < 3) await once(nth, token, tries + 1)
  }
  const worker = async (_: unknown, i: number) => {
    const session = await client.call<Session>(0, 'POST', '/api/session', {
      body: { platform: 'browser', code: `payer-${i}` },
    })
    if (session.kind !== 'ok') throw new Error('no session')
    while (!stopped) {
      const nth = next++
      await pause(Math.max(0, (nth * 1_000) / rate - (performance.now() - began)))
      if (!stopped) await once(nth, session.body.token)
    }
  }
  const workers = Promise.all(Array.from({ length: WORKERS }, worker))
  return {
    quotes,
    pays,
    async stop() {
      stopped = true
      await workers
    },
  }
}

interface Killed {
  at: number
  node: { port: number; pid: number }
  merchantCodes: Set<string>
}

/**
 * Kills the master of a merchant drawn from the seed. Its replica is cut off first, and stopped so that it can't catch up: what
 * was taken and confirmed since is lost with the master.
 */
async function killMaster(cluster: Cluster, world: World, lagMs: number, seed: string): Promise<Killed> {
  const tagOf = (merchantCode: string) => `food-street:${merchantCode}`
  const { master, replicas } = await cluster.ownerOf(tagOf(rng(seed, 'master').pick(world.merchants).merchantCode))
  const merchantCodes = new Set<string>()
  for (const { merchantCode } of world.merchants)
    if ((await cluster.ownerOf(tagOf(merchantCode))).master.port === master.port) merchantCodes.add(merchantCode)
  for (const { pid } of replicas) signal(pid, 'SIGSTOP')
  await cluster.ask(master, 'CLIENT', 'KILL', 'TYPE', 'replica')
  await pause(lagMs)
  const at = Date.now()
  cluster.kill(master)
  for (const { pid } of replicas) signal(pid, 'SIGCONT')
  return { at, node: master, merchantCodes }
}

function tellRedis({ quotes, pays }: Load, { at, merchantCodes }: Killed, until: number, verdict: Verdict): void {
  const during = (seen: Seen) => seen.to >= at && seen.from <= until
  const paused = quotes.filter((seen) => during(seen) && seen.what === 'discount-unavailable')
  const its = paused.filter((seen) => merchantCodes.has(seen.merchantCode))
  const last = Math.max(at, ...its.map((seen) => seen.to))
  const back = quotes.find(
    (seen) => seen.from >= last && merchantCodes.has(seen.merchantCode) && seen.what === 'discount',
  )
  const refused = pays.filter((seen) => during(seen) && !['paid', 'paying', 'closed', 'slot-taken'].includes(seen.what))
  const taken = pays.filter((seen) => during(seen) && seen.what === 'slot-taken')
  console.log(
    `a master of ${merchantCodes.size} of ${MERCHANTS} merchants killed: their discounts paused for ${last - at} ms, were back after ${back ? back.to - at : 'never'} ms; ` +
      `${its.length} quotes without, and ${paused.length - its.length} at other merchants`,
  )
  console.log(
    `pays meanwhile: ${pays.filter(during).length}, refused ${refused.length}; told that their card is gone: ${taken.length}`,
  )
  for (const seen of refused) verdict.violate('I9', 'no pay is refused in a failover of Redis', JSON.stringify(seen))
  verdict.checked('I9', 'no pay is refused in a failover of Redis', pays.filter(during).length)
  verdict.look('I9', 'discounts resume by themselves', back ? undefined : 'they did not')
}

function tellPostgres({ quotes, pays }: Load, at: number, back: number): void {
  const fine = new Set([
    'paid',
    'paying',
    'closed',
    'slot-taken',
    'discount',
    'all-held',
    'sold-out',
    'discount-unavailable',
  ])
  const refused = [...quotes, ...pays].filter((seen) => seen.to >= at && !fine.has(seen.what))
  const last = Math.max(at, ...refused.map((seen) => seen.to))
  const first = pays.find((seen) => seen.from >= back && seen.what === 'paid')
  const codes = [...new Set(refused.map((seen) => seen.what))].join(', ')
  console.log(
    `PostgreSQL away for ${back - at} ms: ${refused.length} requests refused (${codes}), the last after ${last - at} ms; ` +
      `the first payment ${first ? first.to - back : 'never'} ms after it was back`,
  )
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
