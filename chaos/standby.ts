import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Cluster, createDatabase, type Standby, standbyOf, startCluster, writeNoMore } from '../harness/backups'
import { hasRedisServer, startTestRedis } from '../harness/redis'
import { databaseUrl, postgresMissing } from '../harness/sql'
import { eventually, startTestSystem, type TestSystem } from '../harness/system'
import { startTcpSwitch, type TcpSwitch } from '../harness/tcp-switch'
import { asked, count, crowdAt, knownAsPaid, seconds, tool } from './drill'

/**
 * `npm run standby`: a standby takes the place of the primary while people pay, and no BFF is restarted. First the primary is handed over: it
 * writes no more but goes on answering, the standby is promoted, the address moved; connections that stay lead to the old one. Then the
 * primary is lost at once, and another standby takes over. Prints after how long payments went on, what failed and with which words, and
 * holds the new books against what payers were told. Exit code 1: something didn't hold; 2: the machine lacks what it needs.
 */

export interface StandbyOptions {
  /** payments a second */
  rate: number
  /** so many are paid before each way and after it */
  each: number
  ways: readonly Way[]
}

export type Way = 'handed over' | 'lost'

export interface TakenOver {
  way: Way
  paidBefore: number
  /** from the first moment in which nothing could be written until somebody had paid at the new primary */
  servedAgainMs: number
  /** what payers were told meanwhile */
  failed: string[]
  /** of what payers had been told was paid, what the books no longer know: none may be */
  lost: number
  /** connections of ours that lead to the old primary at the end, which goes on answering where it was handed over */
  left: number
  audit: { clean: boolean; text: string }
}

export interface StandbyDrilled {
  paid: number
  discounted: number
  takenOver: TakenOver[]
  feed: { of: number; heard: number; repeats: number }
}

const DATABASE = 'house'

/** Says why it can't run here; undefined when it can. */
export const standbyMissing = () =>
  postgresMissing() ?? (hasRedisServer() ? undefined : 'skipped: a standby that takes over (no redis-server)')

export async function standby(
  options: StandbyOptions,
  say: (line: string) => void = () => {},
): Promise<StandbyDrilled> {
  const stops: (() => unknown)[] = []
  const gone = new Set<Cluster>()
  const begun = (site: Cluster) => {
    stops.push(async () => {
      if (!gone.has(site)) await site.lose()
      rmSync(site.folder, { recursive: true, force: true })
    })
    return site
  }
  try {
    let primary = begun(await startCluster())
    await createDatabase(primary, DATABASE)
    const redis = await startTestRedis('redis-server')
    stops.push(redis.stop)
    const address = await startTcpSwitch(socketOf(primary))
    stops.push(address.stop)
    const url = `postgres://postgres@127.0.0.1:${address.port}/${DATABASE}`
    const stores = { DATABASE_URL: url, REDIS_URL: redis.url }
    const system = await startTestSystem({ ...stores, LOG_LEVEL: 'silent' })
    stops.push(system.stop)
    const crowd = await crowdAt({ url: system.url() }, options.rate)
    stops.push(crowd.leave)
    const load = await crowd.pay(options.rate)
    stops.push(load.stop)
    const takenOver: TakenOver[] = []
    for (const way of options.ways) {
      const next = await standbyOf(primary)
      begun(next)
      const at = { way, primary, next, address, system, load, each: options.each, gone }
      takenOver.push(await takeOver(at))
      primary = next
      say(lineOf(takenOver.at(-1)!))
    }
    await load.stop()
    const feed = await crowd.heard()
    return { paid: load.paid, discounted: load.discounted, takenOver, feed }
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

interface TakingOver {
  way: Way
  primary: Cluster
  next: Standby
  address: TcpSwitch
  system: TestSystem
  load: { orderNos: readonly string[]; failed: readonly string[] }
  each: number
  gone: Set<Cluster>
}

async function takeOver({ way, primary, next, address, system, load, each, gone }: TakingOver): Promise<TakenOver> {
  const paidMore = async (from: number, so: number) =>
    eventually(async () => (load.orderNos.length >= from + so ? true : undefined))
  await paidMore(load.orderNos.length, each)
  const env = { DATABASE_URL: databaseUrl(next.connection(DATABASE)) }
  const before = await tool(system, env, 'audit')
  const failedBefore = load.failed.length
  const from = performance.now()
  if (way === 'handed over') {
    await writeNoMore(primary)
    await next.caughtUp()
  } else {
    gone.add(primary)
    await primary.lose()
  }
  const paid = [...load.orderNos]
  await next.promote()
  address.to(socketOf(next))
  // Whoever was told before the address moved was told by the old one; the next is.
  await paidMore(load.orderNos.length, 1)
  const servedAgainMs = performance.now() - from
  await paidMore(load.orderNos.length, each)
  const books = next.connection(DATABASE)
  const left = way === 'handed over' ? await noneLeft(primary) : 0
  await eventually(async () => ((await count(books, `state = 'paying'`)) <= 1 ? true : undefined))
  const known = await knownAsPaid(books, paid)
  return {
    ...{ way, servedAgainMs, left, paidBefore: paid.length },
    failed: load.failed.slice(failedBefore),
    lost: paid.filter((orderNo) => !known.has(orderNo)).length,
    audit: before.clean ? await tool(system, env, 'audit') : { ...before, text: `of the standby: ${before.text}` },
  }
}

const socketOf = ({ folder }: Cluster) => join(folder, '.s.PGSQL.5432')

/** Connections of BFFs to a server, once there are none or it is clear that they stay. */
async function noneLeft(site: Cluster): Promise<number> {
  const ours = `select count(*)::int as n from pg_stat_activity where application_name = 'fapai'`
  const look = async () => (await asked<{ n: number }>(site.connection(DATABASE), ours))[0]!.n
  return eventually(async () => ((await look()) === 0 ? 0 : undefined), 30_000).catch(look)
}

function lineOf({ way, paidBefore, servedAgainMs, failed, lost, left, audit }: TakenOver): string {
  const books = audit.clean ? 'audit clean' : `the audit isn't clean: ${audit.text}`
  const words = [...new Set(failed.map(kindOf))]
  return [
    `${way} after ${paidBefore} payments: served again after ${seconds(servedAgainMs)}, ${failed.length} failed, ${lost} of the paid lost, ${left} connections left at the old one; ${books}`,
    ...words.slice(0, 3),
  ].join('\n  ')
}

/** A failure without its numbers. */
const kindOf = (text: string) => /"code":"([a-z-]+)"/.exec(text)?.[1] ?? text.replace(/F\d{8}[-\w]+/, '…')

/** What payers may be told meanwhile: to come again, or that it is under way. */
const MAY_BE_TOLD = /^(ledger-unavailable|order … is paying)$/

/** What didn't hold, in words. */
export function faultsOf({ paid, discounted, takenOver, feed }: StandbyDrilled): string[] {
  return [
    ...(paid === 0 ? ['nobody paid: this was no drill'] : []),
    ...(paid > 0 && discounted === 0 ? [`none of ${paid} payments had a discount: no card was tried`] : []),
    ...(feed.of === 0 ? ['nothing was paid at the merchant whose page listens'] : []),
    ...(feed.heard < feed.of ? [`the merchant's page heard ${feed.heard} of ${feed.of} orders`] : []),
    ...(feed.repeats > 0 ? [`it heard ${feed.repeats} again`] : []),
    ...takenOver.flatMap(({ way, lost, left, failed, audit }) => [
      ...(lost > 0 ? [`${way}: ${lost} payments that payers were told of are lost`] : []),
      ...(left > 0 ? [`${way}: ${left} connections still lead to the old primary`] : []),
      ...(audit.clean ? [] : [`${way}: the audit isn't clean`]),
      ...[...new Set(failed.map(kindOf))].filter((one) => !MAY_BE_TOLD.test(one)).map((one) => `${way}: told ${one}`),
    ]),
  ]
}

async function main(): Promise<number> {
  const missing = standbyMissing()
  if (missing) {
    console.error(missing)
    return 2
  }
  const drilled = await standby({ rate: 20, each: 60, ways: ['handed over', 'lost'] }, (line) => console.log(line))
  const { paid, discounted, feed } = drilled
  console.log(
    `paid ${paid} (${discounted} with a discount); the merchant's page heard ${feed.heard} of ${feed.of}, ${feed.repeats} again`,
  )
  const faults = faultsOf(drilled)
  for (const fault of faults) console.log(fault)
  return faults.length > 0 ? 1 : 0
}

if (require.main === module) main().then((code) => process.exit(code))
