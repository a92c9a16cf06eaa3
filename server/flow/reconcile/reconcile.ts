import { addDays, businessDate, endOfBusinessDate } from '../../domain/business-date'
import {
  addTotals,
  type Difference,
  type EntryKind,
  judge,
  NO_TOTALS,
  newDifference,
  sameTotals,
  totalsOf,
} from '../../domain/match'
import type { Order } from '../../domain/order'
import { newRefundNo } from '../../domain/refund'
import { type FinalizeDeps, finalize } from '../payment/finalize'
import type {
  BeginRefusal,
  Channel,
  Clock,
  Deed,
  Misfit,
  OpenMatch,
  OwnCursor,
  Random,
  Reconciliation,
  ReconciliationResult,
  Reconciliations,
  StatementManifest,
  StatementRefusal,
  StatementSource,
} from '../ports'
import { type FinalizeRefundDeps, finalizeRefund } from '../refund/refund'

export interface ReconcileDeps extends FinalizeDeps, FinalizeRefundDeps {
  reconciliations: Reconciliations
  statements: StatementSource
  channels: ReadonlyMap<string, Channel>
  onProgress?(progress: { phase: ReconcilePhase; done: number; total: number }): void
}

/** fetch: bytes · stage, match: lines of the statement · end, books: entries of ours, whose number nobody knows before (0) */
export type ReconcilePhase = 'fetch' | 'stage' | 'end' | 'match' | 'books'

export type ReconcileResult =
  /** `found`: differences that are new; `again`: the day was reconciled before, and its first result stands */
  | { kind: 'reconciled'; reconciliation: Reconciliation; found: number; again: boolean }
  | { kind: 'refused'; code: StatementRefusal | BeginRefusal; detail: string }

/** Lines matched in one statement: some 100 ms of the database, far from its timeout, and a few MB here if none balances. */
const MATCH_LINES = 10_000
const PAGE = 500
/** Orders asked about at once. */
const ASKED = 16
/** A process that dies gives the day up after this long; each step says again that it lives. */
const HOLD_MS = 60_000

/**
 * Reconciles a business date (对账) with the channel's statement of it. Fetches and checks the file; stages its lines; ends by
 * the usual door what is still open and the statement holds; ends at the channel what neither this nor an earlier statement
 * holds; matches line by line; and looks what of ours is in no statement: of this date that is carried over, of the date
 * before it is short (短款). What doesn't balance becomes a difference. A refused file changes nothing, and neither does a
 * second run of a day. `by`: the operator who asked for it, for the log of what operators do.
 * @throws LedgerUnavailable, and Error when the books can't be trusted; the day may be run again
 */
export async function reconcileDay(deps: ReconcileDeps, date: string, by?: string): Promise<ReconcileResult> {
  const { reconciliations } = deps
  const fetched = await deps.statements.fetchStatement(date, (done, total) =>
    deps.onProgress?.({ phase: 'fetch', done, total }),
  )
  if (fetched.kind === 'refused') return fetched
  const { manifest } = fetched
  const begun = await reconciliations.begin(manifest, deps.clock.now(), HOLD_MS)
  if (begun.kind === 'refused') return begun
  try {
    if (begun.kind === 'begun') await stage(deps, manifest, fetched.batches())
    const ended = await endByStatement(deps, date)
    const { closed, unanswered } = await endAbsent(deps, date)
    const matched = await match(deps, manifest)
    await reconciliations.clearShorts(date, deps.clock.now())
    const own = await lookForOwn(deps, date, date)
    const short = (await reconciliations.isMatched(addDays(date, -1)))
      ? await lookForOwn(deps, addDays(date, -1), date)
      : null
    const { balanced, ownToday, ownOtherDays } = matched
    const result: ReconciliationResult = {
      balanced,
      own: own.booked,
      carried: own.absent,
      ownOtherDays,
      ended,
      closed,
      unanswered,
      proven:
        sameTotals(matched.bank, manifest.totals) &&
        sameTotals(matched.bank, addTotals(balanced, matched.misfits)) &&
        sameTotals(own.booked, addTotals(addTotals(ownToday, own.earlier), own.absent)),
    }
    const deed =
      by !== undefined && begun.kind === 'begun' ? ranDeed(by, manifest, result, deps.clock.now()) : undefined
    await reconciliations.finish(date, result, deps.clock.now(), deed)
    const reconciliation = await reconciliations.reconciliation(date)
    if (!reconciliation) throw new Error(`the reconciliation of ${date} vanished`)
    const found = matched.found + (short?.found ?? 0)
    return { kind: 'reconciled', reconciliation, found, again: begun.kind === 'again' }
  } catch (error) {
    // Whoever tries again need not wait; if the ledger is away, the hold ends by itself.
    await reconciliations.hold(date, 0).catch(() => {})
    throw error
  }
}

function ranDeed(username: string, manifest: StatementManifest, result: ReconciliationResult, at: number): Deed {
  const { date, sha256, lines } = manifest
  const after = { sha256, lines, proven: result.proven, ended: result.ended, closed: result.closed }
  return { at, username, action: 'reconciliation.run', subject: `reconciliation/${date}`, after }
}

/** @throws Error when what the database then holds isn't what the channel's manifest says */
async function stage(deps: ReconcileDeps, manifest: StatementManifest, batches: AsyncIterable<OpenMatch['line'][]>) {
  const { date, lines: total } = manifest
  let done = 0
  for await (const lines of batches) {
    await deps.reconciliations.stage(date, lines)
    done += lines.length
    await alive(deps, date, 'stage', done, total)
  }
  if (!sameTotals(await deps.reconciliations.staged(date, total), manifest.totals))
    throw new Error(`the staged statement of ${date} isn't the one that was fetched`)
}

/** What is open and in the statement has been booked, so it ends as any order or refund does. Returns how many. */
async function endByStatement(deps: ReconcileDeps, date: string): Promise<number> {
  let ended = 0
  for (const kind of ['clearing', 'refund'] as const)
    for (let after = ''; ; ) {
      const page = await deps.reconciliations.openMatches(kind, date, after, PAGE)
      for (const open of page) await endOne(deps, kind, open)
      ended += page.length
      await alive(deps, date, 'end', ended)
      if (page.length < PAGE) break
      after = page.at(-1)!.number
    }
  return ended
}

async function endOne(deps: ReconcileDeps, kind: EntryKind, { number, line }: OpenMatch): Promise<void> {
  const reply = {
    verb: 'statement' as const,
    outcome: { kind: 'succeeded' as const, channelTradeNo: line.channelTradeNo },
    raw: line,
  }
  const order = await deps.ledger.order(line.orderNo)
  const refund = kind === 'refund' ? await deps.refunds.refund(number) : undefined
  if (!order || (kind === 'refund' && !refund)) throw new Error(`${kind} ${number} vanished`)
  await (refund ? finalizeRefund(deps, order, refund, reply) : finalize(deps, order, reply))
}

/**
 * Orders of earlier days, still `paying`, that neither their own day's statement nor this one holds: the channel is asked
 * once more, and if it isn't definite the order is closed there first, so that a late pay of it would be refused.
 */
async function endAbsent(deps: ReconcileDeps, date: string): Promise<{ closed: number; unanswered: number }> {
  const before = endOfBusinessDate(addDays(date, -1))
  let closed = 0
  let unanswered = 0
  for (let after = ''; ; ) {
    const page = await deps.reconciliations.absentPaying(date, before, after, ASKED)
    const states = await Promise.all(page.map((order) => settle(deps, order)))
    closed += states.filter((state) => state === 'closed').length
    unanswered += states.filter((state) => state === 'paying').length
    await alive(deps, date, 'end', closed)
    if (page.length < ASKED) return { closed, unanswered }
    after = page.at(-1)!.orderNo
  }
}

async function settle(deps: ReconcileDeps, order: Order): Promise<Order['state']> {
  const channel = deps.channels.get(order.channel)
  if (!channel) {
    deps.onAlarm({ code: 'channel-not-available', orderNo: order.orderNo })
    return order.state
  }
  const reply = await channel.query(order)
  const definite = reply.outcome.kind === 'succeeded' || reply.outcome.kind === 'declined'
  return (await finalize(deps, order, definite ? reply : await channel.close(order))).state
}

/** Holds each line against our books, a stretch of the file at a time. */
async function match(deps: ReconcileDeps, { date, lines }: StatementManifest) {
  let [bank, balanced, misfits, ownToday, ownOtherDays] = [NO_TOTALS, NO_TOTALS, NO_TOTALS, NO_TOTALS, NO_TOTALS]
  let found = 0
  for (let from = 1; from <= lines; from += MATCH_LINES) {
    const to = Math.min(from + MATCH_LINES - 1, lines)
    const part = await deps.reconciliations.matchLines(date, from, to)
    bank = addTotals(bank, part.bank)
    balanced = addTotals(balanced, part.balanced)
    misfits = addTotals(misfits, totalsOf(part.misfits.map((misfit) => misfit.line)))
    ownToday = addTotals(ownToday, part.ownToday)
    ownOtherDays = addTotals(ownOtherDays, part.ownOtherDays)
    const differences = part.misfits.map((misfit) => differenceOf(date, misfit, deps.clock))
    found += await deps.reconciliations.addDifferences(differences)
    await alive(deps, date, 'match', to, lines)
  }
  return { bank, balanced, misfits, ownToday, ownOtherDays, found }
}

function differenceOf(date: string, { line, own, seen }: Misfit, clock: Clock): Difference {
  const verdict = judge(own, line, seen)
  // The store said that it doesn't: a store that reads the rule otherwise must not be believed about the rest either.
  if (verdict.kind === 'balanced') throw new Error(`line ${line.lineNo} of ${date} balances after all`)
  return newDifference(date, verdict, own, line, clock.now())
}

/**
 * Our bookings of `ownDate` and which of them no statement up to `date` holds. Of the statement's own date those may still be
 * in the next (日切); of the day before they are short.
 */
async function lookForOwn(deps: ReconcileDeps, ownDate: string, date: string) {
  let [booked, earlier, absent] = [NO_TOTALS, NO_TOTALS, NO_TOTALS]
  let found = 0
  const entries = ownDate !== date
  for (const kind of ['clearing', 'refund'] as const) {
    let after: OwnCursor | undefined
    do {
      const input = { kind, ownDate, date, after, limit: MATCH_LINES, entries }
      const page = await deps.reconciliations.ownPage(input)
      booked = addTotals(booked, page.booked)
      earlier = addTotals(earlier, page.earlier)
      absent = addTotals(absent, page.absent)
      const verdict = { kind: 'difference', class: 'short', detail: 'not-in-statement' } as const
      const shorts = page.absentEntries.map((own) => newDifference(date, verdict, own, null, deps.clock.now()))
      found += await deps.reconciliations.addDifferences(shorts)
      await alive(deps, date, 'books', booked.clearing.count + booked.refund.count)
      after = page.next
    } while (after)
  }
  return { booked, earlier, absent, found }
}

async function alive(deps: ReconcileDeps, date: string, phase: ReconcilePhase, done: number, total = 0) {
  deps.onProgress?.({ phase, done, total })
  await deps.reconciliations.hold(date, deps.clock.now() + HOLD_MS)
}

export interface ResolveDeps {
  reconciliations: Pick<Reconciliations, 'resolve'>
  clock: Clock
  random: Random
}

export type ResolveOutcome =
  | { kind: 'resolved'; difference: Difference }
  | { kind: 'refused'; code: 'difference-not-found' | 'note-missing' }
  /** somebody decided before; how, stands in it */
  | { kind: 'refused'; code: 'already-resolved'; difference: Difference }

/**
 * An operator's decision on a difference, once. `accept`: the bank's record is right, so the proposed entries are appended to
 * the books (红冲 and new postings; nothing is edited), and a proposed refund is stored for the sweeper to send. `reject`: our
 * books are right and stay; the note says how the bank puts its own right, so it may not be empty.
 */
export async function resolveDifference(
  deps: ResolveDeps,
  differenceId: string,
  decision: 'accept' | 'reject',
  operator: string,
  note: string,
): Promise<ResolveOutcome> {
  if (decision === 'reject' && note.trim() === '') return { kind: 'refused', code: 'note-missing' }
  const now = deps.clock.now()
  const date = businessDate(now)
  const result = await deps.reconciliations.resolve({
    differenceId,
    decision: decision === 'accept' ? 'accepted' : 'rejected',
    operator,
    note,
    now,
    refundNo: newRefundNo(date, deps.random(12)),
    businessDate: date,
    deed: {
      at: now,
      username: operator,
      action: `difference.${decision}`,
      subject: `difference/${differenceId}`,
      before: { state: 'open' },
      after: { state: decision === 'accept' ? 'accepted' : 'rejected', note },
    },
  })
  if (result.kind === 'resolved') return result
  if (result.kind === 'already-resolved') return { kind: 'refused', code: result.kind, difference: result.difference }
  return { kind: 'refused', code: 'difference-not-found' }
}
