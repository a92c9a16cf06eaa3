import { addDays } from '../server/domain/business-date'
import { type ChannelName, OWN_CHANNEL } from '../server/domain/channel'
import type { DifferenceClass, DifferenceDetail } from '../server/domain/match'
import type { Slots } from '../server/flow/ports'
import { type ReconcileDeps, reconcileDay } from '../server/flow/reconcile/reconcile'
import type { Plant } from '../server/sandbox/bank/statement-faults'
import type { Sql } from '../server/store/sql/open-sql'
import { sqlLedger } from '../server/store/sql/payment/ledger'
import { sqlReconciliations } from '../server/store/sql/reconcile/reconciliations'
import { sqlRefunds } from '../server/store/sql/refund/refund-ledger'
import { rng } from './random'
import { ALIPAY_AHEAD_MS, type Sides } from './sides'
import type { Verdict } from './verdict'
import type { WalletPart } from './wallet/parts'

/** What each planted mistake must be found as (docs/bank-channel.md). */
const FOUND_AS: Record<Plant['mode'], `${DifferenceClass} ${DifferenceDetail}`> = {
  'book-twice': 'duplicate booked-twice',
  'leave-out': 'short not-in-statement',
  'wrong-amount': 'amountMismatch payer-amount',
  'wrong-gl': 'glMismatch gl-account',
  phantom: 'long no-such-order',
}

export interface ReconcileInput {
  sql: Sql
  sides: Sides
  wallets: readonly WalletPart[]
  bankUrl: string
  bankAdminToken: string
  /** the days that the run had, in turn */
  dates: readonly string[]
  seed: string
}

/**
 * Cuts the days, plants mistakes in their statements, reconciles them and the day after, by whose file a booking that was left
 * out is short; then holds the differences against what was planted: all of it, rightly named, and nothing else.
 */
export async function reconcileAndCheck(
  input: ReconcileInput,
  verdict: Verdict,
): Promise<{ planted: number; found: number; lines: number }> {
  const { sql, dates } = input
  const admin = adminOf(input)
  const after = addDays(dates.at(-1)!, 1)
  const days = [...dates, after]
  await plant(input, admin)
  for (const date of days) await admin('POST', `/${date}/cut`)
  for (const wallet of input.wallets) await endDays(wallet, after)
  const deps = depsOf(sql, input.sides, (alarm) => verdict.violate('RECON', 'reconciling raises no alarm', alarm))
  let lines = 0
  for (const channel of input.sides.channels.keys()) lines += await reconciled(deps, channel, days, verdict)
  const planted: Plant[] = []
  for (const date of days) planted.push(...((await admin('GET', `/${date}`)) as { planted: Plant[] }).planted)
  const should = planted.map(({ mode, orderNo, refundNo }) => `${FOUND_AS[mode]} ${refundNo || orderNo}`)
  const { rows } = await sql.pool.query<{ found: string }>(
    `select class || ' ' || detail || ' ' || coalesce(refund_no, order_no) as found from differences`,
  )
  const found = rows.map((row) => row.found)
  for (const one of should)
    verdict.look('RECON', 'every planted mistake is found and rightly named', found.includes(one) ? undefined : one)
  for (const one of found)
    verdict.look('RECON', 'nothing is found that was not planted', should.includes(one) ? undefined : one)
  return { planted: planted.length, found: found.length, lines }
}

/** Each day of a channel, and each again. Answers how many lines their files had. */
async function reconciled(deps: ReconcileDeps, channel: ChannelName, days: readonly string[], verdict: Verdict) {
  let lines = 0
  for (const date of days) {
    const look = (what: string, well: boolean, seen: unknown) =>
      verdict.look('RECON', what, well ? undefined : `${channel} ${date}: ${JSON.stringify(seen)}`)
    const result = await reconcileDay(deps, { channel, date })
    const proven = result.kind === 'reconciled' && result.reconciliation.result.proven
    look('a day is reconciled and its totals are proven', proven, result)
    if (result.kind === 'reconciled') lines += result.reconciliation.manifest.lines
    const again = await reconcileDay(deps, { channel, date })
    look(
      'reconciling a day again changes nothing',
      again.kind === 'reconciled' && again.again && again.found === 0,
      again,
    )
  }
  return lines
}

/** Until that date, and it too, is over for the wallet. */
async function endDays({ name, hand, sleep }: WalletPart, last: string): Promise<void> {
  if (name === 'alipay') return sleep(ALIPAY_AHEAD_MS)
  while ((await hand.cut()) < last);
}

/** A few mistakes of each kind, at orders that follow from the seed and the ledger. */
async function plant({ sql, seed }: ReconcileInput, admin: Admin): Promise<void> {
  const draw = rng(seed, 'plants')
  const { rows } = await sql.pool.query<{ order_no: string; discount_fen: number }>(
    `select order_no, discount_fen from orders where state = 'paid' and channel = $1 order by created_at, order_no`,
    [OWN_CHANNEL],
  )
  const discounted = rows.filter((row) => row.discount_fen > 0)
  const faults: { mode: Plant['mode']; orderNo?: string; times?: number }[] = []
  for (const mode of ['book-twice', 'leave-out', 'wrong-amount'] as const)
    for (let i = 0; i < 3 && rows.length > 0; i++) faults.push({ mode, orderNo: draw.pick(rows).order_no })
  for (let i = 0; i < 3 && discounted.length > 0; i++)
    faults.push({ mode: 'wrong-gl', orderNo: draw.pick(discounted).order_no })
  faults.push({ mode: 'phantom', times: 2 })
  await admin('PUT', '/faults', faults)
}

type Admin = (method: string, path: string, body?: unknown) => Promise<unknown>

function adminOf({ bankUrl, bankAdminToken }: ReconcileInput): Admin {
  return async (method, path, body) => {
    const reply = await fetch(`${bankUrl}/sandbox/statements${path}`, {
      method,
      headers: { authorization: `Bearer ${bankAdminToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
    return reply.json()
  }
}

/** Everything has ended, so nobody is asked about cards any more. */
const NO_SLOTS: Slots = new Proxy({} as Slots, {
  get: (_, verb) => () => Promise.reject(new Error(`reconciling asked the slot store to ${String(verb)}`)),
})

function depsOf(sql: Sql, { channels, statements }: Sides, onAlarm: (alarm: string) => void): ReconcileDeps {
  return {
    // its bank cuts days at any hour
    carryOverMs: 86_400_000,
    ledger: sqlLedger(sql),
    refunds: sqlRefunds(sql),
    reconciliations: sqlReconciliations(sql),
    statements,
    channels,
    slots: NO_SLOTS,
    feed: { nudge() {}, subscribe: async () => () => {} },
    clock: { now: Date.now },
    limits: { leaseTtlMs: 1 },
    onAlarm: ({ code, orderNo }) => onAlarm(`${code} ${orderNo}`),
  }
}
