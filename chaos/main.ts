import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasRedisServer } from '../harness/redis'
import { postgresMissing } from '../harness/sql'
import { businessDate } from '../server/domain/business-date'
import { type ChannelName, OWN_CHANNEL } from '../server/domain/channel'
import { auditAndCheck } from './audited'
import { readBank } from './bank-books'
import type { Books } from './books'
import { campaignsOf } from './campaigns'
import { Cards } from './cards'
import { checkDecks } from './check-decks'
import { checkGiven } from './check-given'
import { checkHeld } from './check-held'
import { checkOrders } from './check-orders'
import {
  checkBalances,
  checkConflicts,
  checkFailures,
  checkIntents,
  checkMerchants,
  checkSwitched,
} from './check-payers'
import { checkRefunds } from './check-refunds'
import { type Client, clientOf } from './client'
import { type FaultRun, runFaults } from './faults'
import { type Options, readOptions, USAGE } from './options'
import { Outages } from './outages'
import { pause } from './part'
import { load, VISITS_EACH } from './payers'
import { progress } from './progress'
import { reconcileAndCheck } from './reconcile'
import { MerchantDesk } from './refunds'
import { type Figures, reportOf, scheduleLines, seconds, table } from './report'
import { type Act, schedule } from './schedule'
import { settled, stories } from './settle'
import { sidesOf } from './sides'
import { Told } from './told'
import { Verdict } from './verdict'
import type { Street } from './visit'
import { readWallet } from './wallet/books'
import { LEASE, masterKeyOf, startWorld, type World } from './world'

/**
 * `npm run chaos`: the whole system under load while each of its parts is killed and paused in turn, by a schedule that follows
 * from a printed seed; then everything it promised is checked (docs/CHAOS.md). Exit code 1 on any violation, 2 when the
 * machine lacks what it needs.
 */

/** Everything must have ended so soon after the faults stop. */
const SETTLE_MS = 60_000

interface Run {
  options: Options
  world: World
  client: Client
  outages: Outages
  told: Told
  verdict: Verdict
  street: Street
  acts: readonly Act[]
  startDate: string
}

async function main(): Promise<void> {
  const options = asked()
  if (!options) return
  const began = Date.now()
  console.log(
    `chaos: seed ${options.seed}, ${options.kills} kills in ${options.seconds} s, at least ${options.payments} payments`,
  )
  // So many visits as payments are wanted, and a third more (underLoad).
  const counters = Math.ceil((options.payments * 4) / 3 / VISITS_EACH) + 6
  const world = await startWorld({
    bffs: options.bffs,
    merchants: 2 * counters,
    campaigns: (merchantCodes) => campaignsOf(merchantCodes, began),
    embedded: options.embedded,
    wallets: true,
    logLevel: options.logLevel,
  })
  const stop = once(() => world.stop())
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void stop().finally(() => process.exit(130)))
  try {
    const run = runOf(options, world)
    console.log(scheduleLines(run.acts).join('\n'))
    const figures = await underFaults(run)
    const report = reportOf(options, world.storage, figures, run.told, run.verdict, (Date.now() - began) / 1_000)
    console.log(table(report))
    if (options.json) {
      mkdirSync(dirname(options.json), { recursive: true })
      writeFileSync(options.json, `${JSON.stringify({ ...report, acts: run.acts }, null, 2)}\n`)
    }
    if (report.violations > 0) process.exitCode = 1
  } finally {
    await stop()
  }
}

/** Undefined when it can't run here; the exit code says so. */
function asked(): Options | undefined {
  try {
    const options = readOptions(process.argv.slice(2), Date.now())
    const missing = [postgresMissing(), hasRedisServer() ? undefined : 'there is no redis-server'].filter(Boolean)
    if (options.embedded || missing.length === 0) return options
    console.error(
      `chaos needs more than this machine has (${missing.join('; ')}); --embedded runs one BFF without them`,
    )
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
  }
  process.exitCode = 2
  return undefined
}

function runOf(options: Options, world: World): Run {
  const { seed, kills } = options
  const client = clientOf(world.urls, options.patienceMs)
  const outages = new Outages()
  const verdict = new Verdict()
  const told = new Told(verdict)
  const till = { client, told }
  const cards = new Cards(told, verdict, LEASE.ttlMs - LEASE.marginMs)
  const wallets = world.wallets.map(({ name }) => name)
  const street: Street = { ...till, seed, cards, verdict, desk: new MerchantDesk(till, verdict), wallets }
  const acts = schedule({ seed, seconds: options.seconds, kills, parts: [...world.parts.keys()] })
  return { options, world, client, outages, told, verdict, street, acts, startDate: businessDate(Date.now()) }
}

async function underFaults(run: Run): Promise<Figures> {
  const { options, world, outages, told, verdict, acts } = run
  const ledger = options.embedded ? undefined : await world.openLedger()
  const faults = runFaults({ world, outages, verdict, told, seed: options.seed, acts })
  const { visits, forMs } = await underLoad(run, faults)
  await faults.done
  await faults.stop()
  const faultsUntil = Date.now()
  console.log(`chaos: the faults have stopped after ${seconds(forMs)} s, ${told.paid} payments; settling`)
  // The embedded ledger can't be looked at beside the BFF that owns it: it gets all of its time.
  if (!ledger) await pause(SETTLE_MS)
  const sees = ledger ?? (await world.openLedger())
  try {
    const { afterMs, open } = await settled(sees.sql, faultsUntil, ledger ? SETTLE_MS : 0)
    const ended = afterMs === null && ledger ? `${JSON.stringify(open)} ${await stories(sees.sql)}` : undefined
    verdict.look('I5', 'everything ends within 60 s of the faults', ended)
    const figures = await checked(run, sees.sql, faultsUntil, Boolean(ledger))
    return { ...figures, visits, perSecond: (visits * 1_000) / forMs, settledAfterMs: afterMs }
  } finally {
    await sees.close()
  }
}

async function underLoad({ options, world, told, acts, street }: Run, faults: FaultRun) {
  const began = Date.now()
  const elapsedMs = () => Date.now() - began
  const wantedMs = options.seconds * 1_000
  const goesOn = () => {
    if (elapsedMs() < wantedMs || faults.acted() < acts.length) return true
    return told.paid < options.payments && elapsedMs() < 3 * wantedMs
  }
  const line = progress(
    () =>
      `chaos: ${seconds(elapsedMs())} of ${options.seconds} s · ${told.paid} of ${options.payments} paid · ${faults.acted()} of ${acts.length} faults`,
  )
  // Some of the visits come to no payment, and outages take time: a third more than is wanted.
  const perSecond = Math.ceil((options.payments * 4) / 3 / options.seconds)
  const merchantCodes = world.merchants.map((merchant) => merchant.merchantCode)
  const { visits } = await load(street, { merchantCodes, perSecond, goesOn })
  line.stop()
  return { visits, forMs: elapsedMs() }
}

/** Everything that can be held against something else, is. `serving`: the BFFs still are. */
async function checked(run: Run, sql: Parameters<typeof checkOrders>[0], faultsUntil: number, serving: boolean) {
  const { world, told, verdict, outages, client, acts, options } = run
  const dates = [...new Set([run.startDate, businessDate(Date.now())])]
  for (const [name, part] of world.parts)
    if (serving || !name.startsWith('bff'))
      verdict.look('LIFE', 'nothing ends that nobody killed', part.alive() ? undefined : name)
  // A database that was killed again and again has not come to know how much it holds.
  await sql.pool.query('analyze')
  const books = await booksOf(world)
  const orders = await checkOrders(sql, masterKeyOf(world.dataDir), books, told, verdict)
  const refunds = await checkRefunds(sql, books, told, verdict)
  const { decks, budget } = await checkDecks(sql, masterKeyOf(world.dataDir), verdict)
  for (const one of budget) told.count(`fen committed of a budget of ${one.budget_fen}`, one.committed_fen)
  await checkGiven(sql, orders, told.counts, verdict)
  for (const [name, one] of books) await checkBalances(sql, name, one, verdict)
  await checkIntents(sql, verdict)
  await checkConflicts(sql, verdict)
  await checkSwitched(sql, told.switched, outages, LEASE.ttlMs, verdict)
  await checkHeld(sql, told.shown, outages, [...world.parts.keys()], verdict)
  checkFailures(client.failures, outages, faultsUntil, verdict)
  if (serving) {
    // What was given back a moment ago is kept for its payer for a lease, and then anybody's.
    await pause(LEASE.ttlMs + 1_000)
    for (const date of dates) await checkMerchants(sql, client, told, date, verdict)
  }
  await client.close()
  const { wallets, bankAddress, dataDir } = world
  const sides = sidesOf(dataDir, bankAddress.bankUrl, Object.assign({}, ...wallets.map(({ env }) => env)))
  const reconciled = await reconcileAndCheck(
    { sql, sides, wallets, ...bankAddress, dates, seed: options.seed },
    verdict,
  )
  const audited = await auditAndCheck(sql, masterKeyOf(dataDir), sides.statements, verdict)
  await sides.stop()
  const of = (does: Act['does']) => acts.filter((act) => act.does === does).length
  return {
    ...orders,
    refundedBy: refunds.byChannel,
    refunded: refunds.refunded,
    failedRefunds: refunds.failed,
    decks,
    kills: of('kill'),
    pauses: of('pause'),
    flushes: of('flush'),
    reconciled,
    audited,
  }
}

/** Each channel's own record of everything. */
async function booksOf({ bank, wallets, dataDir }: World): Promise<ReadonlyMap<ChannelName, Books>> {
  const books = new Map<ChannelName, Books>([[OWN_CHANNEL, await readBank(bank, dataDir)]])
  for (const { name } of wallets) books.set(name, await readWallet(name, dataDir))
  return books
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= run()
    return running
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
