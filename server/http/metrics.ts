import type Koa from 'koa'
import { Counter, collectDefaultMetrics, Gauge, Histogram } from 'prom-client'
import { registry } from '../sight/registry'

/** Of this process itself; told by whoever starts it, since what watches it never ends and who only reads this needs none of it. */
export function watchProcess(): void {
  if (registry.getSingleMetric('process_cpu_seconds_total')) return
  collectDefaultMetrics({ register: registry })
  // They list every connection there is each time somebody looks, which beside thousands of them takes longer than a payment.
  for (const what of ['resources', 'handles', 'requests'])
    for (const name of [`nodejs_active_${what}`, `nodejs_active_${what}_total`]) registry.removeSingleMetric(name)
}

const duration = new Histogram({
  name: 'fapai_http_request_seconds',
  help: 'HTTP requests by route and status',
  labelNames: ['method', 'route', 'status'],
  // From a Redis round trip to a bank's deadline.
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
})

/** What is known of alarms (docs/OPERATIONS.md has what to do). */
const ALARMS = [
  ...['success-after-close', 'decline-after-paid', 'other-trade-no', 'unnamed'],
  ...['other-amount', 'other-currency', 'other-payee'],
  ...['refund-success-after-failure', 'refund-failure-after-success', 'other-refund-no'],
  ...['slot-not-confirmed', 'slot-not-released', 'pay-told-in-part'],
  ...['pay-not-finalized', 'confirm-not-finalized', 'close-not-finalized', 'resend-not-finalized'],
  ...['refund-not-finalized', 'bad-signature', 'delivery-late', 'delivery-refused', 'messages-not-sent'],
  ...['key-unknown', 'signature-invalid', 'signature-refused', 'misconfigured', 'unsigned-refusal', 'clock-skew'],
  ...['channel-refused', 'merchant-refused', 'no-right', 'invalid-request', 'wrong-role', 'envelope-invalid'],
  ...['legs-invalid', 'unbalanced', 'notification-not-told'],
  ...['refund-abnormal', 'refund-number-reused', 'seal-differs', 'statement-overdue', 'notice-refused'],
  ...['notice-of-unknown-order', 'notice-of-unknown-refund', 'channel-not-available', 'login-fault', 'cards-hoarded'],
]

/** Alarms of the flow, by code: each one wants a person. */
export const alarms = new Counter({
  name: 'fapai_alarms_total',
  help: 'News that contradicts an ending, slots not given back, and other things people must see',
  labelNames: ['code'],
  registers: [registry],
})
for (const code of ALARMS) alarms.inc({ code }, 0)

const declines = new Counter({
  name: 'fapai_declines_total',
  help: 'Orders and refunds that a channel declined, by channel and code; channel-code:… is the channel’s own, for which there is none of ours',
  labelNames: ['channel', 'code'],
  registers: [registry],
})
/** A channel has some twenty codes; what comes beyond these is made up. */
const DECLINE_CODES = 64
const declineCodes = new Map<string, Set<string>>()
/** The code, or `others` where a channel has said more of them than there are. */
export function boundedCode(channel: string, code: string): string {
  const known = declineCodes.get(channel) ?? new Set()
  declineCodes.set(channel, known)
  if (known.size < DECLINE_CODES) known.add(code)
  return known.has(code) ? code : 'others'
}
export function countDecline(channel: string, code: string): void {
  declines.inc({ channel, code: boundedCode(channel, code) })
}

/** What was refused, whoever is to blame: by the code of the problem document. */
export const problems = new Counter({
  name: 'fapai_problems_total',
  help: 'Answers that were a problem document, by its code',
  labelNames: ['code'],
  registers: [registry],
})

/** The same figure from every process, since it is the ledger's: take the highest. NaN while the ledger can't be asked. */
export const unknownOrders = new Gauge({
  name: 'fapai_orders_unknown',
  help: 'Orders asked about at least once whose outcome is still unknown',
  registers: [registry],
})
export const unknownOldest = new Gauge({
  name: 'fapai_orders_unknown_oldest_seconds',
  help: 'Age of the oldest order whose outcome is unknown; 0 when there is none',
  registers: [registry],
})

export const slotsToReturn = new Gauge({
  name: 'fapai_slots_to_return',
  help: 'Closed orders whose slot has not been given back yet: more than a few for minutes means Redis is away',
  registers: [registry],
})

export const breakerOpen = new Gauge({
  name: 'fapai_channel_breaker_open',
  help: '1 while this process takes no new payments through the channel because it is in trouble',
  labelNames: ['channel'],
  registers: [registry],
})

let readWaiting: () => readonly { channel: string; calls: number }[] = () => []
new Gauge({
  name: 'fapai_channel_waiting',
  help: 'Requests of people in this process that wait for the channel',
  labelNames: ['channel'],
  registers: [registry],
  collect() {
    for (const { channel, calls } of readWaiting()) this.set({ channel }, calls)
  },
})
export function watchWaiting(read: typeof readWaiting): void {
  readWaiting = read
}

/** The time this process goes by is the database's; its host's own clock, among the others, may be off without harm. */
const clockAhead = new Gauge({
  name: 'fapai_clock_ahead_seconds',
  help: 'By clock, how far it is ahead of the time this process goes by',
  labelNames: ['clock'],
  registers: [registry],
})
export const clockTrusted = new Gauge({
  name: 'fapai_clock_trusted',
  help: '0 while clocks that should agree do not: decks and campaigns are neither dealt, closed nor ended',
  registers: [registry],
})
export function showClock({ aheadMs }: { aheadMs: Record<string, number> }): void {
  clockAhead.reset()
  for (const [clock, ms] of Object.entries(aheadMs)) clockAhead.set({ clock }, ms / 1_000)
}

/** How far the day's decks are dealt; of this process's last run. */
const toDeal = new Gauge({
  name: 'fapai_decks_to_deal',
  help: 'Merchants whose deck the day-start job still has to deal',
  registers: [registry],
})
const withoutDeck = new Gauge({
  name: 'fapai_merchants_short',
  help: 'Merchants that the last day-start job with work to do left with fewer cards than the rule says, or none',
  registers: [registry],
})
export function showDealing(day: { total: number; dealt: number; short: number; without: number }): void {
  toDeal.set(day.total - day.dealt - day.without)
  if (day.total > 0) withoutDeck.set(day.short + day.without)
}

/** As this process sees it by the takes of the last lease: of several processes take the highest. */
let readHeld: () => readonly { campaignId: string; held: number }[] = () => []
new Gauge({
  name: 'fapai_cards_held_unpaid',
  help: 'Cards leased to payers who have not paid, by campaign',
  labelNames: ['campaign'],
  registers: [registry],
  collect() {
    this.reset()
    for (const { campaignId, held } of readHeld()) this.set({ campaign: campaignId }, held)
  },
})
export function watchHeld(read: typeof readHeld): void {
  readHeld = read
}

let readLine = () => 0
new Gauge({
  name: 'fapai_requests_in_line',
  help: 'Requests that wait, since their address asks more often than people do',
  registers: [registry],
  collect() {
    this.set(readLine())
  },
})
export function watchLine(read: typeof readLine): void {
  readLine = read
}

/** Orders are paid all the same; the merchants' pages show them late. */
export const feedFaults = new Counter({
  name: 'fapai_feed_faults_total',
  help: 'Times the live feed could not look for news, or one of its readers failed',
  registers: [registry],
})

/** Quotes without discount for a fault of ours (I9). */
export const unavailable = new Counter({
  name: 'fapai_discount_unavailable_total',
  help: 'Quotes that carried no discount because a part of ours failed',
  registers: [registry],
})

/** What was refused because more was asked than could be served, by what was given up. */
export const shed = new Counter({
  name: 'fapai_shed_total',
  help: 'Requests refused, and quotes left without a discount, because the process had too much to do',
  labelNames: ['what'],
  registers: [registry],
})
for (const what of ['desk', 'discounts', 'pages', 'newcomers', 'payments']) shed.inc({ what }, 0)

/** Connections that were let go unserved, by why. */
export const refusedConnections = new Counter({
  name: 'fapai_connections_refused_total',
  help: 'Connections closed unserved: address, full: too many; room: gave way to another address; ahead: a flood of requests',
  labelNames: ['why'],
  registers: [registry],
})
for (const why of ['address', 'full', 'room', 'ahead']) refusedConnections.inc({ why }, 0)

let readLate = () => 0
new Gauge({
  name: 'fapai_event_loop_late_seconds',
  help: 'By how much a timer is late of late: so long a request waits before anything is done for it',
  registers: [registry],
  collect() {
    this.set(readLate() / 1_000)
  },
})
export function watchLate(readMs: () => number): void {
  readLate = readMs
}

const underWay = new Gauge({ name: 'fapai_requests_under_way', help: 'Requests under way', registers: [registry] })
const shedding = new Gauge({
  name: 'fapai_shedding',
  help: '0: all is served; 1: the desk’s reports and imports are not, 2: discounts neither, 3: pages neither, 4: nobody who comes, 5: nothing',
  registers: [registry],
})
const expected = new Gauge({
  name: 'fapai_wait_expected_seconds',
  help: 'How long whoever comes now waits before anything is done for them; 0 while nobody waits',
  registers: [registry],
})
export function showLoad(figures: { underWay: number; waitMs: number; steps: number }): void {
  underWay.set(figures.underWay)
  expected.set(figures.waitMs / 1_000)
  shedding.set(figures.steps)
}

/** A few are programs; very many of one address are a proxy that TRUSTED_PROXIES doesn't name. */
export const limited = new Counter({
  name: 'fapai_requests_limited_total',
  help: 'Requests refused because their payer, device or address asked too often, by limit',
  labelNames: ['limit'],
  registers: [registry],
})

/** The pattern of a request's address, which holds nothing of what was asked for. */
export const routeOf = (ctx: Koa.Context): string => String(ctx._matchedRoute ?? 'none')

export function httpMetrics(): Koa.Middleware {
  return async (ctx, next) => {
    const stop = duration.startTimer()
    try {
      await next()
    } finally {
      stop({ method: ctx.method, route: routeOf(ctx), status: ctx.status })
    }
  }
}
