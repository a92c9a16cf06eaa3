import type { PoolClient, QueryConfig, QueryResultRow } from 'pg'
import { keysFor, type MasterKeys } from '../../../domain/key-ring'
import type { AuditBooks, AuditedKind, AuditPending, AuditView, KeyRing } from '../../../flow/ports'
import { type ChainHead, chainOf, type DeedRow } from '../deed/chain'
import { type DeedLog, deedLog } from '../deed/log'
import { translated } from '../errors'
import type { Sql } from '../open-sql'
import { type LineRow, lineColumns, lineOf } from '../reconcile/statement-rows'
import { CROSS } from './cross'
import { checkLinks, LINKS, type LinkRow } from './links'
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

/** Rows of a fetch: with events and postings some MB. */
const BATCH = 1_000
/** Sorting a million orders takes seconds; a statement that takes longer than this has been forgotten. */
const TIMEOUT_MS = 30 * 60_000
/** For each sort and join of a statement: with PostgreSQL's usual 4 MB, those of a million orders go over its disk. */
const WORK_MEM = '64MB'

const SIZE = `
  select
    (select count(*) from campaigns) as campaigns, (select count(*) from decks) as decks,
    (select count(*) from orders) as orders, (select count(*) from refunds) as refunds,
    (select count(*) from (
      select merchant_code, business_date from orders union select merchant_code, business_date from refunds
    ) d) as "merchantDays",
    (select count(distinct correction_id) from postings) as corrections,
    (select count(*) from operator_actions) as actions, (select count(*) from ledger_links) as links,
    (select count(*) from reconciliations where matched_at is not null) as statements`

const STATEMENTS = `
  select channel, statement_date as date, sha256, lines from reconciliations where matched_at is not null
  order by channel, statement_date`

const ACTIONS = 'select * from operator_actions order by action_id'
const ACTIONS_HEAD = 'select last_id, mac from operator_actions_head'

const LINES = `
  select ${lineColumns()} from statement_lines
  where channel = $1 and statement_date = $2 and line_no between $3 and $4 order by line_no`

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
    async look(inspect) {
      let client: PoolClient | undefined
      try {
        client = await sql.pool.connect()
        await client.query('begin isolation level repeatable read read only')
        await client.query(`set local statement_timeout = ${TIMEOUT_MS}`)
        // between two fetches the bank may be asked for a statement
        await client.query('set local idle_in_transaction_session_timeout = 0')
        // All rows of a cursor are fetched here, so it is planned for all and not for the first.
        await client.query('set local cursor_tuple_fraction = 1')
        await client.query(`set local work_mem = '${WORK_MEM}'`)
        const result = await inspect(auditView(client, keys))
        await client.query('commit')
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

function auditView(client: PoolClient, { deeds, chain }: AuditKeys): AuditView {
  const rows = async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    // For each query, since a pool's own limit is that of a payment; the driver's types don't know it.
    const query: QueryConfig & { query_timeout: number } = { text, values: [...values], query_timeout: TIMEOUT_MS }
    return (await client.query<Row>(query)).rows
  }
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
    async size() {
      return (await rows<Record<AuditedKind, number>>(SIZE))[0]!
    },
    campaigns: () => stream<CampaignBooks>(CAMPAIGNS),
    decks: () => mapped(stream<DeckBooks>(DECKS), (batch) => batch.map(auditedDeck)),
    orders: () => mapped(stream<OrderBooks>(ORDERS), (batch) => batch.map(auditedOrder)),
    corrections: () => stream<CorrectionBooks>(CORRECTIONS),
    merchantDays: () => mapped(stream<MerchantDayBooks>(MERCHANT_DAYS), (batch) => batch.map(auditedMerchantDay)),
    async deedChain() {
      const [head] = await rows<ChainHead>(ACTIONS_HEAD)
      return chainOf(deeds, head, stream<DeedRow>(ACTIONS))
    },
    booksChain: () => checkLinks(chain, stream<LinkRow & { found: string }>(LINKS)),
    crossCheck: (code) => stream(CROSS[code]),
    pending: (limit) => pendingOf(rows, limit),
    statements: () => rows(STATEMENTS),
    async statementLines({ channel, date }, from, to) {
      return (await rows<LineRow>(LINES, [channel, date, from, to])).map(lineOf)
    },
  }
}

async function pendingOf(
  rows: <Row extends QueryResultRow>(text: string) => Promise<Row[]>,
  limit: number,
): Promise<AuditPending[]> {
  const all: AuditPending[] = []
  for (const [kind, text] of Object.entries(PENDING)) {
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
