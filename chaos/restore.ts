import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, createDatabase, dump, fromDump, fromLog, keep, startCluster } from '../harness/backups'
import { freePort } from '../harness/free-port'
import { hasRedisServer, startTestRedis } from '../harness/redis'
import { databaseUrl, postgresMissing } from '../harness/sql'
import { eventually, startTestSystem, type TestSystem } from '../harness/system'
import type { SqlOptions } from '../server/store/sql/open-sql'
import { asked, count, crowdAt, knownAsPaid, more, seconds, tool } from './drill'
import type { Paid } from './paying'

/**
 * `npm run restore`: the loss of the database while people pay, and the three ways back: the log to its end, the log to a moment, a dump. After
 * each the house opens on a new cluster and an empty Redis, its audit is clean, it takes payments, and merchants' pages go on without old
 * news. Prints what each took and what it lost. Exit code 1: something didn't hold; 2: the machine lacks what it needs.
 */

export interface DrillOptions {
  /** payments a second */
  rate: number
  /** so many are paid before the dump, between it and the moment, from then until the loss, and after each way back */
  each: number
  ways: readonly Way[]
}

export type Way = 'the log to its end' | 'the log to a moment' | 'a dump'

export interface Restored {
  way: Way
  tookMs: number
  /** of what payers had been told was paid, what the books no longer know */
  lost: number
  /** paid before the copy was made or the moment, and not known: none may be */
  lostBefore: number
  /** orders that nobody had heard the end of, and what became of them */
  ended: number
  audit: { clean: boolean; text: string }
  after: Pick<Paid, 'paid' | 'failed'> & { heard: number; of: number; repeats: number }
}

export interface Drilled {
  paid: number
  /** of those */
  discounted: number
  dumpMs: number
  restored: Restored[]
}

const DATABASE = 'house'
export const restoreMissing = () =>
  postgresMissing() ?? (hasRedisServer() ? undefined : 'skipped: restore (no redis-server)')

export async function drill(options: DrillOptions, say: (line: string) => void = () => {}): Promise<Drilled> {
  const stops: (() => unknown)[] = []
  const elsewhere = mkdtempSync(join(tmpdir(), 'fapai-elsewhere-'))
  stops.push(() => rmSync(elsewhere, { recursive: true, force: true }))
  try {
    const site = await startCluster()
    stops.push(() => gone(site))
    await createDatabase(site, DATABASE)
    const redis = await startTestRedis('redis-server')
    stops.push(redis.stop)
    const port = await freePort()
    const stores = { DATABASE_URL: urlOf(site), REDIS_URL: redis.url }
    const system = await startTestSystem({ ...stores, PORT: String(port), LOG_LEVEL: 'error' })
    stops.push(system.stop)
    const crowd = await crowdAt({ url: system.url() }, options.rate)
    stops.push(crowd.leave)

    const kept = await keep(site, elsewhere)
    const load = await crowd.pay(options.rate)
    await more(load, options.each)
    const [beforeDump, from] = [load.orderNos.length, performance.now()]
    const file = await dump(site, DATABASE)
    const dumpMs = performance.now() - from
    say(`dumped in ${seconds(dumpMs)} while people paid`)
    await more(load, options.each)
    const [beforeMoment, moment] = [load.orderNos.length, Date.now()]
    await more(load, options.each)
    const paid = [...load.orderNos]
    await Promise.all([system.killBff(), site.lose()])
    await load.stop()
    await kept.stop()
    say(`the database is lost after ${paid.length} payments; ${[...new Set(load.failed)].slice(0, 3).join(' | ')}`)

    const makes: Record<Way, { before: number; make: () => Promise<Cluster> }> = {
      'the log to its end': { before: paid.length, make: () => fromLog(kept) },
      'the log to a moment': { before: beforeMoment, make: () => fromLog(kept, moment) },
      'a dump': { before: beforeDump, make: () => fromDump(file, DATABASE) },
    }
    const restored: Restored[] = []
    for (const way of options.ways) {
      const { before, make } = makes[way]
      restored.push(await restore(way, { system, crowd, make, paid, before, ...options }))
      say(lineOf(restored.at(-1)!))
    }
    return { paid: paid.length, discounted: load.discounted, dumpMs, restored }
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

interface Restoring {
  system: TestSystem
  crowd: Awaited<ReturnType<typeof crowdAt>>
  make(): Promise<Cluster>
  paid: readonly string[]
  before: number
  rate: number
  each: number
}

async function restore(way: Way, { system, crowd, make, paid, before, rate, each }: Restoring): Promise<Restored> {
  const from = performance.now()
  const site = await make()
  // What Redis holds is of a ledger that is gone: which cards are taken is told by this one's orders.
  const redis = await startTestRedis('redis-server')
  const env = { DATABASE_URL: urlOf(site), REDIS_URL: redis.url }
  try {
    if (way === 'a dump') await tool(system, env, 'prune', '--all')
    const books = site.connection(DATABASE)
    const open = await underWay(books)
    const repeatedBefore = crowd.repeated().length
    await system.startBff(env)
    const tookMs = performance.now() - from
    const known = await knownAsPaid(books, paid)
    await eventually(async () => ((await count(books, `state = 'paying'`)) === 0 ? true : undefined))
    const load = await crowd.pay(rate)
    await more(load, each)
    await load.stop()
    const { of, heard } = await crowd.heard()
    // What these books don't know the end of ends once more, and so is news there.
    const repeated = crowd.repeated().slice(repeatedBefore)
    const repeats = repeated.filter((orderNo) => !open.has(orderNo)).length
    await system.killBff()
    const audit = await tool(system, env, 'audit')
    return {
      ...{ way, tookMs, ended: open.size, audit },
      lost: paid.filter((orderNo) => !known.has(orderNo)).length,
      lostBefore: paid.slice(0, before).filter((orderNo) => !known.has(orderNo)).length,
      after: { paid: load.paid, failed: load.failed, of, heard, repeats },
    }
  } finally {
    await gone(site)
    await redis.stop()
  }
}

async function underWay(books: SqlOptions): Promise<Set<string>> {
  const rows = await asked<{ order_no: string }>(books, `select order_no from orders where state = 'paying'`)
  return new Set(rows.map((row) => row.order_no))
}

async function gone(site: Cluster): Promise<void> {
  await site.lose()
  rmSync(site.folder, { recursive: true, force: true })
}

const urlOf = ({ connection }: Cluster) => databaseUrl(connection(DATABASE))

function lineOf({ way, tookMs, lost, lostBefore, ended, audit, after }: Restored): string {
  const books = audit.clean ? 'audit clean' : `the audit isn't clean: ${audit.text}`
  return [
    `${way}: open after ${seconds(tookMs)}, ${lost} of the paid lost, ${lostBefore} of those from before it; ${ended} that were under way have ended; ${books}`,
    `then ${after.paid} paid, ${after.failed.length} failed; the merchant's page heard ${after.heard} of ${after.of}, ${after.repeats} again`,
    ...after.failed.slice(0, 3),
  ].join('\n  ')
}

/** What didn't hold, in words. */
export function faultsOf({ paid, discounted, restored }: Drilled): string[] {
  const nobody = paid === 0 ? ['nobody paid before the loss, so nothing was lost: this was no drill'] : []
  if (paid > 0 && discounted === 0)
    nobody.push(`none of ${paid} payments before the loss had a discount: no card was tried`)
  const faults = restored.flatMap(({ way, lost, lostBefore, audit, after }) => [
    ...(way === 'the log to its end' && lost > 0 ? [`${way}: ${lost} payments are lost`] : []),
    ...(lostBefore > 0 ? [`${way}: ${lostBefore} payments from before it are lost`] : []),
    ...(audit.clean ? [] : [`${way}: ${audit.text}`]),
    ...after.failed.map((one) => `${way}: ${one}`),
    ...(after.paid === 0 ? [`${way}: nobody paid afterwards`] : []),
    ...(after.of === 0 ? [`${way}: nothing was paid at the merchant whose page listens`] : []),
    ...(after.heard < after.of ? [`${way}: the merchant’s page heard ${after.heard} of ${after.of}`] : []),
    ...(after.repeats > 0 ? [`${way}: the merchant’s page heard ${after.repeats} again`] : []),
  ])
  return [...nobody, ...faults]
}

async function main(): Promise<number> {
  const missing = restoreMissing()
  if (missing) {
    console.error(missing)
    return 2
  }
  const ways = ['the log to its end', 'the log to a moment', 'a dump'] as const
  const drilled = await drill({ rate: 30, each: 100, ways }, (line) => console.log(line))
  const faults = faultsOf(drilled)
  for (const fault of faults) console.log(fault)
  return faults.length > 0 ? 1 : 0
}

if (require.main === module)
  main().then(
    (code) => process.exit(code),
    (error) => {
      console.error(error)
      process.exit(2)
    },
  )
