import { addDays, endOfBusinessDate } from '../../domain/business-date'
import { type Difference, newDifference } from '../../domain/difference'
import {
  addTotals,
  type BookDay,
  dayName,
  judge,
  NO_TOTALS,
  type StatementLine,
  sameTotals,
  totalsOf,
} from '../../domain/match'
import {
  type BeginRefusal,
  type Clock,
  type Deed,
  type Hold,
  HoldLost,
  type Misfit,
  type OwnCursor,
  type Reconciliation,
  type ReconciliationResult,
  type StatementManifest,
  type StatementRefusal,
  type StatementSource,
} from '../ports'
import { type EndDeps, endAbsent, endByStatement } from './end'
import { type SourceDeps, sourceOf } from './source'
import { type OutOfTurn, outOfTurn } from './turn'

export interface ReconcileDeps extends EndDeps, SourceDeps {
  /** what ended so long before the channel's cut, or later, may be in the next day's statement (日切), ms */
  carryOverMs: number
  onProgress?(progress: { phase: ReconcilePhase; done: number; total: number }): void
}

/** fetch: bytes · stage, match: lines of the statement · end, books: entries of ours, whose number nobody knows before (0) */
export type ReconcilePhase = 'fetch' | 'stage' | 'end' | 'match' | 'books'

export type ReconcileResult =
  /** `found`: differences that are new; `again`: the day was reconciled before, and its first result stands */
  | { kind: 'reconciled'; reconciliation: Reconciliation; found: number; again: boolean }
  | { kind: 'refused'; code: ReconcileRefusal; detail: string }
  | OutOfTurn
export type ReconcileRefusal =
  | StatementRefusal
  | BeginRefusal
  /** the channel gives no statements, or isn't configured */
  | 'no-statements'

/** Lines matched in one statement: some 100 ms of the database, far from its timeout, and a few MB here if none balances. */
const MATCH_LINES = 10_000
/** A process that dies gives the day up after this long; each step says again that it lives. */
const HOLD_MS = 60_000

/**
 * Reconciles a day (对账): a channel's business date, with the channel's statement of it. Fetches and checks the file; stages its
 * lines; ends by the usual door what is still open and the statement holds; ends at the channel what neither this nor an earlier
 * statement holds; matches line by line; and looks what of ours is in no statement: of around the cut that is carried over, of the
 * hours before it and of the date before it is short (短款). What doesn't balance becomes a difference. A refused file changes nothing, and neither does a
 * second run of a day. `by`: the operator who asked for it, for the log of what operators do.
 * @throws LedgerUnavailable, and Error when the books can't be trusted; the day may be run again
 */
export async function reconcileDay(deps: ReconcileDeps, day: BookDay, by?: string): Promise<ReconcileResult> {
  const source = sourceOf(deps, day.channel)
  if (!source) return { kind: 'refused', code: 'no-statements', detail: `${day.channel} gives no statements here` }
  const early = await outOfTurn(deps.reconciliations, day)
  if (early) return early
  const fetched = await source.fetchStatement(day.date, (done, total) =>
    deps.onProgress?.({ phase: 'fetch', done, total }),
  )
  if (fetched.kind === 'refused') return fetched
  const { manifest } = fetched
  const begun = await deps.reconciliations.begin(day, manifest, deps.clock.now(), HOLD_MS)
  if (begun.kind === 'refused') return begun
  const { hold } = begun
  try {
    if (begun.kind === 'begun') await stage(deps, hold, manifest, fetched.batches())
    const { result, found } = await work(deps, hold, manifest, source, begun.kind === 'again')
    const deed = by !== undefined && begun.kind === 'begun' ? ranDeed(by, day, manifest, result, deps.clock) : undefined
    await deps.reconciliations.finish(hold, result, deps.clock.now(), deed)
    const reconciliation = await deps.reconciliations.reconciliation(day)
    if (!reconciliation) throw new Error(`the reconciliation of ${dayName(day)} vanished`)
    return { kind: 'reconciled', reconciliation, found, again: begun.kind === 'again' }
  } catch (error) {
    if (error instanceof HoldLost) return { kind: 'refused', code: 'reconciliation-running', detail: error.message }
    // If the ledger is away, the hold ends by itself.
    await deps.reconciliations.giveUp(hold).catch(() => {})
    throw error
  }
}

/** All of it but the staging: the same whether the day is new or was done before. */
async function work(
  deps: ReconcileDeps,
  hold: Hold,
  manifest: StatementManifest,
  { cutBeforeMs }: Pick<StatementSource, 'cutBeforeMs'>,
  again: boolean,
) {
  const { reconciliations, clock } = deps
  const ending = (done: number) => alive(deps, hold, 'end', done)
  const ended = await endByStatement(deps, hold, ending)
  const { closed, unanswered } = await endAbsent(deps, hold, ending)
  const first = again ? await resultForGood(deps, hold) : undefined
  if (first) return { result: first, found: 0 }
  const matched = await match(deps, hold, manifest, again)
  await reconciliations.clearShorts(hold, clock.now())
  const end = endOfBusinessDate(hold.date)
  const own = await lookForOwn(deps, hold, hold.date, end - cutBeforeMs - deps.carryOverMs)
  const before = addDays(hold.date, -1)
  const carried = (await reconciliations.isMatched({ ...hold, date: before }))
    ? await lookForOwn(deps, hold, before, endOfBusinessDate(before))
    : null
  const { balanced, ownToday, ownOtherDays } = matched
  const result: ReconciliationResult = {
    balanced,
    own: own.booked,
    carried: addTotals(own.absent, own.overdue, -1),
    short: own.overdue,
    ownOtherDays,
    ended,
    closed,
    unanswered,
    proven:
      sameTotals(matched.bank, manifest.totals) &&
      sameTotals(matched.bank, addTotals(balanced, matched.misfits)) &&
      sameTotals(own.booked, addTotals(addTotals(ownToday, own.earlier), own.absent)),
  }
  return { result, found: matched.found + own.found + (carried?.found ?? 0) }
}

/**
 * The result of a day that is done for good, since the next is, in which what was around the cut was looked for: no line of it and no booking of
 * ours can turn out otherwise, and millions of them may be packed, each of which would be looked up by its number.
 */
async function resultForGood(
  { reconciliations }: ReconcileDeps,
  day: BookDay,
): Promise<ReconciliationResult | undefined> {
  if (!(await reconciliations.isMatched({ ...day, date: addDays(day.date, 1) }))) return undefined
  return (await reconciliations.reconciliation(day))?.result
}

function ranDeed(
  username: string,
  day: BookDay,
  { sha256, lines }: StatementManifest,
  result: ReconciliationResult,
  clock: Clock,
): Deed {
  const after = { sha256, lines, proven: result.proven, ended: result.ended, closed: result.closed, result }
  const subject = `reconciliation/${dayName(day)}`
  return { at: clock.now(), username, action: 'reconciliation.run', subject, after }
}

/** @throws Error when what the database then holds isn't what the channel's manifest says */
async function stage(
  deps: ReconcileDeps,
  hold: Hold,
  { lines: total, totals }: StatementManifest,
  batches: AsyncIterable<StatementLine[]>,
) {
  let done = 0
  for await (const lines of batches) {
    await deps.reconciliations.stage(hold, lines)
    done += lines.length
    await alive(deps, hold, 'stage', done, total)
  }
  if (!sameTotals(await deps.reconciliations.staged(hold, total), totals))
    throw new Error(`the staged statement of ${dayName(hold)} isn't the one that was fetched`)
}

/** Holds each line against our books, a stretch of the file at a time. */
async function match(deps: ReconcileDeps, hold: Hold, { lines }: StatementManifest, again: boolean) {
  let [bank, balanced, misfits, ownToday, ownOtherDays] = [NO_TOTALS, NO_TOTALS, NO_TOTALS, NO_TOTALS, NO_TOTALS]
  let found = 0
  for (let from = 1; from <= lines; from += MATCH_LINES) {
    const to = Math.min(from + MATCH_LINES - 1, lines)
    const part = await deps.reconciliations.matchLines(hold, from, to)
    bank = addTotals(bank, part.bank)
    balanced = addTotals(balanced, part.balanced)
    misfits = addTotals(misfits, totalsOf(part.misfits.map((misfit) => misfit.line)))
    ownToday = addTotals(ownToday, part.ownToday)
    ownOtherDays = addTotals(ownOtherDays, part.ownOtherDays)
    const differences = part.misfits.flatMap((misfit) => differenceOf(hold, misfit, again, deps.clock))
    const settled = part.misfits.flatMap(({ seen, line }) => (seen.settled ? [line] : []))
    await deps.reconciliations.settle(hold, settled, deps.clock.now())
    found += await deps.reconciliations.addDifferences(hold, differences)
    await alive(deps, hold, 'match', to, lines)
  }
  return { bank, balanced, misfits, ownToday, ownOtherDays, found }
}

/** Of an order that was archived since, the first run had its say: it is this one that lacks what the line was held against. */
function differenceOf(day: BookDay, { line, own, seen }: Misfit, again: boolean, clock: Clock): Difference[] {
  if (again && !own && seen.archived) return []
  const verdict = judge(own, line, seen)
  if (verdict.kind === 'settled') return []
  // The store said that it doesn't: a store that reads the rule otherwise must not be believed about the rest either.
  if (verdict.kind === 'balanced') throw new Error(`line ${line.lineNo} of ${dayName(day)} balances after all`)
  return [newDifference(day, verdict, own, line, clock.now())]
}

/**
 * Our bookings of `ownDate` at the channel and which of them no statement up to the day's holds. Those that ended before `shortBefore`
 * are short; the others may still be in the next (日切).
 */
async function lookForOwn(deps: ReconcileDeps, hold: Hold, ownDate: string, shortBefore: number) {
  let [booked, earlier, absent, overdue] = [NO_TOTALS, NO_TOTALS, NO_TOTALS, NO_TOTALS]
  let found = 0
  for (const kind of ['clearing', 'refund'] as const) {
    let after: OwnCursor | undefined
    do {
      const input = { day: hold, kind, ownDate, after, limit: MATCH_LINES, shortBefore }
      const page = await deps.reconciliations.ownPage(input)
      booked = addTotals(booked, page.booked)
      earlier = addTotals(earlier, page.earlier)
      absent = addTotals(absent, page.absent)
      overdue = addTotals(overdue, page.overdue)
      const verdict = { kind: 'difference', class: 'short', detail: 'not-in-statement' } as const
      const shorts = page.shortEntries.map((own) => newDifference(hold, verdict, own, null, deps.clock.now()))
      found += await deps.reconciliations.addDifferences(hold, shorts)
      await alive(deps, hold, 'books', booked.clearing.count + booked.refund.count)
      after = page.next
    } while (after)
  }
  return { booked, earlier, absent, overdue, found }
}

async function alive(deps: ReconcileDeps, hold: Hold, phase: ReconcilePhase, done: number, total = 0) {
  deps.onProgress?.({ phase, done, total })
  await deps.reconciliations.keep(hold, HOLD_MS)
}
