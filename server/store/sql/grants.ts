import { type Kysely, sql as raw } from 'kysely'
import type { Tables } from './tables'

/**
 * Tables whose rows may go: what is counted anew, held for a while, or taken back before it counted. All else only grows or changes.
 * A test holds the list against the statements there are.
 */
export const DELETED_FROM = [
  ...[
    'binding_guesses',
    'branch_budgets',
    'campaign_controls',
    'campaign_day_sums',
    'campaign_merchants',
    'campaign_templates',
    'channel_requests',
    'day_totals',
    'deck_returns',
  ],
  ...[
    'deck_shortages',
    'differences',
    'idempotency_keys',
    'login_attempts',
    'notifications',
    'operator_devices',
    'operator_factors',
    'other_counts',
  ],
  ...[
    'outbox',
    'paid_quotes',
    'payer_cards',
    'payer_days',
    'share_days',
    'sketches',
    'statement_lines',
    'taken_cards',
    'used_tickets',
  ],
]

/** For `lock table`, for which PostgreSQL 15 wants more than to insert; their triggers refuse the change itself. */
const LOCKED = ['ledger_keys', 'ledger_links']

/**
 * What is written with an archive (archive/) or packed (payment/pack-books.ts, reconcile/pack-lines.ts), by who owns the tables; and what a
 * trigger of theirs keeps.
 */
const OWNERS_ALONE = [
  ...['archived_days', 'archived_savings', 'archived_merchant_days'],
  ...['order_books', 'statement_packs', 'open_orders'],
]

/** What it may ask the owner of the tables to do, who looks again whether it may be done. */
const ASKED_OF_OWNER = [
  'pack_books(text, integer)',
  'pack_lines(text, integer)',
  'tend_orders(integer)',
  'analyze_orders()',
]

/** Written by a trigger that goes by the owner's right; BFFs forget what is over. */
const GUARDS = ['taken_cards', 'paid_quotes']

const UPDATE_AND_DELETE = 8 + 16

/** There is no such role, or the one that migrates may not speak of it. */
export class RoleFault extends Error {
  override name = 'RoleFault'
}

/**
 * Gives the role by which BFFs and tools go what they need, and takes all else from it: it reads, writes and, where rows may go, deletes;
 * it makes, changes and empties no table, and of what is append-only it changes no row, with triggers or without. Again after each
 * migration. Run by whoever owns the schema. @throws RoleFault
 */
export async function grantTo(db: Kysely<Tables>, role: string): Promise<void> {
  const { rows: roles } = await raw<{ owns: boolean }>`
    select rolsuper or pg_has_role(${role}::name, (select relowner from pg_class where oid = 'orders'::regclass), 'member') as owns
    from pg_roles where rolname = ${role}`.execute(db)
  if (!roles[0]) throw new RoleFault(`there is no role ${role}: make it first (create role … login)`)
  if (roles[0].owns)
    throw new RoleFault(`the role ${role} owns the ledger’s tables, or is a superuser: it needs one that is neither`)
  const { rows } = await raw<{ name: string; view: boolean; appendOnly: boolean }>`
    select relname as name, relkind = 'v' as view, exists (
      select from pg_trigger t join pg_proc p on p.oid = t.tgfoid
      where t.tgrelid = c.oid and p.proname = 'refuse_change' and t.tgtype & ${UPDATE_AND_DELETE} = ${UPDATE_AND_DELETE}
    ) as "appendOnly"
    from pg_class c where relkind in ('r', 'p', 'v') and not relispartition
      and relnamespace = (select relnamespace from pg_class where oid = 'orders'::regclass)`.execute(db)
  const to = raw.id(role)
  await db.transaction().execute(async (tx) => {
    const schema = raw.id(await schemaOf(tx))
    await raw`revoke all on all tables in schema ${schema} from ${to}`.execute(tx)
    await raw`grant usage on schema ${schema} to ${to}`.execute(tx)
    await raw`grant usage on all sequences in schema ${schema} to ${to}`.execute(tx)
    for (const { name, view, appendOnly } of rows)
      await raw`grant ${raw.raw((view ? ['select'] : rightsOn(name, appendOnly)).join(', '))} on ${raw.id(name)} to ${to}`.execute(
        tx,
      )
    for (const name of await askedIn(tx)) await raw`grant execute on function ${raw.raw(name)} to ${to}`.execute(tx)
  })
}

function rightsOn(table: string, appendOnly: boolean): string[] {
  if (table === 'kysely_migration' || OWNERS_ALONE.includes(table)) return ['select']
  if (GUARDS.includes(table)) return ['select', 'delete']
  if (appendOnly) return ['select', 'insert', ...(LOCKED.includes(table) ? ['update'] : [])]
  return ['select', 'insert', 'update', ...(DELETED_FROM.includes(table) ? ['delete'] : [])]
}

/** Of {@link ASKED_OF_OWNER} what there is: some come with the end of an upgrade. */
async function askedIn(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await raw<{ name: string }>`
    select name from unnest(${ASKED_OF_OWNER}::text[]) name where to_regprocedure(name) is not null`.execute(db)
  return rows.map(({ name }) => name)
}

async function schemaOf(db: Kysely<Tables>): Promise<string> {
  const { rows } = await raw<{ name: string }>`
    select nspname as name from pg_namespace n join pg_class c on c.relnamespace = n.oid where c.oid = 'orders'::regclass`.execute(
    db,
  )
  return rows[0]!.name
}
