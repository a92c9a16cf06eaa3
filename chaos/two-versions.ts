import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Cluster, createEmptyDatabase, startCluster } from '../harness/backups'
import { freePort } from '../harness/free-port'
import { hasRedisServer, startTestRedis } from '../harness/redis'
import { databaseUrl, postgresMissing } from '../harness/sql'
import { eventually, startTestSystem, type TestSystem } from '../harness/system'
import { commitBefore, type VersionBefore, versionBefore } from '../harness/version-before'
import type { Child } from '../server/sandbox/children'
import { ChildFailed } from '../server/sandbox/children'
import type { Bff } from '../server/sandbox/system'
import { asked, count, nothing, seconds, toolOf } from './drill'
import { type Client, clientOf, listen, logIn, merchantToken, type Paid, payEvery, REST_S } from './paying'

/**
 * `npm run two-versions [-- --before COMMIT]`: an upgrade and its way back, with the version before as it is in git's history (`BEFORE`, or the newest with another schema) and this one, on one ledger and Redis while people pay:
 * the old one alone; this version's `fapai migrate` beside it; both, a quote at one and its payment at the other; back to the old one; forward to the new one; `fapai migrate --contract`. After each nothing may have failed and the audit is clean. Prints its
 * figures. Exit code 1: something didn't hold; 2: the machine lacks what it needs, or there is no such version.
 */

export interface UpgradeOptions {
  /** payments a second */
  rate: number
  /** so many are paid in each phase */
  each: number
}

const PHASES = [
  'the old one',
  'the old one, migrated',
  'both',
  'back to the old one',
  'the new one',
  'the new one, contracted',
] as const
type PhaseName = (typeof PHASES)[number]

export interface Phase extends Pick<Paid, 'paid' | 'failed' | 'discounted'> {
  name: PhaseName
  tookMs: number
  feed: { of: number; heard: number; repeats: number }
  audits: { by: 'old' | 'new'; clean: boolean; text: string }[]
}

export interface Upgraded {
  before: Pick<VersionBefore, 'said' | 'since'>
  phases: Phase[]
  /** what the old version says when it is started after all; null: it starts */
  afterwards: string | null
  /** whether one of the steps since is one that older versions can't bear */
  breaks: boolean
}

const DATABASE = 'house'

/** Says why it can't run here; undefined when it can. */
export function twoVersionsMissing(): string | undefined {
  const redis = () => (hasRedisServer() ? undefined : 'skipped: two versions (no redis-server)')
  const sought = commitBefore()
  return postgresMissing() ?? redis() ?? ('missing' in sought ? sought.missing : undefined)
}

export async function twoVersions(options: UpgradeOptions, say: (line: string) => void = () => {}): Promise<Upgraded> {
  const sought = commitBefore()
  if ('missing' in sought) throw new Error(sought.missing)
  const stops: (() => unknown)[] = []
  try {
    const old = versionBefore(sought.commit)
    stops.push(old.remove)
    say(`before: ${old.said}; steps since: ${old.since.join(', ') || 'none'}`)
    const site = await startCluster()
    stops.push(async () => {
      await site.lose()
      rmSync(site.folder, { recursive: true, force: true })
    })
    await createEmptyDatabase(site, DATABASE)
    const redis = await startTestRedis('redis-server')
    stops.push(redis.stop)
    const stores = { DATABASE_URL: databaseUrl(site.connection(DATABASE)), REDIS_URL: redis.url }
    const main = join(old.folder, 'server/main.ts')
    const port = String(await freePort())
    const system = await startTestSystem({ ...stores, PORT: port, LOG_LEVEL: 'error' }, { main })
    stops.push(system.stop)
    return await upgrade({ old, main, site, system, stores, options, say, stops })
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

interface Upgrading {
  old: VersionBefore
  /** the old one's */
  main: string
  site: Cluster
  system: TestSystem
  stores: { DATABASE_URL: string; REDIS_URL: string }
  options: UpgradeOptions
  say(line: string): void
  stops: (() => unknown)[]
}

async function upgrade(at: Upgrading): Promise<Upgraded> {
  const { old, main, system, stores, stops } = at
  const start = async (its?: string) => {
    const child = await system.startAnother({ PORT: String(await freePort()) }, its)
    stops.push(child.stop)
    return child
  }
  const migrate = async (...args: string[]) => {
    const { clean, text } = await toolOf(HERE, system, stores, 'migrate', ...args)
    if (!clean) throw new Error(`fapai migrate ${args.join(' ')}: ${text}`)
  }
  const phases: Phase[] = []
  const people = await crowdOf(system.url(), at.options.rate)
  stops.push(people.leave)
  const phase = async (
    name: PhaseName,
    bffs: Child<Bff>[],
    by: Phase['audits'][number]['by'][],
    meanwhile?: () => Promise<unknown>,
  ) => {
    phases.push({ ...(await people.pay(bffs, at.options, meanwhile)), name, audits: await auditsBy(at, by) })
    at.say(lineOf(phases.at(-1)!))
  }
  const first = system.bff()
  await phase('the old one', [first], ['old'])
  await phase('the old one, migrated', [first], ['old', 'new'], () => migrate())
  const early = await start()
  await phase('both', [first, early], ['old', 'new'])
  await early.stop()
  await phase('back to the old one', [first], ['old', 'new'])
  const late = await start()
  await first.stop()
  await phase('the new one', [late], ['new'])
  await phase('the new one, contracted', [late], ['new'], () => migrate('--contract'))
  const afterwards = await start(main).then(
    async (child) => {
      await child.stop()
      return null
    },
    (error: Error) => {
      if (!(error instanceof ChildFailed)) throw error
      return error.message
    },
  )
  return { before: old, phases, afterwards, breaks: await isBroken(at) }
}

const HERE = join(__dirname, '..')

/** Whether a step that the old version doesn't know says that older ones can't bear it. */
async function isBroken({ old, site }: Upgrading): Promise<boolean> {
  const text = 'select name from kysely_migration where breaks and name = any($1)'
  return (await asked(site.connection(DATABASE), text, [old.since])).length > 0
}

/** Once nothing is under way, by whichever versions know the schema. */
async function auditsBy({ old, site, system, stores }: Upgrading, by: Phase['audits'][number]['by'][]) {
  await eventually(async () => ((await count(site.connection(DATABASE), `state = 'paying'`)) === 0 ? true : undefined))
  const audits: Phase['audits'] = []
  for (const one of by)
    audits.push({ by: one, ...(await toolOf(one === 'old' ? old.folder : HERE, system, stores, 'audit')) })
  return audits
}

/** The same people throughout; in each phase a merchant's page listens at the first of the BFFs. */
async function crowdOf(url: string, rate: number) {
  const client = clientOf({ url })
  const payers = await Promise.all(Array.from({ length: rate * REST_S }, (_, i) => logIn(client, `upgraded-${i}`)))
  const token = await merchantToken(client)
  return {
    async pay(bffs: Child<Bff>[], { rate, each }: UpgradeOptions, meanwhile: () => Promise<unknown> = async () => {}) {
      const began = performance.now()
      const clients = bffs.map(({ said }) => clientOf(said))
      const page = listen(bffs[0]!.said, token)
      await page.ready()
      const result = nothing()
      const load = payEvery(1_000 / rate, roundRobin(clients), payers, result, page)
      await meanwhile()
      await eventually(async () => (result.paid >= each || result.failed.length > 0 ? true : undefined))
      await load.stop()
      await page.heardAll()
      const { paid: of, heard, repeats } = page.figures()
      page.close()
      for (const one of clients) await one.close()
      const { paid, failed, discounted } = result
      return { paid, failed, discounted, feed: { of, heard, repeats }, tookMs: performance.now() - began }
    },
    leave: client.close,
  }
}

/** Each request at the next: a quote at one, its payment mostly at another. */
function roundRobin(clients: readonly Client[]): Client {
  let asked = 0
  return {
    call: (...args) => clients[asked++ % clients.length]!.call(...args),
    close: async () => {},
  }
}

function lineOf({ name, paid, discounted, failed, feed, audits, tookMs }: Phase): string {
  const books = audits.map(({ by, clean, text }) => `audit of the ${by} one ${clean ? 'clean' : `isn't: ${text}`}`)
  return [
    `${name}: paid ${paid} (${discounted} with a discount), failed ${failed.length}, in ${seconds(tookMs)}; the merchant's page heard ${feed.heard} of ${feed.of}, ${feed.repeats} again; ${books.join(', ')}`,
    ...[...new Set(failed)].slice(0, 3),
  ].join('\n  ')
}

/** What didn't hold, in words. */
export function faultsOf({ phases, afterwards, breaks, before }: Upgraded): string[] {
  return [
    ...(before.since.length === 0 ? ['the version before has the schema of this one: nothing was upgraded'] : []),
    ...PHASES.filter((name) => !phases.some((one) => one.name === name)).map((name) => `${name}: wasn't tried`),
    ...phases.flatMap(({ name, paid, discounted, failed, feed, audits }) => [
      ...(paid === 0 ? [`${name}: nobody paid`] : []),
      ...(paid > 0 && discounted === 0 ? [`${name}: none of ${paid} payments had a discount`] : []),
      ...(failed.length > 0 ? [`${name}: ${failed.length} payments failed`] : []),
      ...(feed.heard < feed.of || feed.repeats > 0
        ? [`${name}: the merchant's page heard ${feed.heard} of ${feed.of}, ${feed.repeats} again`]
        : []),
      ...audits.filter(({ clean }) => !clean).map(({ by }) => `${name}: the audit of the ${by} one isn't clean`),
    ]),
    ...(breaks && afterwards === null ? ['the old version starts on a schema that it can’t bear'] : []),
    ...(!breaks && afterwards !== null
      ? [`the old version doesn't start, though nothing that it relies on is gone: ${afterwards}`]
      : []),
  ]
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { before: { type: 'string' } } })
  if (values.before) process.env.BEFORE = values.before
  const missing = twoVersionsMissing()
  if (missing) {
    console.error(missing)
    return 2
  }
  // The street has 400 cards a day, and each phase is to have some.
  const upgraded = await twoVersions({ rate: 20, each: 60 }, (line) => console.log(line))
  console.log(`the old version, started after that: ${upgraded.afterwards ?? 'starts'}`)
  const faults = faultsOf(upgraded)
  for (const fault of faults) console.log(fault)
  return faults.length > 0 ? 1 : 0
}

if (require.main === module) main().then((code) => process.exit(code))
