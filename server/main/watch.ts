import type { Logger } from 'pino'
import { type ChannelName, FOR_PEOPLE } from '../domain/channel'
import type { DeckKeys } from '../domain/key-ring'
import type { Order } from '../domain/order'
import { breakerOpened, cardsHoarded, type Raised } from '../flow/notification/raise'
import type { Clock, Decks } from '../flow/ports'
import type { HttpDeps } from '../http/deps'
import { alarms, boundedCode, breakerOpen, countDecline, feedFaults, showClock, unavailable } from '../http/metrics'
import { countEnded, countOpened, countQuote } from '../sight/metrics'
import { kindOf, seldom } from '../sight/seldom'
import type { Look } from '../store/ledger-clock'

/** Shows how the clocks agree, and writes down when that changes. */
export function watchClock(log: Logger): (look: Look) => void {
  let trusted = true
  return (look) => {
    showClock(look)
    if (look.trusted === trusted) return
    trusted = look.trusted
    // Two that are as far apart as may be agree and disagree by turns.
    if (trusted) seldom(log).say('info', 'clocks agree', look, 'the clocks agree again')
    else seldom(log).say('error', 'clocks disagree', look, 'the clocks disagree: what cannot be undone waits')
  }
}

/** Counts and writes down what the live feed couldn't do. */
export function watchFeed(log: Logger): (error: unknown) => void {
  return (error) => {
    feedFaults.inc()
    seldom(log).say('warn', `live feed ${kindOf(error)}`, { err: error }, 'live feed')
  }
}

/** What the flow tells of: counted, and written down for people. */
export function watchFlow(log: Logger) {
  return {
    onAlarm({ code, orderNo, error }: { code: string; orderNo: string; error?: unknown }) {
      alarms.inc({ code })
      const fields = { code, orderNo, err: error }
      seldom(log).say('error', kindOfAlarm(code, orderNo, error), fields, 'alarm')
    },
    onDecline: countDecline,
    onQuoted: countQuote,
    onOpened: countOpened,
    onEnded: (order: Order) => countEnded(order, boundedCode),
    onUnavailable(error: unknown) {
      unavailable.inc()
      seldom(log).say('warn', `discount ${kindOf(error)}`, { err: error }, 'discount unavailable')
    },
  }
}

/** Of the same trouble it is one line a minute: what fails for each order, what a channel says to all, what anybody sends us. Others are each an order's. */
function kindOfAlarm(code: string, orderNo: string, error: unknown): string {
  if (error !== undefined) return `${code} ${typeof error === 'string' ? error : kindOf(error)}`
  return OF_ALL.has(code) ? code : `${code} ${orderNo}`
}

const OF_ALL: ReadonlySet<string> = new Set([...FOR_PEOPLE, 'channel-not-available'])

/** What a platform finds fault with when it is asked who somebody is; whoever logs in makes it say so. */
export function watchLogIns(log: Logger): (platform: string) => (fault: object) => void {
  return (platform) => (fault) => {
    alarms.inc({ code: 'login-fault' })
    const message = `log-in by ${platform}`
    seldom(log).say('error', `${message} ${JSON.stringify(fault)}`, fault, message)
  }
}

/** Why the bank's sign-on sent somebody back without a name: so does whoever makes an answer up. */
export function watchSignOn(log: Logger): (reason: string) => void {
  return (reason) => seldom(log).say('warn', `sign-on ${reason}`, { reason }, 'sign-on refused')
}

/**
 * A process that lacks an older master key takes payments all the same (I9), but where that is in use its payers get no discount, so this
 * is the first that it says: which keys it lacks, by their names. Without the newest it doesn't start (store/sql/ledger-keys.ts).
 */
export async function sayMissingKeys(
  log: Logger,
  { decks, campaignSecret }: { decks: Decks } & Pick<DeckKeys, 'campaignSecret'>,
): Promise<void> {
  const missing = (await decks.keysInUse()).filter((keyId) => !campaignSecret('any', keyId))
  if (missing.length > 0)
    log.error({ missing }, 'decks are sealed under master keys that are neither MASTER_KEY nor in MASTER_KEYS_PREVIOUS')
}

/** Shows a channel's breaker, writes down when it opens or closes, and tells operators that it opened. */
export function watchBreaker(log: Logger, raised: Raised, clock: Clock): (channel: ChannelName, open: boolean) => void {
  return (channel, open) => {
    breakerOpen.set({ channel }, Number(open))
    // A channel that answers now and then opens and closes it every few seconds.
    seldom(log).say('warn', `breaker ${channel} ${open}`, { channel, open }, 'breaker')
    if (open) raised.raise(breakerOpened(channel, clock.now()))
  }
}

/** Every quote of such a time tells of it; once a minute is news enough of one campaign or merchant. */
export function watchHoarding(
  log: Logger,
  clock: { now(): number },
  raised: Raised,
  ledgersTime: Clock,
): HttpDeps['onHoarding'] {
  const told = new Map<string, number>()
  return (seen) => {
    const what = `${seen.campaignId}|${seen.merchantCode}`
    const now = clock.now()
    if (now - (told.get(what) ?? Number.NEGATIVE_INFINITY) < 60_000) return
    if (told.size > 10_000) told.clear()
    told.set(what, now)
    alarms.inc({ code: 'cards-hoarded' })
    seldom(log).say('error', `cards-hoarded ${what}`, { code: 'cards-hoarded', ...seen }, 'alarm')
    raised.raise(cardsHoarded(seen, ledgersTime.now()))
  }
}
