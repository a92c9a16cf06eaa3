import { type Kysely, sql as raw } from 'kysely'
import { allowChannels } from './channel-check'
import { codeOf, LOCK_NOT_AVAILABLE } from './errors'
import { makeIndex, makeIndexPlainly } from './index-beside'
import { setLockWait } from './lock-wait'
import { migrations } from './migrations'
import type { Step } from './step'
import type { Tables } from './tables'

/** An index on a big table takes its time, and so does waiting for another process that migrates. */
export const MIGRATION_TIMEOUT_MS = 10 * 60_000
/** Between two attempts, so that those who waited get on. */
const REST_MS = 500
/** Kysely's own, which versions before this one migrated with. */
const LOCK = '3853314791062309107'
/** So long a step that waits is tidied up after: whoever starts doesn't wait for it. */
const TIDYING_MS = 5_000
const NO_RIGHT = '42501'

export interface MigrateOptions {
  /** those of another version, in tests; ours unless given */
  steps?: Record<string, Step>
  /** a step was taken: for whoever watches a big ledger */
  onStep?: (name: string, ms: number) => void
  /** One connection, or a pooler's, which must be left as they were: indexes are made within their step. */
  alone?: boolean
  /** no process of a version before runs any more, and none is to come back: steps that wait for that are taken as well */
  contract?: boolean
}

/** The schema is of a later version, which changed what this one relies on. Nothing was done. */
export class SchemaTooNew extends Error {
  override name = 'SchemaTooNew'
  constructor(step: string) {
    super(
      `the ledger’s schema is a later version’s, which changed what this one relies on (${step}): start a version that knows it (docs/OPERATIONS.md#upgrade-and-back)`,
    )
  }
}

/** The schema lacks what this version needs, and our role may not make it. Of the step that failed nothing was done. */
export class SchemaBehind extends Error {
  override name = 'SchemaBehind'
  constructor(missing: readonly string[], cause: unknown) {
    super(
      `the ledger’s schema lacks ${missing.join(', ')}, and our role may not change it: run “fapai migrate” as the role that owns it (docs/OPERATIONS.md#upgrade-and-back)`,
      { cause },
    )
  }
}

/**
 * Applies the steps that aren't, in the order of their names: an empty ledger gets all at once or none, another each in a transaction of its
 * own, which waits for no table for long ({@link setLockWait}) and is tried again, so that nobody waits long behind it. A cut-off
 * migration goes on where it was. Works through a pooler too, which Kysely's migrator with its lock of a session does not. Several
 * processes may do so at once. Steps that we don't know are a later version's beside us, and stay.
 * Resolves with the names of the steps that wait for `contract`.
 * @throws SchemaTooNew {@link SchemaBehind}
 */
export async function migrate(db: Kysely<Tables>, options: MigrateOptions = {}): Promise<string[]> {
  const { steps = migrations, onStep = () => {}, alone = false, contract = false } = options
  const lacking = await missing(db, steps)
  const waits = (name: string) => steps[name]!.contracts === true && !contract
  const pending = lacking === 'all' ? 'all' : lacking.filter((name) => !waits(name))
  const take = alone ? whole : beside
  try {
    if (pending === 'all') await atomic(db, (tx) => everything(tx, steps, onStep))
    else for (const name of pending) await timed(name, onStep, () => undoneOnFailure(db, name, steps[name]!, take))
    await atomic(db, allowChannels)
    const waiting = lacking === 'all' ? [] : lacking.filter(waits)
    for (const name of waiting) await undo(db, name, steps[name]!, 'waits')
    return waiting
  } catch (error) {
    if (!hasNoRight(error)) throw error
    throw new SchemaBehind(pending === 'all' ? ['everything'] : pending, error)
  }
}

/** The steps that aren't applied; `all`: none is. Asks for no right but to read. @throws SchemaTooNew */
async function missing(db: Kysely<Tables>, steps: Record<string, Step>): Promise<'all' | string[]> {
  const { rows: there } = await raw<{ there: boolean }>`
    select to_regclass('kysely_migration') is not null as there`.execute(db)
  if (!there[0]!.there) return 'all'
  // Ledgers of before have no such column.
  const { rows } = await raw<{ name: string; breaks: boolean }>`
    select name, coalesce((to_jsonb(m) ->> 'breaks')::boolean, false) as breaks from kysely_migration m`.execute(db)
  const breaking = rows.find(({ name, breaks }) => breaks && !steps[name])
  if (breaking) throw new SchemaTooNew(breaking.name)
  if (rows.length === 0) return 'all'
  const applied = new Set(rows.map(({ name }) => name))
  return Object.keys(steps)
    .sort()
    .filter((name) => !applied.has(name))
}

type OnStep = NonNullable<MigrateOptions['onStep']>

async function everything(tx: Kysely<Tables>, steps: Record<string, Step>, onStep: OnStep): Promise<void> {
  await raw`
    create table if not exists kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null)`.execute(
    tx,
  )
  // Somebody else may have been first while we waited.
  const applied = await appliedIn(tx)
  for (const name of Object.keys(steps).sort())
    if (!applied.has(name))
      await timed(name, onStep, async () => {
        await steps[name]!.beside?.((work) => work(tx))
        await wholeIn(tx, name, steps[name]!)
      })
}

/** What a step does beside whoever writes, which its `up` waits for. */
async function aside(db: Kysely<Tables>, name: string, step: Step): Promise<void> {
  if (!step.beside || (await appliedIn(db)).has(name)) return
  await step.beside(async (work) => {
    let result: Awaited<ReturnType<typeof work>>
    await atomic(db, async (tx) => {
      result = await work(tx)
    })
    return result!
  })
}

async function undoneOnFailure(db: Kysely<Tables>, name: string, step: Step, take: typeof whole): Promise<void> {
  await take(db, name, step).catch(async (error) => {
    await undo(db, name, step, 'failed')
    throw error
  })
}

/** What of it can't be had now, or by our role, is left to the next who owns the tables; of a failure the first is what is told. */
async function undo(db: Kysely<Tables>, name: string, step: Step, why: 'failed' | 'waits'): Promise<void> {
  if (!step.undo) return
  const back = async (tx: Kysely<Tables>) => {
    if (!(await appliedIn(tx)).has(name)) await step.undo!(tx, why)
  }
  await atomic(db, back, why === 'waits' ? TIDYING_MS : MIGRATION_TIMEOUT_MS).catch((error) => {
    if (why === 'waits' && !hasNoRight(error) && codeOf(error) !== LOCK_NOT_AVAILABLE) throw error
  })
}

/** With its indexes, in one transaction. */
async function whole(db: Kysely<Tables>, name: string, step: Step): Promise<void> {
  await aside(db, name, step)
  await atomic(db, async (tx) => {
    if (!(await appliedIn(tx)).has(name)) await wholeIn(tx, name, step)
  })
}

async function wholeIn(tx: Kysely<Tables>, name: string, step: Step): Promise<void> {
  await step.up(tx)
  for (const index of step.indexes ?? []) await makeIndexPlainly(tx, index)
  await note(tx, name, step)
}

/** Its indexes after it, each beside whoever writes. Cut off between the two, all of it comes again: so its `up` bears that. */
async function beside(db: Kysely<Tables>, name: string, { indexes = [], ...step }: Step): Promise<void> {
  if (indexes.length === 0) return whole(db, name, step)
  await aside(db, name, step)
  await atomic(db, async (tx) => {
    if (!(await appliedIn(tx)).has(name)) await step.up(tx)
  })
  for (const index of indexes) await makeIndex(db, index)
  await atomic(db, async (tx) => {
    if (!(await appliedIn(tx)).has(name)) await note(tx, name, step)
  })
}

async function appliedIn(tx: Kysely<Tables>): Promise<Set<string>> {
  return new Set((await tx.selectFrom('kysely_migration').select('name').execute()).map((row) => row.name))
}

async function note(tx: Kysely<Tables>, name: string, { breaks, contracts }: Step): Promise<void> {
  // Ledgers of before have no such column.
  const { rows } = await raw`
    select from pg_attribute where attrelid = 'kysely_migration'::regclass and attname = 'breaks'`.execute(tx)
  if (rows.length === 0) await raw`alter table kysely_migration add breaks boolean not null default false`.execute(tx)
  await raw`
    insert into kysely_migration (name, timestamp, breaks)
    values (${name}, to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ${breaks === true || contracts === true})`.execute(
    tx,
  )
}

/** One at a time of all processes; what finds a table in use lets go of all it has, rests and comes again. */
async function atomic(
  db: Kysely<Tables>,
  work: (tx: Kysely<Tables>) => Promise<void>,
  patienceMs = MIGRATION_TIMEOUT_MS,
): Promise<void> {
  const until = Date.now() + patienceMs
  for (let tries = 0; ; tries++) {
    try {
      return await db.transaction().execute(async (tx) => {
        await raw`select set_config('statement_timeout', ${String(MIGRATION_TIMEOUT_MS)}, true)`.execute(tx)
        await raw`select pg_advisory_xact_lock(${LOCK}::bigint)`.execute(tx)
        await setLockWait(tries).execute(tx)
        await work(tx)
      })
    } catch (error) {
      if (codeOf(error) !== LOCK_NOT_AVAILABLE || Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, REST_MS))
    }
  }
}

async function timed(name: string, onStep: OnStep, work: () => Promise<void>): Promise<void> {
  const from = performance.now()
  await work()
  onStep(name, performance.now() - from)
}

const hasNoRight = (error: unknown) => codeOf(error) === NO_RIGHT
