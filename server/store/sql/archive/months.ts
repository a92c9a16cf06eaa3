import { CompiledQuery, type Kysely } from 'kysely'
import type { ArchivedMonth, WaitingMonth } from '../../../flow/ports'
import { codeOf, LOCK_NOT_AVAILABLE } from '../errors'
import { holderOf, holderText } from '../holders'
import { setLockWait } from '../lock-wait'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'

/** Smaller than this isn't worth it. */
const LEAST_BYTES = 16 * 1024 * 1024
/** A row of what stays, with all its indexes and room to spare. */
const ROW_BYTES = 4_096
const REST_MS = 500
const TRIES = 40

interface Month {
  name: string
  /** as PostgreSQL writes it, from number to number */
  bound: string
  /** the same as a condition */
  within: string
  /** how full its pages are, and the like */
  settings: string | null
  bytes: number
}

/** $1 the first date that isn't archived. Partitions all of whose dates are before it. */
const OVER = {
  name: 'archive-months-over',
  text: `
    select c.relname::text as name, pg_get_expr(c.relpartbound, c.oid) as bound, pg_get_partition_constraintdef(c.oid) as within,
      array_to_string(c.reloptions, ', ') as settings,
      pg_total_relation_size(c.oid) as bytes
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'orders'::regclass
      and to_date(substring(pg_get_expr(c.relpartbound, c.oid) from 'TO [(]''F([0-9]{8})''[)]'), 'YYYYMMDD') <= $1::date
    order by 1`,
}

/** $1 a month's bound. When the last of its days was archived; null: none was, it is all of before. */
const ARCHIVED_AT = {
  name: 'archive-month-archived-at',
  text: `
    select max(archived_at) as at from archived_days
    where business_date < to_date(substring($1::text from 'TO [(]''F([0-9]{8})''[)]'), 'YYYYMMDD')`,
}

interface Patience {
  /** told of each month that is left for the next time */
  onWaiting?(month: WaitingMonth): void
  tries?: number
}

/**
 * Of months all of whose dates are archived the few orders that stay are put into a table of their own, and that in the place of the month's,
 * which is detached and dropped: its bytes are the disk's again, which deleting rows doesn't give back. Whoever reads goes on; whoever writes
 * an order of such a month waits for the copy. What can't be had for a while is left for the next time, which finds it by itself, and told of.
 */
export async function shrinkMonths(
  sql: Sql,
  before: string,
  leastBytes = LEAST_BYTES,
  { onWaiting, tries = TRIES }: Patience = {},
): Promise<ArchivedMonth[]> {
  const shrunk: ArchivedMonth[] = []
  for (const month of await sql.run<Month>(OVER, [before])) {
    if (month.bytes < leastBytes) continue
    const [left] = await sql.run<{ orders: number }>(
      { name: `archive-left-${month.name}`, text: `select count(*) as orders from ${month.name}` },
      [],
    )
    if (left!.orders * ROW_BYTES > month.bytes) continue
    const began = performance.now()
    if (await isShrunkWithin(sql, month, tries))
      shrunk.push({ name: month.name, orders: left!.orders, freedBytes: month.bytes - (await bytesOf(sql, month)) })
    else onWaiting?.(await waiting(sql, month, Math.round(performance.now() - began)))
  }
  return shrunk
}

async function isShrunkWithin(sql: Sql, month: Month, tries: number): Promise<boolean> {
  for (let tried = 0; tried < tries; tried++) {
    if (await isShrunk(sql, month, tried)) return true
    if (tried < tries - 1) await new Promise((resolve) => setTimeout(resolve, REST_MS))
  }
  return false
}

async function waiting(sql: Sql, { name, bound, bytes }: Month, triedMs: number): Promise<WaitingMonth> {
  const heldBy = holderText(await holderOf(sql, name))
  const [archived] = await sql.run<{ at: number | null }>(ARCHIVED_AT, [bound])
  return { name, bytes, archivedAt: archived!.at, triedMs, heldBy }
}

/** False: somebody is at work in it. */
async function isShrunk(sql: Sql, month: Month, tried: number): Promise<boolean> {
  try {
    await sql.transaction(async (tx) => {
      await setLockWait(tried).execute(tx)
      await shrink(tx, month)
    })
    return true
  } catch (error) {
    if (codeOf(error) === LOCK_NOT_AVAILABLE) return false
    throw error
  }
}

/** From the detaching on nobody gets at any order: what takes time, looking at what stays included, is done before it. */
async function shrink(tx: Kysely<Tables>, { name, bound, within, settings }: Month): Promise<void> {
  const rest = `${name}_rest`
  for (const text of [
    `lock table ${name} in exclusive mode`,
    `create table ${rest} (like ${name} including all)`,
    ...(settings ? [`alter table ${rest} set (${settings})`] : []),
    `insert into ${rest} select * from ${name}`,
    `alter table ${rest} add constraint orders_within check (${within})`,
    `analyze ${rest}`,
    `alter table orders detach partition ${name}`,
    `drop table ${name}`,
    `alter table ${rest} rename to ${name}`,
    `alter table orders attach partition ${name} ${bound}`,
    `alter table ${name} drop constraint orders_within`,
  ])
    await tx.executeQuery(CompiledQuery.raw(text))
}

async function bytesOf(sql: Sql, { name }: Month): Promise<number> {
  const text = 'select pg_total_relation_size($1::regclass) as bytes'
  return (await sql.run<{ bytes: number }>({ name: 'archive-month-bytes', text }, [name]))[0]!.bytes
}
