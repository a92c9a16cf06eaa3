import type { ChannelName } from '../../domain/channel'
import type { DeckKeys } from '../../domain/key-ring'
import { dayName } from '../../domain/match'
import {
  type AuditBooks,
  type AuditedKind,
  type AuditPending,
  type AuditView,
  BOOK_CHECKS,
  CHAIN_CHECKS,
  type ChainBreak,
  type CrossCheck,
  type DaySeal,
  LOG_CHECKS,
} from '../ports'
import { type SourceDeps, sourceOf } from '../reconcile/source'
import { chainFaults } from './chain'
import { campaignFaults, deckFaults } from './deck'
import { AUDIT_CODES, type AuditCode, differ, type Fault } from './fault'
import { correctionFaults, orderFaults } from './order'
import { statementFaults } from './statements'

export interface AuditDeps {
  books: AuditBooks
  campaignSecret: DeckKeys['campaignSecret']
  /** to fetch the channels' statements again; without it only the kept ones are looked at */
  sources?: SourceDeps | undefined
  /** days of the books' chain as they were given out earlier, to be held against it */
  given?: readonly DaySeal[] | undefined
  /** `total` 0: nobody knows before */
  onProgress?(progress: { step: string; done: number; total: number }): void
}

export interface AuditReport {
  /** how many of each were looked at */
  looked: Record<AuditedKind, number>
  /** all violations, by code; none of a code that has none */
  violations: { code: AuditCode; invariant: string; count: number; faults: Fault[] }[]
  /** what could not be looked at, and why */
  skipped: { what: string; count: number; reason: string }[]
  /** statements that their channel didn't give, or not as it signed them; nothing else is unknown */
  unfetched: { channel: ChannelName; date: string; reason: string }[]
  pending: AuditPending[]
}

/** A broken ledger may have a million faults of a kind; so many of each are kept, and all are counted. */
const FAULTS_KEPT = 50
const NAMED = 20
const BROKEN_LOG = 'the log of what operators did is broken'
const BROKEN_CHAIN = 'the books’ chain is broken'
const NO_CHAIN = 'there is no link yet'
const NOT_GIVEN = 'only the chain itself and the log were looked at; --seals FILE holds it against what was given out'
const NOT_FETCHED = 'only the kept lines were looked at; --bank fetches them'
export const OLDER_RULE = 'dealt by a version of the rule that was never kept'

/**
 * Recomputes everything from events and postings in one consistent view of the books, changes nothing, and reports what
 * differs. Memory is bounded by a batch and by the faults kept, whatever the books hold.
 * @throws LedgerUnavailable
 */
export async function audit(deps: AuditDeps): Promise<AuditReport> {
  return deps.books.look(async (view) => {
    const found = findings()
    const looked = await view.size()
    await lookAtEach(deps, view, looked, found)
    const whole = await lookAtActions(deps, view, looked.actions, found)
    await crossCheck(deps, view, BOOK_CHECKS, found)
    if (whole) await crossCheck(deps, view, LOG_CHECKS, found)
    else found.skip('campaigns, changes, parties and reconciliations by the log', BROKEN_LOG)
    await lookAtChain(deps, view, looked.links, found)
    if (!deps.sources) found.skip('statements as their channels have them now', NOT_FETCHED)
    const unfetched = deps.sources ? await lookAtStatements(deps, deps.sources, view, found) : []
    return { looked, ...found.report(), unfetched, pending: await view.pending(NAMED) }
  })
}

type Findings = ReturnType<typeof findings>

async function lookAtEach(deps: AuditDeps, view: AuditView, looked: AuditReport['looked'], found: Findings) {
  await each(deps, 'campaigns', looked.campaigns, view.campaigns(), (batch) => found.add(batch.flatMap(campaignFaults)))
  await each(deps, 'decks', looked.decks, view.decks(), (batch) => {
    for (const deck of batch) {
      const { faults, ruleUnknown } = deckFaults(deck, deps.campaignSecret)
      found.add(faults)
      if (ruleUnknown) found.skip('amounts of a deck', OLDER_RULE)
    }
  })
  await each(deps, 'orders', looked.orders, view.orders(), (batch) => {
    for (const order of batch) {
      found.add(orderFaults(order, deps.campaignSecret))
      if (order.deckCommitment !== null && order.payerPercent === null) found.skip('split of a discount', OLDER_RULE)
    }
  })
  await each(deps, 'corrections', looked.corrections, view.corrections(), (batch) =>
    found.add(batch.flatMap(correctionFaults)),
  )
  await each(deps, 'merchant days', looked.merchantDays, view.merchantDays(), (batch) => {
    for (const { merchantCode, businessDate, recomputed, told } of batch)
      found.add(differ('summary-wrong', `merchant day ${merchantCode}/${businessDate}`, recomputed, told))
  })
}

async function crossCheck(deps: AuditDeps, view: AuditView, codes: readonly CrossCheck[], found: Findings) {
  for (const code of codes)
    await each(deps, code, 0, view.crossCheck(code), (rows) => found.add(rows.map((row) => ({ code, ...row }))))
}

/** A page of the log that was torn out, written over or moved; true when there is none. */
async function lookAtActions(deps: AuditDeps, view: AuditView, total: number, found: Findings): Promise<boolean> {
  deps.onProgress?.({ step: 'actions', done: 0, total })
  const { breaks } = await view.deedChain()
  found.add(
    breaks.map(({ actionId, fault }) => ({
      code: 'action-log-broken',
      subject: `action ${actionId}`,
      detail: ACTION_FAULTS[fault],
    })),
  )
  return breaks.length === 0
}

/** What was chained is still what it was, and the chain the one that was given out. */
async function lookAtChain(deps: AuditDeps, view: AuditView, total: number, found: Findings): Promise<void> {
  deps.onProgress?.({ step: 'links', done: 0, total })
  const chain = await view.booksChain()
  found.add(chainFaults(chain, deps.given ?? []))
  if (!deps.given) found.skip('the end of the books’ chain', NOT_GIVEN)
  if (chain.breaks.length > 0) return found.skip('books by their chain', BROKEN_CHAIN)
  if (chain.links === 0) return found.skip('books by their chain', NO_CHAIN)
  await crossCheck(deps, view, CHAIN_CHECKS, found)
}

const ACTION_FAULTS: Record<ChainBreak['fault'], string> = {
  changed: 'is not what was written after the action before it',
  missing: 'is missing, or more after it',
  foreign: 'is behind the end of the log',
  'key-unknown': 'was written under a key that is neither MASTER_KEY nor one of MASTER_KEYS_PREVIOUS',
}

async function lookAtStatements(deps: AuditDeps, sources: SourceDeps, view: AuditView, found: Findings) {
  const unfetched: AuditReport['unfetched'] = []
  for (const kept of await view.statements()) {
    const { channel, date } = kept
    const step = `statement ${dayName(kept)}`
    const source = sourceOf(sources, channel)
    const look = await statementFaults(source, view, kept, (done, total) => deps.onProgress?.({ step, done, total }))
    if (look.kind === 'looked') found.add(look.faults)
    else unfetched.push({ channel, date, reason: look.reason })
  }
  return unfetched
}

async function each<T>(
  deps: AuditDeps,
  step: string,
  total: number,
  batches: AsyncIterable<T[]>,
  look: (batch: T[]) => void,
): Promise<void> {
  let done = 0
  deps.onProgress?.({ step, done, total })
  for await (const batch of batches) {
    look(batch)
    done += batch.length
    deps.onProgress?.({ step, done, total })
  }
}

/** Keeps the first faults of each code and counts all. */
function findings() {
  const faults = new Map<AuditCode, { count: number; faults: Fault[] }>()
  const skipped = new Map<string, AuditReport['skipped'][number]>()
  return {
    add(more: readonly Fault[]): void {
      for (const fault of more) {
        const of = faults.get(fault.code) ?? { count: 0, faults: [] }
        faults.set(fault.code, of)
        of.count++
        if (of.faults.length < FAULTS_KEPT) of.faults.push(fault)
      }
    },
    skip(what: string, reason: string): void {
      const key = `${what}: ${reason}`
      const of = skipped.get(key) ?? { what, count: 0, reason }
      skipped.set(key, { ...of, count: of.count + 1 })
    },
    /** In the order of the invariants. */
    report(): Pick<AuditReport, 'violations' | 'skipped'> {
      const codes = Object.keys(AUDIT_CODES) as AuditCode[]
      return {
        violations: codes.flatMap((code) => {
          const of = faults.get(code)
          return of ? [{ code, invariant: AUDIT_CODES[code], ...of }] : []
        }),
        skipped: [...skipped.values()],
      }
    },
  }
}
