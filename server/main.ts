import { randomFillSync } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { MAKERS, type Makers, openChannels } from './channel'
import { type Config, ConfigFaults, readConfig } from './config'
import { deckKeys, masterKeys } from './domain/key-ring'
import { quoteSeals } from './domain/quote-seal'
import { pooledRandom } from './domain/random'
import { deriveKey } from './domain/seal'
import { tracer } from './domain/trace'
import { heldNow } from './flow/deck/held'
import { ADMINISTRATORS_NEEDED, administratorsIn } from './flow/operator/operators'
import type { CrashPoint } from './flow/payment/crash-point'
import { longest } from './flow/payment/longest'
import type { Channels } from './flow/ports'
import { statementsOf } from './flow/reconcile/source'
import { type Admission, admission } from './http/admission'
import { createApp } from './http/app'
import { callerBehind, holderBehind } from './http/caller'
import type { HttpDeps } from './http/deps'
import { type Line, type LineOptions, line, NO_LINE } from './http/line'
import { serveLive } from './http/live'
import { loopDelay } from './http/loop-delay'
import { alarms, breakerOpen, refusedConnections, showDealing, unavailable, watchHeld, watchLine } from './http/metrics'
import { createOperations } from './http/operations'
import { refuseUnreadable } from './http/refuse'
import { tokens } from './http/token'
import { campaignDatesJob } from './job/campaign-dates'
import { changesJob } from './job/changes'
import { clearTracesJob } from './job/clear-traces'
import { deckJobs } from './job/decks'
import { reconcileJobs } from './job/reconcile-day'
import { scoreDayJob } from './job/score-day'
import { sweepJobs } from './job/sweep'
import { openLog } from './log'
import { oidcSignOn } from './login/oidc'
import { scryptPasswords } from './login/scrypt'
import { passwordRules } from './login/weak-password'
import { identityOf, pageLoginsOf, wechatProbes } from './main/log-ins'
import { watchClock, watchFeed, watchHoarding } from './main/watch'
import * as street from './sandbox/food-street'
import { seedOperators } from './sandbox/operators'
import { serve } from './serve'
import { cachedCatalog } from './store/catalog-cache'
import { DirInUse } from './store/dir-lock'
import { type LedgerClock, monotonic } from './store/ledger-clock'
import { limiter, noLimits } from './store/limiter'
import { DatabaseUnfit } from './store/sql/session'
import { openStores } from './stores'
import { workPool } from './threads/pool'

/** The only place that builds real things: config → stores → channels → http and jobs. */

/** For the sandbox's password, which its start prints: a dear hash would keep nothing, and every start and log-in waiting. */
const KNOWN = { ln: 10, r: 8, p: 1 }

export interface Running {
  url: string
  /** where /healthz, /readyz and /metrics are */
  operationsUrl: string
  /** one English sentence for each store: what it is and what it doesn't survive */
  storage: string[]
  stop(): Promise<void>
}

/** Monitoring asks a few times a minute. */
const LOOKING: LineOptions['lanes'] = [
  { aboveASecond: 0, atOnce: 4, gapMs: 0 },
  { aboveASecond: 5, atOnce: 1, gapMs: 50 },
]

/** A house where payments can't be stopped by anybody doesn't take any. */
const TOO_FEW =
  'there are fewer than two administrators who could log in, and every change of them takes two: add them first (npm run operator, docs/OPERATIONS.md)'

const random = pooledRandom(randomFillSync)

/** Starts the BFF, with every channel unless told. @throws DirInUse, ConfigFaults, and whatever keeps a store from opening */
export async function startBff(config: Config, log: Logger, makers: Makers = MAKERS): Promise<Running> {
  const stores = await openStores(config, log, { onLook: watchClock(log), onFeedFault: watchFeed(log) })
  const { clock } = stores
  const { channels, stop: stopChannels } = openChannels(makers, config.channels, {
    clock,
    monotonic,
    random,
    dir: join(config.dataDir, 'statements'),
    onTime: clock.heard,
    onBreaker(channel, open) {
      breakerOpen.set({ channel }, Number(open))
      log.warn({ channel, open }, 'breaker')
    },
  })
  for (const channel of channels.keys()) breakerOpen.set({ channel }, 0)
  const work = workPool()
  const delay = loopDelay(monotonic.now)
  try {
    if (config.production && (await administratorsIn(stores.ports, config.oidc !== null)) < ADMINISTRATORS_NEEDED)
      throw new ConfigFaults(TOO_FEW)
    if (config.sandbox) await stores.seed({ merchants: street.merchants, campaigns: [streetOf(config, clock.now())] })
    const load = admission({ ...config.load, delay: delay.ms })
    const deps = { ...httpDeps(config, log, stores, channels), work, passwordRules: passwordRules(work), load }
    const seeding = { operators: deps.operators, passwords: scryptPasswords(KNOWN) }
    if (config.sandboxPassword) await seedOperators(seeding, config.sandboxPassword, clock.now())
    // First of all, since it is what fails: a port in use must leave nothing running.
    const { server, port, stop } = await serve(doorOf(config, deps, load), config.port, config.host, {
      ...config.sockets,
      holderOf: holderBehind(config.trustedProxies),
      onRefused: (why) => refusedConnections.inc({ why }),
    })
    refuseUnreadable(server)
    const operations = await serveOperations(config, deps).catch(async (error) => {
      await stop(0)
      throw error
    })
    await clock.consult(() => Promise.all([...channels.values()].map((channel) => channel.ping())))
    const live = serveLive(server, deps)
    watchHeld(() => heldNow(deps.slots, deps.clock.now()))
    const sweeping = sweepJobs(deps, log)
    const dates = campaignDatesJob(deps, log)
    const changing = changesJob(deps, log)
    const decks = deckJobs({ ...deps, onProgress: showDealing }, config, log)
    const reconciling = reconcileJobs(deps, log)
    const scoring = scoreDayJob(deps, log)
    const clearing = clearTracesJob({ ...stores.ports, ...config, clock }, log)
    return {
      url: `http://${config.host}:${port}`,
      operationsUrl: operations?.url ?? `http://${config.host}:${port}`,
      storage: stores.storage,
      async stop() {
        live.close()
        const jobs = [sweeping, dates, changing, decks, reconciling, scoring, clearing]
        await Promise.all(jobs.map((job) => job.stop()))
        // A request under way may be waiting for a channel; when an order is first asked about, no pay is on its way any more.
        await stop(longest(channels, 'firstQueryMs'))
        await operations?.stop()
        delay.stop()
        await work.stop()
        await stopChannels()
        await stores.stop()
      },
    }
  } catch (error) {
    await stopChannels()
    await stores.stop()
    throw error
  }
}

/** What every request passes: a line for who floods, then what there is room for. */
function doorOf(config: Config, deps: HttpDeps, load: Admission) {
  const { stand, figures } = standing(config, deps)
  watchLine(() => figures().waiting)
  return stand(load.admit(createApp(deps).callback()))
}

function standing({ rateLimits }: Config, { callerOf }: HttpDeps, lanes?: LineOptions['lanes']): Line {
  if (!rateLimits) return NO_LINE
  return line({ now: monotonic.now, holderOf: (request) => callerOf(request).address, ...(lanes && { lanes }) })
}

/** Null: they are on the payers' port. */
async function serveOperations(config: Config, deps: HttpDeps) {
  const { operations } = config
  if (!operations) return null
  const { stand } = standing(config, deps, LOOKING)
  const { server, port, stop } = await serve(stand(createOperations(deps).callback()), operations.port, operations.host)
  refuseUnreadable(server)
  return { url: `http://${operations.host}:${port}`, stop: () => stop(0) }
}

/** With easy payers, who are few and pay as many, no limit of a payer's. */
function streetOf(config: Config, nowMs: number) {
  return street.campaign(nowMs, config.channels.bank.easy ? street.UNLIMITED : undefined)
}

type Stores = Awaited<ReturnType<typeof openStores>>

function httpDeps(
  config: Config,
  log: Logger,
  stores: Stores,
  channels: Channels,
): Omit<HttpDeps, 'work' | 'passwordRules' | 'load'> {
  const { clock } = stores
  const key = (purpose: string) => deriveKey(config.masterKey, purpose)
  const masters = masterKeys(config.masterKey, config.previousMasterKeys)
  return {
    ...stores.ports,
    catalog: cachedCatalog(stores.ports.catalog, monotonic),
    clock,
    random,
    log,
    limits: config.limits,
    discountMaxPercent: config.discountMaxPercent,
    channels,
    statements: statementsOf(channels),
    crashPoint: config.crashAt && crashAt(config.crashAt),
    publicUrl: config.publicUrl ?? null,
    ...deckKeys(masters),
    identity: identityOf(config, log, { ...stores, random }, masters),
    pageLogins: pageLoginsOf(config),
    namesTaken: config.sandbox,
    passwords: scryptPasswords(),
    loginKey: key('login'),
    secondFactor: { required: config.secondFactorRequired, masters, issuer: config.bankName },
    secretKey: key('change secret'),
    changeDelayMs: config.changeDelayMs,
    singleSignOn:
      config.oidc && oidcSignOn({ ...config.oidc, onRefused: (reason) => log.warn({ reason }, 'sign-on refused') }),
    tokens: tokens(key('session'), config.sessionTtlMs),
    callerOf: callerBehind(config.trustedProxies),
    elapsed: monotonic.now,
    operationsApart: config.operations !== null,
    traceOf: tracer(config.masterKey),
    limiter: config.rateLimits ? limiter(monotonic, stores.ports.counts) : noLimits,
    ...quoteSeals(config.masterKey, random),
    bankName: config.bankName,
    bankPhone: config.bankPhone,
    h5Dir: config.h5Dir,
    verificationDir: config.verificationDir,
    probes: [
      { name: 'ledger', required: true, check: () => stores.ports.ledger.ping() },
      { name: 'slots', required: false, check: () => stores.ports.slots.ping() },
      ...[...channels.values()].map((channel) => ({
        name: channel.name,
        required: false,
        check: () => channel.ping(),
      })),
      { name: 'clock', required: false, check: () => agreement(clock) },
      ...wechatProbes(config, { ...stores, random }, masters),
    ],
    onAlarm({ code, orderNo, error }) {
      alarms.inc({ code })
      log.error({ code, orderNo, err: error }, 'alarm')
    },
    onHoarding: watchHoarding(log, monotonic),
    onUnavailable(error) {
      unavailable.inc()
      log.warn({ err: error }, 'discount unavailable')
    },
  }
}

async function agreement(clock: LedgerClock): Promise<void> {
  if (!clock.trusted()) throw new Error('the clocks disagree')
}

/** As kill -9 from outside: no handler runs, nothing is flushed. */
function crashAt(point: CrashPoint): (at: CrashPoint) => void {
  return (at) => void (at === point && process.kill(process.pid, 'SIGKILL'))
}

async function main(): Promise<void> {
  const config = readConfig()
  const log = openLog(config.logLevel, 'later')
  const running = await startBff(config, log)
  const { url, operationsUrl, storage } = running
  log.info({ url, operationsUrl, storage }, 'listening')
  process.send?.({ kind: 'listening', url, operationsUrl, storage })
  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    await running.stop()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  // Ctrl-C reaches parent and children at once; as a child we wait for our parent, who stops us in the right order.
  process.on('SIGINT', () => process.connected || stop())
  // Started by `npm start`, which is gone: never outlive it.
  process.on('disconnect', stop)
}

if (require.main === module)
  main().catch((error) => {
    const expected = error instanceof ConfigFaults || error instanceof DirInUse || error instanceof DatabaseUnfit
    console.error(expected ? error.message : error)
    process.send?.({ kind: 'failed', message: String(error?.message ?? error) })
    process.exitCode = 1
    process.disconnect?.()
  })
