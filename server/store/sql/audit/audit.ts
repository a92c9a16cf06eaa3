import { escapeLiteral, type PoolClient, type QueryConfig, type QueryResultRow } from 'pg'
import { keysFor, type MasterKeys } from '../../../domain/key-ring'
import { type BookDay, dayName } from '../../../domain/match'
import type { AuditBooks, AuditedKind, AuditPending, AuditView, KeyRing } from '../../../flow/ports'
import { type ChainHead, chainOf, type DeedRow } from '../deed/chain'
import { type DeedLog, deedLog } from '../deed/log'
import { translated } from '../errors'
import type { Sql } from '../open-sql'
import { LINES } from '../reconcile/pack-lines'
import { type LineRow, lineColumns, lineOf } from '../reconcile/statement-rows'
import { CROSS } from './cross'
import { type Run, takeDays } from './day-books'
import { checkLinks, LINK_BEFORE, LINKS, type LinkRow } from './links'
import { PENDING } from './pending'
import {
  auditedDeck,
  auditedMerchantDay,
  auditedOrder,
  CAMPAIGNS,
  type CampaignBooks,
  CORRECTIONS,
  type CorrectionBooks,
  DECKS,
  type DeckBooks,
  MERCHANT_DAYS,
  type MerchantDayBooks,
  ORDERS,
  type OrderBooks,
} from './rows'
import { ALL, linked, type Scope, textOf, within } from './scope'

/** Rows of a fetch: with events and postings some MB. */
const BATCH = 1_000
/** Sorting a million orders takes seconds; a statement that takes longer than this has been forgotten. */
const TIMEOUT_MS = 30 * 60_000
/** For each sort and join of a statement: with PostgreSQL's usual 4 MB, those of a million orders go over its disk. */
const WORK_MEM = '64MB'

const SIZE = (scope: Scope) => `
  select
    (select count(*) from campaigns) as campaigns, (select count(*) from decks where ${within(scope, 'business_date')}) as decks,
    (select count(*) from orders) as orders, (select count(*) from refunds) as refunds,
    (select count(*) from (
      select merchant_code, business_date from orders union select merchant_code, business_date from refunds
    ) d where ${within(scope, 'business_date')}) as "merchantDays",
    (select count(distinct correction_id) from postings) as corrections,
    (select count(*) from operator_actions) as actions, (select count(*) from ledger_links where ${linked(scope, 'link_no')}) as links,
    (select count(*) from reconciliations where matched_at is not null and ${within(scope, 'statement_date')}) as statements`

const STATEMENTS = (scope: Scope) => `
  select channel, statement_date as date, sha256, lines from reconciliations
  where matched_at is not null and ${within(scope, 'statement_date')}
  order by channel, statement_date`

const ARCHIVED = 'select business_date as date, file, sha256, bytes, orders from archived_days order by business_date'

const ACTIONS = 'select * from operator_actions order by action_id'
const ACTIONS_HEAD = 'select last_id, mac from operator_actions_head'

const STATEMENT_OF = ({ channel, date }: BookDay) => `
  select ${lineColumns()} from ${LINES} l where channel = ${escapeLiteral(channel)} and statement_date = ${escapeLiteral(date)}::date order by line_no`

/** What the log of deeds and the books' chain are checked with. */
export interface AuditKeys {
  deeds: DeedLog
  chain: KeyRing
}

/** Neither is in the database, and neither is the other. */
export function auditKeys(masters: MasterKeys): AuditKeys {
  return { deeds: deedLog(keysFor('deed log', masters)), chain: keysFor('books chain', masters) }
}

/**
 * The books as an auditor reads them, in one read-only transaction that sees one moment (REPEATABLE READ) and locks nothing.
 * Until it ends, PostgreSQL keeps the row versions of that moment. It takes one connection of the pool: the only one there is
 * of the embedded database.
 */
export function sqlAudit(sql: Sql, keys: AuditKeys): AuditBooks {
  return {
    async look(inspect, days, archives) {
      let client: PoolClient | undefined
      try {
        client = await sql.pool.connect()
        // Tables of the session are made before it reads only.
        await client.query(`begin isolation level repeatable read${days ? '' : ' read only'}`)
        await client.query(`set local statement_timeout = ${TIMEOUT_MS}`)
        // between two fetches the bank may be asked for a statement
        await client.query('set local idle_in_transaction_session_timeout = 0')
        // All rows of a cursor are fetched here, so it is planned for all and not for the first.
        await client.query('set local cursor_tuple_fraction = 1')
        await client.query(`set local work_mem = '${WORK_MEM}'`)
        const rows = rowsOf(client)
        const scope = days ? await takeDays(rows, days, archives) : await sinceArchived(rows)
        if (days) await client.query('set transaction read only')
        const result = await inspect(auditView(rows, keys, scope))
        // What was made for it goes.
        await client.query('rollback')
        client.release()
        return result
      } catch (error) {
        await client?.query('rollback').catch(() => {})
        client?.release(true)
        throw translated(error)
      }
    },
  }
}

function rowsOf(client: PoolClient): Run {
  return async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    // For each query, since a pool's own limit is that of a payment; the driver's types don't know it.
    const query: QueryConfig & { query_timeout: number } = { text, query_timeout: TIMEOUT_MS }
    if (values.length > 0) query.values = [...values] // several statements in one have none
    return (await client.query<Row & QueryResultRow>(query)).rows
  }
}

/** All there is: where days were archived, from the first that wasn't. */
async function sinceArchived(rows: Run): Promise<Scope> {
  const [since] = await rows<{ from: string | null; after: number }>(`
    select (max(business_date) + 1)::text as from, (
      select coalesce(max(link_no), 0) from ledger_links where business_date <= (select max(business_date) from archived_days)) as after
    from archived_days`)
  if (!since?.from) return ALL
  return { ...ALL, from: since.from, links: { after: since.after, upTo: null }, archivedBefore: since.from }
}

function auditView(rows: Run, { deeds, chain }: AuditKeys, scope: Scope): AuditView {
  let cursors = 0

  async function* stream<Row extends QueryResultRow>(text: string): AsyncGenerator<Row[]> {
    const name = `audit_${++cursors}`
    await rows(`declare ${name} no scroll cursor for ${text}`)
    // The next rows are on their way while these are looked at: PostgreSQL and we work at the same time.
    const fetched = () => {
      const batch = rows<Row>(`fetch ${BATCH} from ${name}`)
      batch.catch(() => {}) // heard when it is asked for, unless the look was given up before
      return batch
    }
    for (let next = fetched(), more = true; more; ) {
      const batch = await next
      more = batch.length === BATCH
      if (more) next = fetched()
      if (batch.length > 0) yield batch
    }
    await rows(`close ${name}`)
  }

  return {
    archivedDays: () => rows(ARCHIVED),
    async size() {
      return (await rows<Record<AuditedKind, number>>(SIZE(scope)))[0]!
    },
    campaigns: () => stream<CampaignBooks>(CAMPAIGNS),
    decks: () => mapped(stream<DeckBooks>(DECKS(scope)), (batch) => batch.map(auditedDeck)),
    orders: () => mapped(stream<OrderBooks>(ORDERS), (batch) => batch.map(auditedOrder)),
    corrections: () => stream<CorrectionBooks>(CORRECTIONS(scope)),
    merchantDays: () =>
      mapped(stream<MerchantDayBooks>(MERCHANT_DAYS(scope)), (batch) => batch.map(auditedMerchantDay)),
    async deedChain() {
      const [head] = await rows<ChainHead>(ACTIONS_HEAD)
      return chainOf(deeds, head, stream<DeedRow>(ACTIONS))
    },
    async booksChain() {
      // Where all is in the ledger the chain is checked from its beginning, though only what follows is held against it.
      if (!scope.taken) return checkLinks(chain, stream<LinkRow & { found: string }>(LINKS(ALL)))
      const [before] = await rows<{ at: number; mac: string }>(LINK_BEFORE, [scope.links.after])
      return checkLinks(chain, stream<LinkRow & { found: string }>(LINKS(scope)), before)
    },
    crossCheck: (code) => stream(textOf(CROSS[code], scope)),
    pending: (limit) => pendingOf(rows, limit, scope),
    statements: () => rows(STATEMENTS(scope)),
    statementLines: inTurn((day) => stream<LineRow & QueryResultRow>(STATEMENT_OF(day))),
  }
}

/**
 * Lines of a statement as they are asked for, one stretch after the other, from one look at it: each of its packs is read once. Whoever goes back,
 * or to another statement, begins anew.
 */
function inTurn(read: (day: BookDay) => AsyncGenerator<LineRow[]>): AuditView['statementLines'] {
  let at: { day: string; from: number; batches: AsyncGenerator<LineRow[]>; rows: LineRow[] } | undefined
  return async (day, from, to) => {
    if (at?.day !== dayName(day) || from < at.from) at = { day: dayName(day), from, batches: read(day), rows: [] }
    const { batches, rows } = at
    while ((rows.at(-1)?.line_no ?? 0) <= to) {
      const { value } = await batches.next()
      if (!value) break
      rows.push(...value)
    }
    at.from = to + 1
    const after = rows.findIndex((row) => row.line_no > to)
    const asked = rows.splice(0, after < 0 ? rows.length : after)
    return asked.filter((row) => row.line_no >= from).map(lineOf)
  }
}

async function pendingOf(rows: Run, limit: number, scope: Scope): Promise<AuditPending[]> {
  const all: AuditPending[] = []
  for (const [kind, one] of Object.entries(PENDING)) {
    const text = textOf(one, scope)
    const [sum] = await rows<{ count: number; at: number | null }>(`select count(*), min(at) as at from (${text}) p`)
    const named = await rows<{ name: string }>(`select name from (${text}) p order by at, name limit ${limit}`)
    const kindOf = kind as AuditPending['kind']
    all.push({ kind: kindOf, count: sum!.count, oldestAt: sum!.at, named: named.map((row) => row.name) })
  }
  return all
}

async function* mapped<A, B>(batches: AsyncIterable<A[]>, each: (batch: A[]) => B[]): AsyncGenerator<B[]> {
  for await (const batch of batches) yield each(batch)
}
