import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pino from 'pino'
import { businessDate } from '../../server/domain/business-date'
import type { Campaign } from '../../server/domain/campaign'
import type { DeckId } from '../../server/domain/deck'
import { deckKeys, masterKeys } from '../../server/domain/key-ring'
import type { Order } from '../../server/domain/order'
import { payCodeSeals } from '../../server/domain/pay-code'
import type { Quote } from '../../server/domain/quote'
import { quoteSeals } from '../../server/domain/quote-seal'
import type { Refund } from '../../server/domain/refund'
import { tracer } from '../../server/domain/trace'
import { amountsOf } from '../../server/flow/deck/cards'
import { type PayResult, pay } from '../../server/flow/payment/pay'
import { quote } from '../../server/flow/payment/quote'
import type {
  Brakes,
  CampaignBook,
  Changes,
  Channel,
  ChannelLimits,
  Channels,
  Desk,
  Merchant,
  MessageGrants,
  Reconciliations,
  Suspicions,
  Work,
} from '../../server/flow/ports'
import { refund } from '../../server/flow/refund/refund'
import type { Admission } from '../../server/http/admission'
import { createApp } from '../../server/http/app'
import { callerBehind } from '../../server/http/caller'
import type { HttpDeps } from '../../server/http/deps'
import { tokens } from '../../server/http/token'
import { scryptPasswords } from '../../server/login/scrypt'
import { passwordRules } from '../../server/login/weak-password'
import { sandboxIdentity } from '../../server/sandbox/identity'
import { serve } from '../../server/serve'
import { noLimits } from '../../server/store/limiter'
import { type FakeChannel, fakeChannel } from './fake-channel'
import { type FakeLedger, fakeLedger } from './fake-ledger'
import { type FakeSlots, fakeSlots } from './fake-slots'
import { noOperators } from './no-operators'
import { sweepAll, sweepAllRefunds } from './sweep'

/** The flow on stores, a bank and a clock of memory: nothing waits, and time passes only when a test says so. */

/** Noon in Shanghai. */
export const NOON = Date.parse('2026-11-21T12:00:00+08:00')
export const TODAY = '2026-11-21'

export const LIMITS = {
  leaseTtlMs: 130_000,
  leaseMarginMs: 10_000,
  maxHeld: 2,
  holdingMs: 600_000,
  holdingInAllMs: 900_000,
  // a deck of five is never unusual
  merchantUnusual: { percent: 50, least: 6 },
  campaignUnusual: { percent: 100, least: 1 },
  // the channel's own
  firstQueryMs: 6_000,
  closeAfterMs: 10_000,
  dailyPerPayerFen: 50_000,
}

export const MERCHANT: Merchant = {
  merchantCode: 'M0001',
  name: '老街牛肉面',
  branchCode: 'B01',
  branchName: '城南支行',
  account: 'acct-M0001',
  glAccount: '6421-03',
  walletAccounts: {},
}
/** Of another branch, and in no campaign. */
export const OUTSIDER: Merchant = { ...MERCHANT, merchantCode: 'M0002', account: 'acct-M0002', glAccount: '6421-07' }

/** The case's campaign with a deck of five, so that selling out takes five payers. */
export const CAMPAIGN: Campaign = {
  campaignId: 'street',
  version: 1,
  name: '美食街扫码立减',
  organiser: '某银行',
  state: 'running',
  startDate: '2026-11-01',
  endDate: '2026-11-30',
  rule: {
    thresholdFen: 1_000,
    slots: 5,
    minFen: 100,
    maxFen: 1_000,
    bandMinFen: 700,
    bandMaxFen: 900,
    bandPercent: 80,
    payerPercent: 50,
  },
  budgetFen: 1_000_000,
  dailyBudgetFen: null,
  windows: [],
  maxPerPayerPerDay: null,
  maxPerPayerPerCampaignDay: null,
  channels: ['bank'],
}

/** What follows from the key is made once: a run of the model starts a flow anew each time. */
const KEY = Buffer.alloc(32, 7)
const SEALS = quoteSeals(KEY, randomBytes)
const PAY_CODES = payCodeSeals(KEY)
const DECK_KEYS = deckKeys(masterKeys(KEY))

export interface FlowOptions {
  /** of `street`; null: no merchant is in any campaign */
  campaign?: Partial<Campaign> | null
  limits?: Partial<typeof LIMITS & ChannelLimits>
  /** the channel as the flow sees it, e.g. with a look at what was stored before it was called */
  wrap?: (channel: FakeChannel, ledger: FakeLedger) => Channel
  /** false: payers sign, and confirm what no small amount covers */
  easy?: boolean
  /** instead of numbers that never repeat */
  random?: (bytes: number) => Uint8Array
}

export type Flow = ReturnType<typeof startFlow>

export function startFlow(options: FlowOptions = {}) {
  const clock = { at: NOON, doubtful: false, now: () => clock.at, trusted: () => !clock.doubtful }
  const slots: FakeSlots = fakeSlots(clock.now)
  const ledger: FakeLedger = fakeLedger()
  const channel: FakeChannel = fakeChannel(clock.now, { ...LIMITS, ...options.limits })
  channel.easy = options.easy ?? true
  const campaigns = options.campaign === null ? [] : [{ ...CAMPAIGN, ...options.campaign }]
  ledger.seed({
    merchants: [MERCHANT, OUTSIDER],
    campaigns: campaigns.map((one) => ({ ...one, merchantCodes: [MERCHANT.merchantCode] })),
  })
  const alarms: { code: string; orderNo: string; error?: unknown }[] = []
  const faults: unknown[] = []
  const hoarding: object[] = []
  const seen = options.wrap?.(channel, ledger) ?? channel
  const deps = {
    ledger,
    slots,
    clock,
    refunds: ledger,
    identity: sandboxIdentity(Buffer.alloc(32, 9)),
    catalog: ledger,
    feed: ledger,
    channels: new Map([[seen.name, seen]]) as Channels,
    agreements: ledger.agreementBook,
    publicUrl: 'https://pay.example' as string | null,
    random: options.random ?? distinct(),
    decks: ledger.decks,
    ...DECK_KEYS,
    traceOf: tracer(KEY),
    openQuote: SEALS.openQuote,
    ...PAY_CODES,
    onAlarm: (alarm: (typeof alarms)[number]) => void alarms.push(alarm),
    onUnavailable: (error: unknown) => void faults.push(error),
    onHoarding: (seen: object) => void hoarding.push(seen),
    limits: { ...LIMITS, ...options.limits },
    load: openDoor,
  }
  const deckOf = (campaignId = CAMPAIGN.campaignId): DeckId => ({
    campaignId,
    merchantCode: MERCHANT.merchantCode,
    businessDate: businessDate(clock.at),
  })
  const sealed = SEALS.sealQuote
  let keys = 0

  return {
    deps,
    clock,
    slots,
    ledger,
    channel,
    alarms,
    /** what onUnavailable was told, and onHoarding */
    faults,
    hoarding,
    pass: (ms: number) => {
      clock.at += ms
    },
    async quote(payerId: string, amountFen = 10_000, merchantCode = MERCHANT.merchantCode): Promise<Quote> {
      const result = await quote(deps, { payerId, merchantCode, amountFen, channel: 'bank' })
      if (result.kind !== 'quoted') throw new Error(`not quoted: ${result.kind}`)
      return result.quote
    },
    sealed,
    pay: (one: Quote, idempotencyKey = `key-${++keys}`, payerId = one.payerId): Promise<PayResult> =>
      pay(deps, { payerId, quoteId: sealed(one), idempotencyKey }),
    /** Pays and gives the order; throws when it was refused. */
    async order(one: Quote, idempotencyKey?: string): Promise<Order> {
      return orderOf(await this.pay(one, idempotencyKey))
    },
    /** Refunds an order of the merchant's and gives the refund; throws when it was refused. */
    async refund(order: Order, payerFen: number, idempotencyKey = `key-${++keys}`): Promise<Refund> {
      const { merchantCode, orderNo } = order
      const result = await refund(deps, { merchantCode, role: 'owner', orderNo, payerFen, idempotencyKey })
      if (result.kind !== 'refund') throw new Error(`refused: ${result.code}`)
      return result.refund
    },
    sweep: () => sweepAll(deps),
    sweepRefunds: () => sweepAllRefunds(deps),
    deck: deckOf,
    /** What lies in a dealt deck, today's unless told; nothing where none is dealt. */
    async cards(id = deckOf()): Promise<readonly number[]> {
      const deck = await deps.ledger.deck(id)
      return (deck && amountsOf(deps, deck)) ?? []
    },
    /** the pays that reached the channel */
    pays: () => channel.calls.filter((call) => call.verb === 'pay'),
  }
}

/** What the HTTP server needs to run on it; `changed` replaces parts, e.g. the probes. */
export function httpDepsOf(flow: Flow, changed: Partial<HttpDeps> = {}): HttpDeps {
  const key = Buffer.alloc(32, 9)
  return {
    ...flow.deps,
    operators: noOperators,
    // a test of campaigns brings those of a database (test/support/bureau.ts)
    campaigns: {} as CampaignBook,
    // its merchants' accounts stay; a test of changes brings those of a database (test/support/house.ts)
    changes: { accountChange: async () => undefined } as Partial<Changes> as Changes,
    bankPhone: null,
    bankComplaints: null,
    changeDelayMs: 0,
    carryOverMs: 1_800_000,
    secretKey: Buffer.alloc(32, 12),
    brakes: {} as Brakes,
    // and one of reports, merchants, bindings or books (test/support/desk.ts)
    desk: {} as Desk,
    reconciliations: {} as Reconciliations,
    suspicions: {} as Suspicions,
    booksChain: { lastSeals: async () => [] },
    archived: { day: async () => undefined, horizon: async () => undefined },
    statements: new Map(),
    work: inlineWork,
    passwordRules: passwordRules(inlineWork),
    discountMaxPercent: 100,
    passwords: scryptPasswords({ ln: 4, r: 8, p: 1 }),
    loginKey: Buffer.alloc(32, 11),
    secondFactor: { required: false, masters: masterKeys(key), issuer: '某银行' },
    singleSignOn: null,
    tokens: tokens(key, 60_000),
    callerOf: callerBehind([]),
    // nothing is remembered unless a test says how time passes
    elapsed: everLater(),
    isDraining: () => false,
    operationsApart: false,
    limiter: noLimits,
    sealQuote: flow.sealed,
    probes: [
      { name: 'ledger', required: true, check: () => flow.ledger.ping() },
      { name: 'slots', required: false, check: () => flow.slots.ping() },
      { name: 'bank', required: false, check: () => flow.channel.ping() },
    ],
    log: pino({ level: 'silent' }),
    logName: (kind) => `${kind} of the log`,
    bankName: '某银行',
    h5Dir: join(__dirname, 'no-pages'),
    verificationDir: null,
    pageLogins: new Map(),
    namesTaken: true,
    messageDesk: null,
    grants: {} as MessageGrants,
    ...changed,
  }
}

/** Serves everything, whatever the load of the machine that runs the tests. */
export const openDoor: Admission = {
  admit: (serve) => serve,
  drawsCards: () => true,
  figures: () => ({ underWay: 0, waitMs: 0, steps: 0 }),
}

/** A clock that is a minute on at each look. */
function everLater(): () => number {
  let at = 0
  return () => {
    at += 60_000
    return at
  }
}

/** Long work at once and in place; what it takes and gives is copied, as between threads. */
export const inlineWork: Work = {
  run: async ({ run }, input) => structuredClone(run(structuredClone(input))),
}

/** Serves an app on a free port until `stop`. */
export async function serveApp(deps: HttpDeps): Promise<{ url: string; stop(): Promise<void> }> {
  const { port, stop } = await serve(createApp(deps).callback(), 0, '127.0.0.1')
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(0) }
}

export function orderOf(result: PayResult): Order {
  if (result.kind !== 'order') throw new Error(`refused: ${result.code}`)
  return result.order
}

/** Bytes that never repeat and are the same on every run. */
function distinct(): (bytes: number) => Uint8Array {
  let count = 0
  return (bytes) => createHash('sha512').update(String(++count)).digest().subarray(0, bytes)
}
