import type { Kysely, Selectable } from 'kysely'
import type { Chain, ChainBreak, LoggedDeed, Operators } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'
import type { DeedLog } from './log'

/** The log of deeds read back, and checked. */

export type DeedRow = Selectable<Tables['operator_actions']>
export type ChainHead = Pick<Selectable<Tables['operator_actions_head']>, 'last_id' | 'mac'>

type DeedFilter = Parameters<Operators['deeds']>[0]

export async function deedRows(db: Kysely<Tables>, filter: DeedFilter): Promise<LoggedDeed[]> {
  const query = filtered(db, filter).selectAll().orderBy('action_id', 'desc').limit(filter.limit)
  return (await query.execute()).map(deedOf)
}

/** How many those are, counted up to `most`. */
export async function countDeeds(
  db: Kysely<Tables>,
  filter: Omit<DeedFilter, 'before' | 'limit'>,
  most: number,
): Promise<number> {
  const found = filtered(db, filter).select('action_id').limit(most).as('found')
  const { n } = await db
    .selectFrom(found)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(n)
}

function filtered(db: Kysely<Tables>, { username, subject, noun, from, until, before }: Omit<DeedFilter, 'limit'>) {
  let query = db.selectFrom('operator_actions')
  if (username !== undefined) query = query.where('username', '=', username)
  if (subject !== undefined) query = query.where('subject', '=', subject)
  if (noun !== undefined) query = query.where('subject', 'like', `${noun}/%`)
  if (from !== undefined) query = query.where('at', '>=', from)
  if (until !== undefined) query = query.where('at', '<', until)
  if (before !== undefined) query = query.where('action_id', '<', before)
  return query
}

/** Checks the log as it is at one moment. */
export function checkChain(sql: Sql, log: DeedLog): Promise<Chain> {
  return sql.snapshot(async (tx) => {
    const head = await tx.selectFrom('operator_actions_head').selectAll().executeTakeFirst()
    return chainOf(log, head, inBatches(tx))
  })
}

/** Whoever looks wants to know where it begins. */
const MAX_BREAKS = 50

/** Rows of a fetch: some hundred bytes each. */
const BATCH = 1_000

async function* inBatches(db: Kysely<Tables>): AsyncGenerator<DeedRow[]> {
  for (let after = 0, full = true; full; ) {
    const query = db.selectFrom('operator_actions').selectAll().where('action_id', '>', after)
    const rows = await query.orderBy('action_id').limit(BATCH).execute()
    yield rows
    full = rows.length === BATCH
    after = rows.at(-1)?.action_id ?? after
  }
}

/**
 * Recomputes each mac from the row and the mac before it. A row changed, removed, added or moved breaks the chain there. Only
 * an end that was cut off, with the head set back to match, doesn't show here: whoever has noted down a later mac can tell.
 */
export async function chainOf(
  log: DeedLog,
  head: ChainHead | undefined,
  batches: AsyncIterable<DeedRow[]>,
): Promise<Chain> {
  const breaks: ChainBreak[] = []
  const broken = (actionId: number, fault: ChainBreak['fault']) => {
    if (breaks.length < MAX_BREAKS) breaks.push({ actionId, fault })
  }
  const end = head?.last_id ?? 0
  let at = 0
  let mac = ''
  for await (const batch of batches)
    for (const deed of batch.map(deedOf)) {
      const fault = faultOf(log, deed, { at, mac, end })
      // Of what follows a gap nothing can be said but that there is one.
      if (fault) broken(fault === 'missing' ? at + 1 : deed.actionId, fault)
      at = deed.actionId
      mac = deed.mac
    }
  if (at < end) broken(at + 1, 'missing')
  else if (at === end && mac !== (head?.mac ?? '') && breaks.length === 0) broken(at, 'changed')
  return { actions: at, breaks, endMac: mac }
}

function faultOf(
  log: DeedLog,
  deed: LoggedDeed,
  before: { at: number; mac: string; end: number },
): ChainBreak['fault'] | null {
  if (deed.actionId > before.end) return 'foreign'
  if (deed.actionId !== before.at + 1) return 'missing'
  const mac = log.macOf(deed, before.mac)
  if (mac === undefined) return 'key-unknown'
  return mac === deed.mac ? null : 'changed'
}

function deedOf(row: DeedRow): LoggedDeed {
  return {
    actionId: row.action_id,
    at: row.at,
    username: row.username,
    action: row.action,
    subject: row.subject,
    before: row.before ?? null,
    after: row.after ?? null,
    keyId: row.key_id,
    mac: row.mac,
  }
}
