import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type BankChannel, bankChannel } from '../server/channel/bank'
import { readConfig } from '../server/config'
import { addDays } from '../server/domain/business-date'
import type { DifferenceClass, DifferenceDetail } from '../server/domain/match'
import type { Slots, StatementSource } from '../server/flow/ports'
import { type ReconcileDeps, reconcileDay } from '../server/flow/reconcile/reconcile'
import type { Plant } from '../server/sandbox/bank/statement-faults'
import { sandboxEnv } from '../server/sandbox/system'
import type { Sql } from '../server/store/sql/open-sql'
import { sqlLedger } from '../server/store/sql/payment/ledger'
import { sqlReconciliations } from '../server/store/sql/reconcile/reconciliations'
import { sqlRefunds } from '../server/store/sql/refund/refund-ledger'
import { rng } from './random'
import type { Verdict } from './verdict'

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
  bankSide: BankSide
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
  const deps = depsOf(sql, input.bankSide, (alarm) => verdict.violate('RECON', 'reconciling raises no alarm', alarm))
  let lines = 0
  for (const date of days) {
    const result = await reconcileDay(deps, { channel: 'bank', date })
    const proven = result.kind === 'reconciled' && result.reconciliation.result.proven
    verdict.look(
      'RECON',
      'a day is reconciled and its totals are proven',
      proven ? undefined : `${date}: ${JSON.stringify(result)}`,
    )
    if (result.kind === 'reconciled') lines += result.reconciliation.manifest.lines
    const again = await reconcileDay(deps, { channel: 'bank', date })
    const same = again.kind === 'reconciled' && again.again && again.found === 0
    verdict.look(
      'RECON',
      'reconciling a day again changes nothing',
      same ? undefined : `${date}: ${JSON.stringify(again)}`,
    )
  }
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

/** A few mistakes of each kind, at orders that follow from the seed and the ledger. */
async function plant({ sql, seed }: ReconcileInput, admin: Admin): Promise<void> {
  const draw = rng(seed, 'plants')
  const { rows } = await sql.pool.query<{ order_no: string; discount_fen: number }>(
    `select order_no, discount_fen from orders where state = 'paid' order by created_at, order_no`,
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

/** The platform's end of the bank channel, beside the BFFs'. */
export interface BankSide {
  channel: BankChannel
  statements: StatementSource
  stop(): Promise<void>
}

export function bankSideOf(dataDir: string, bankUrl: string): BankSide {
  const { bank } = readConfig(sandboxEnv(dataDir, bankUrl)).channels
  // the manifest of a long day takes the bank a while
  const dir = join(dataDir, 'statements')
  const channel = bankChannel({ ...bank, timeoutMs: 60_000, clock, random: randomBytes, dir })
  return { channel, statements: channel.statements, stop: channel.stop }
}

const clock = { now: Date.now }

function depsOf(sql: Sql, { channel, statements }: BankSide, onAlarm: (alarm: string) => void): ReconcileDeps {
  return {
    ledger: sqlLedger(sql),
    refunds: sqlRefunds(sql),
    reconciliations: sqlReconciliations(sql),
    statements: new Map([[channel.name, statements]]),
    channels: new Map([[channel.name, channel]]),
    slots: NO_SLOTS,
    feed: { nudge() {}, subscribe: async () => () => {} },
    clock,
    limits: { leaseTtlMs: 1 },
    onAlarm: ({ code, orderNo }) => onAlarm(`${code} ${orderNo}`),
  }
}
