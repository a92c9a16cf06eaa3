import { randomFillSync } from 'node:crypto'
import type { Logger } from 'pino'
import { drandBeacon } from './beacon/drand'
import { MAKERS, type Makers, openChannels } from './channel'
import { type Config, ConfigFaults, openConfig } from './config'
import { deckKeys, masterKeysOf } from './domain/key-ring'
import { payCodeSeals } from './domain/pay-code'
import { quoteSeals } from './domain/quote-seal'
import { pooledRandom } from './domain/random'
import { deriveKey } from './domain/seal'
import { namer, tracer } from './domain/trace'
import { heldNow } from './flow/deck/held'
import { type Raised, raised } from './flow/notification/raise'
import { ADMINISTRATORS_NEEDED, administratorsIn } from './flow/operator/operators'
import type { CrashPoint } from './flow/payment/crash-point'
import { longest } from './flow/payment/longest'
import type { Channels } from './flow/ports'
import { statementsOf } from './flow/reconcile/source'
import { figures } from './flow/report/figures'
import { admission } from './http/admission'
import { callerBehind, proxiesOf } from './http/caller'
import type { HttpDeps } from './http/deps'
import { loopDelay } from './http/loop-delay'
import * as metrics from './http/metrics'
import { tokens } from './http/token'
import { campaignDatesJob } from './job/campaign-dates'
import { changesJob } from './job/changes'
import { clearTracesJob } from './job/clear-traces'
import { deckJobs } from './job/decks'
import { notifyJobs } from './job/notify'
import { reconcileJobs } from './job/reconcile-day'
import { scoreDayJob } from './job/score-day'
import { sealBooksJob } from './job/seal-books'
import { sumDaysJob } from './job/sum-days'
import { sweepJobs } from './job/sweep'
import { tendOrdersJob } from './job/tend-orders'
import { weappJobs } from './job/weapp'
import { openLog } from './log'
import { oidcSignOn } from './login/oidc'
import { scryptPasswords } from './login/scrypt'
import { passwordRules } from './login/weak-password'
import { watchCertificate } from './main/bank-certificate'
import { showProcess } from './main/build'
import { callsWatch, expectChannel, numbers } from './main/calls'
import { openDoor, openOperations, urlAt } from './main/doors'
import { endInOrder } from './main/ending'
import { tryFolders } from './main/folders'
import { failed, lifeOf } from './main/life'
import { identityOf, pageLoginsOf, wechatProbes } from './main/log-ins'
import { patiently } from './main/patience'
import { onSql, watchStores } from './main/stores-watch'
import { tellersOf } from './main/tellers'
import { tracesOf } from './main/traces'
import {
  sayMissingKeys,
  watchBreaker,
  watchClock,
  watchFeed,
  watchFlow,
  watchHoarding,
  watchSignOn,
} from './main/watch'
import { weappDesks } from './main/wechat'
import { unwrapping } from './main/wrapped-keys'
import * as street from './sandbox/food-street'
import { seedOperators } from './sandbox/operators'
import { cachedCatalog } from './store/catalog-cache'
import { type LedgerClock, monotonic } from './store/ledger-clock'
import { limiter, noLimits } from './store/limiter'
import { sealFile, sealsPath } from './store/seal-file'
import { statementFiles, statementsPath } from './store/statement-files'
import { openStores } from './stores'
import { LITTLE_NICE, workPool } from './threads/pool'

/** The only place that builds real things: config → stores → channels → http and jobs. */

/** A crowd that asks for metrics costs one look in so long: a hundred kilobytes of them take as long as a payment. */
const METRICS_FOR_MS = 1_000

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

/** A house where payments can't be stopped by anybody doesn't take any. */
const TOO_FEW =
  'there are fewer than two administrators who could log in, and every change of them takes two: add them first (npm run operator, docs/OPERATIONS.md)'

const random = pooledRandom(randomFillSync)

/** Starts the BFF, with every channel unless told. @throws DirInUse, ConfigFaults, WrongMasterKey, and whatever keeps a store from opening */
export async function startBff(config: Config, log: Logger, makers: Makers = MAKERS): Promise<Running> {
  showProcess()
  tryFolders(config)
  const traces = tracesOf(config, random)
  const watch = { onLook: watchClock(log), onFeedFault: watchFeed(log), onSql }
  const stores = watchStores(await patiently(config, log, () => openStores(config, log, watch)))
  const { clock } = stores
  const news = raised()
  const opened = openChannels(makers, config.channels, {
    requests: config.load.requests,
    clock,
    monotonic,
    random,
    dir: statementsPath(config),
    onTime: clock.heard,
    ...numbers,
    watch: callsWatch(log),
    onBreaker: watchBreaker(log, news, clock),
  })
  const { channels, waiting, stop: stopChannels } = opened
  watchCertificate(log, config.channels.bank.clientCertificate)
  const waitingInAll = () => waiting().reduce((sum, { calls }) => sum + calls, 0)
  for (const channel of channels.values()) expectChannel(channel)
  const work = workPool()
  const forLogIns = workPool({ threads: 1, nice: LITTLE_NICE })
  const delay = loopDelay(monotonic.now)
  metrics.watchLate(delay.ms)
  let draining = false
  try {
    if (config.production && (await administratorsIn(stores.ports, config.oidc !== null)) < ADMINISTRATORS_NEEDED)
      throw new ConfigFaults(TOO_FEW)
    const load = admission({ ...config.load, now: monotonic.now, delay: delay.ms, waiting: waitingInAll })
    const weapp = weappDesks(config, { ...stores, random })
    const deps = {
      ...{ ...httpDeps(config, log, stores, channels, news), messageDesk: weapp.messages, isDraining: () => draining },
      ...{ work, passwordRules: passwordRules(forLogIns), passwords: scryptPasswords(undefined, forLogIns), load },
    }
    const watched = { ...deps, figures: () => figures(deps) }
    await seedSandbox(config, stores, deps)
    await sayMissingKeys(log, deps)
    // First of all, since it is what fails: a port in use must leave nothing running.
    const door = await openDoor(config, watched)
    const operations = await openOperations(config, watched).catch(async (error) => {
      await door.stop(0)
      throw error
    })
    await clock.consult(() => Promise.all([...channels.values()].map((channel) => channel.ping())))
    const live = door.serveLive()
    metrics.watchWaiting(waiting)
    metrics.watchHeld(() => heldNow(deps.slots, deps.clock.now()))
    const jobs = jobsOf(config, log, stores, { ...deps, weapp, raised: news })
    return {
      url: urlAt(config.host, door.port),
      operationsUrl: operations?.url ?? urlAt(config.host, door.port),
      storage: stores.storage,
      async stop() {
        draining = true
        // When an order is first asked about, no pay is on its way any more.
        const requestMs = longest(channels, 'firstQueryMs')
        const pools = async () => void (await Promise.all([work, forLogIns].map((pool) => pool.stop())))
        const last = [() => operations?.stop(), delay.stop, pools, stopChannels, stores.stop, () => traces?.stop()]
        await endInOrder(config, { door, live, jobs, requestMs, last })
      },
    }
  } catch (error) {
    await stopChannels()
    await stores.stop()
    throw error
  }
}

async function seedSandbox(config: Config, stores: Stores, { operators, clock }: HttpDeps): Promise<void> {
  if (config.sandbox) await stores.seed({ merchants: street.merchants, campaigns: [streetOf(config, clock.now())] })
  const seeding = { operators, passwords: scryptPasswords(KNOWN) }
  if (config.sandboxPassword) await seedOperators(seeding, config.sandboxPassword, clock.now())
}

/** What is done by the clock. */
function jobsOf(
  config: Config,
  log: Logger,
  { ports, clock }: Stores,
  { weapp, ...deps }: HttpDeps & { weapp: ReturnType<typeof weappDesks>; raised: Raised },
) {
  return [
    sweepJobs(deps, log),
    campaignDatesJob(deps, log),
    changesJob(deps, log),
    deckJobs({ ...deps, onProgress: metrics.showDealing }, config, log),
    sumDaysJob(deps, log),
    reconcileJobs(deps, log),
    scoreDayJob(deps, log),
    sealBooksJob({ ...ports, clock, given: sealFile(sealsPath(config)) }, log, (code) => metrics.alarms.inc({ code })),
    clearTracesJob({ ...ports, ...config, clock, statementFiles: statementFiles(statementsPath(config)) }, log),
    tendOrdersJob({ ...ports, clock }, log),
    weappJobs({ ...deps, ...ports }, weapp, log),
    notifyJobs({ ...deps, tellers: tellersOf(config) }, log),
  ]
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
  news: Raised,
): Omit<HttpDeps, 'work' | 'passwordRules' | 'passwords' | 'load' | 'messageDesk' | 'isDraining'> {
  const { clock } = stores
  const key = (purpose: string) => deriveKey(config.masterKey, purpose)
  const masters = masterKeysOf(config)
  return {
    ...stores.ports,
    catalog: cachedCatalog(stores.ports.catalog, monotonic, stores.ledgers),
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
    beacon: config.beacon ? drandBeacon(config.beacon) : undefined,
    onBeaconFault: (date, error) => log.warn({ date, err: error }, 'no beacon: the date is dealt without it'),
    identity: identityOf(config, log, { ...stores, random }, masters),
    pageLogins: pageLoginsOf(config),
    namesTaken: config.sandbox,
    loginKey: key('login'),
    secondFactor: { required: config.secondFactorRequired, masters, issuer: config.bankName },
    secretKey: key('change secret'),
    changeDelayMs: config.changeDelayMs,
    carryOverMs: config.carryOverMs,
    singleSignOn: config.oidc && oidcSignOn({ ...config.oidc, onRefused: watchSignOn(log) }),
    tokens: tokens(key('session'), config.sessionTtlMs),
    callerOf: callerBehind(config.trustedProxies),
    isOurProxy: proxiesOf(config.trustedProxies),
    elapsed: monotonic.now,
    metricsForMs: config.rateLimits ? METRICS_FOR_MS : 0,
    operationsApart: config.operations !== null,
    traceOf: tracer(config.masterKey),
    logName: namer(config.masterKey),
    limiter: config.rateLimits ? limiter(monotonic, stores.ports.counts) : noLimits,
    ...quoteSeals(config.masterKey, random),
    ...payCodeSeals(config.masterKey),
    bankName: config.bankName,
    bankPhone: config.bankPhone,
    bankComplaints: config.bankComplaints,
    ...{ h5Dir: config.h5Dir, verificationDir: config.verificationDir },
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
    ...watchFlow(log),
    onHoarding: watchHoarding(log, monotonic, news, clock),
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
  const life = lifeOf(process)
  const config = await openConfig(unwrapping())
  const log = openLog(config.logLevel, 'later')
  const { stop, url, operationsUrl, storage } = await startBff(config, log)
  life.serves(stop, config.shutdownMs, log)
  log.info({ url, operationsUrl, storage }, 'listening')
  process.send?.({ kind: 'listening', url, operationsUrl, storage })
}

/** The BFF as this process, until it is told to stop; or in a sentence why it can't start. */
export const runBff = () => main().catch((error) => failed(process, error))

if (require.main === module) runBff()
