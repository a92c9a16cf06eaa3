import { addDays } from '../../domain/business-date'
import type { ChannelName } from '../../domain/channel'
import type { DeckKeys } from '../../domain/key-ring'
import { dayName } from '../../domain/match'
import {
  type ArchivedBooks,
  ArchiveFault,
  type ArchiveFiles,
  type AuditBooks,
  type AuditDays,
  type AuditedKind,
  type AuditPending,
  type AuditView,
  BOOK_CHECKS,
  CHAIN_CHECKS,
  type ChainBreak,
  type CrossCheck,
  type DaySeal,
  LATE_DAYS,
  LOG_CHECKS,
} from '../ports'
import { type SourceDeps, sourceOf } from '../reconcile/source'
import { heldArchives, isAway } from './archives'
import { chainFaults } from './chain'
import { campaignFaults, deckFaults } from './deck'
import { differ } from './fault'
import { type Findings, type Found, findings } from './findings'
import { correctionFaults, orderFaults } from './order'
import { statementFaults } from './statements'

export interface AuditDeps {
  books: AuditBooks
  campaignSecret: DeckKeys['campaignSecret']
  /** to fetch the channels' statements again; without it only the kept ones are looked at */
  sources?: SourceDeps | undefined
  /** days of the books' chain as they were given out earlier, to be held against it */
  given?: readonly DaySeal[] | undefined
  /** only these days, with all that belongs to their orders; without it all there is */
  days?: AuditDays | undefined
  /** the files of archived days; without them what is in these isn't looked at */
  archives?: Pick<ArchiveFiles, 'hash' | 'read'> | undefined
  /** `total` 0: nobody knows before */
  onProgress?(progress: { step: string; done: number; total: number }): void
}

export interface AuditReport extends Found {
  /** how many of each were looked at */
  looked: Record<AuditedKind, number>
  /** archived days whose file, or one beside it, isn't there or can't be read */
  unread: { date: string; reason: string }[]
  /** statements that their channel didn't give, or not as it signed them; nothing else is unknown */
  unfetched: { channel: ChannelName; date: string; reason: string }[]
  pending: AuditPending[]
}

const NAMED = 20
const BROKEN_LOG = 'the log of what operators did is broken'
const BROKEN_CHAIN = 'the books’ chain is broken'
const NO_CHAIN = 'there is no link yet'
const NOT_GIVEN = 'only the chain itself and the log were looked at; --seals FILE holds it against what was given out'
const NO_ARCHIVES = 'their orders were archived; --archives DIR says where the files are'
const OF_DAYS_ALONE = 'only days were asked for; the audit without --date looks at them'
const NOT_FETCHED = 'only the kept lines were looked at; --bank fetches them'
export const OLDER_RULE = 'dealt by a version of the rule that was never kept'

/**
 * Recomputes everything from events and postings in one consistent view of the books, changes nothing, and reports what
 * differs. Memory is bounded by a batch and by the faults kept, whatever the books hold.
 * @throws LedgerUnavailable
 * @throws ArchiveNeeded of `days` of which orders are in files, when there are none
 */
export async function audit(deps: AuditDeps): Promise<AuditReport> {
  const found = findings()
  const archives = deps.archives && heldArchives(deps.archives, found)
  if (deps.days) return auditDays(deps, deps.days, found, archives)
  const { archived, ...report } = await auditLedger(deps, found)
  const total: AuditReport = { ...report, looked: { ...report.looked }, unread: [], ...found.report() }
  if (archived.length > 0 && !deps.archives)
    found.skip(`days in files, up to ${archived.at(-1)!.date}`, NO_ARCHIVES, archived.length)
  for (const { date } of deps.archives ? archived : []) {
    const { looked, unread, unfetched } = await auditDays(deps, { from: date, to: date }, found, archives)
    for (const kind of OF_DAYS) total.looked[kind] += looked[kind]
    total.unread.push(...unread)
    total.unfetched.push(...unfetched)
  }
  if (archives && archived.length > 0) await lookPast(deps, archived.at(-1)!.date, found, archives)
  return { ...total, ...found.report() }
}

/** What the ledger has: all of it, or what follows the days that are in files. */
async function auditLedger(deps: AuditDeps, found: Findings) {
  return deps.books.look(async (view) => {
    const looked = await view.size()
    await lookAtEach(deps, view, looked, found)
    const whole = await lookAtActions(deps, view, looked.actions, found)
    await crossCheck(deps, view, BOOK_CHECKS, found)
    if (whole) await crossCheck(deps, view, LOG_CHECKS, found)
    else found.skip('campaigns, changes, parties and reconciliations by the log', BROKEN_LOG)
    await lookAtChain(deps, view, looked.links, found)
    if (!deps.sources) found.skip('statements as their channels have them now', NOT_FETCHED)
    const unfetched = deps.sources ? await lookAtStatements(deps, deps.sources, view, found) : []
    return { looked, unfetched, pending: await view.pending(NAMED), archived: await view.archivedDays() }
  })
}

/**
 * Some days, from the ledger or from their files. What isn't of a day, such as campaigns and the log of what operators did, is left to the audit of all.
 * @throws ArchiveNeeded
 */
async function auditDays(
  deps: AuditDeps,
  days: AuditDays,
  found: Findings,
  archives: ArchivedBooks | undefined,
): Promise<AuditReport> {
  const of = days.from === days.to ? days.from : `${days.from} to ${days.to}`
  try {
    const looked = await deps.books.look((view) => lookAtDays(deps, view, days, found), days, archives)
    return { ...looked, unread: [], ...found.report() }
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error
    const unread = { date: of, reason: error.message }
    if (!isAway(error)) found.add([{ code: 'archive-differs', subject: `archive of ${of}`, detail: error.message }])
    return { looked: { ...NOTHING }, unfetched: [], pending: [], unread: [unread], ...found.report() }
  }
}

async function lookAtDays(deps: AuditDeps, view: AuditView, days: AuditDays, found: Findings) {
  const looked = { ...(await view.size()), campaigns: 0, actions: 0 }
  await lookAtEach(deps, view, looked, found, { campaigns: false })
  await crossCheck(deps, view, BOOK_CHECKS, found)
  const given = deps.given?.filter(({ date }) => date >= days.from && date <= days.to)
  await lookAtChain({ ...deps, given }, view, looked.links, found, ['not-as-chained'])
  if (deps.days) found.skip('campaigns, parties and the log of what operators did', OF_DAYS_ALONE)
  if (!deps.sources) found.skip('statements as their channels have them now', NOT_FETCHED)
  const unfetched = deps.sources ? await lookAtStatements(deps, deps.sources, view, found) : []
  return { looked, unfetched, pending: await view.pending(NAMED) }
}

/**
 * What was chained of archived orders after the last archived day: of those that ended a little later. All else of those days is looked at with the
 * ledger.
 */
async function lookPast(deps: AuditDeps, last: string, found: Findings, archives: ArchivedBooks): Promise<void> {
  const days = { from: addDays(last, 1), to: addDays(last, LATE_DAYS) }
  const before = `order F${days.from.replaceAll('-', '')}`
  const look = async (view: AuditView) => {
    for await (const rows of view.crossCheck('not-as-chained'))
      found.add(
        rows
          .filter(({ subject }) => subject.startsWith('order F') && subject < before)
          .map((row) => ({ code: 'not-as-chained', ...row })),
      )
  }
  await deps.books.look(look, days, archives).catch((error) => {
    // Which file that is has been told by now.
    if (!(error instanceof ArchiveFault)) throw error
  })
}

/** What a day has of its own. */
const OF_DAYS = ['decks', 'orders', 'refunds', 'merchantDays', 'statements'] as const
const NOTHING: AuditReport['looked'] = {
  campaigns: 0,
  decks: 0,
  orders: 0,
  refunds: 0,
  merchantDays: 0,
  corrections: 0,
  actions: 0,
  links: 0,
  statements: 0,
}

async function lookAtEach(
  deps: AuditDeps,
  view: AuditView,
  looked: AuditReport['looked'],
  found: Findings,
  { campaigns } = { campaigns: true },
) {
  if (campaigns)
    await each(deps, 'campaigns', looked.campaigns, view.campaigns(), (batch) =>
      found.add(batch.flatMap(campaignFaults)),
    )
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
async function lookAtChain(
  deps: AuditDeps,
  view: AuditView,
  total: number,
  found: Findings,
  checks: readonly CrossCheck[] = CHAIN_CHECKS,
): Promise<void> {
  deps.onProgress?.({ step: 'links', done: 0, total })
  const chain = await view.booksChain()
  found.add(chainFaults(chain, deps.given ?? []))
  if (!deps.given) found.skip('the end of the books’ chain', NOT_GIVEN)
  if (chain.breaks.length > 0) return found.skip('books by their chain', BROKEN_CHAIN)
  if (chain.links === 0) return found.skip('books by their chain', NO_CHAIN)
  await crossCheck(deps, view, checks, found)
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
