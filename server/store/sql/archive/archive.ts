import { CompiledQuery } from 'kysely'
import { addDays, DAY_MS, endOfBusinessDate } from '../../../domain/business-date'
import { type Archive, type ArchivedDay, ArchiveHeld, type PassedOver, type Staying } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import { translated } from '../errors'
import type { Sql } from '../open-sql'
import { layOut, linesOf, STAYS } from './lines'
import { shrinkMonths } from './months'
import { obstaclesOf } from './obstacles'
import { sameAsRows, takeOutRows } from './take-out'

const NEXT = {
  name: 'archive-next',
  text: `
    select min(business_date) as date from orders
    where business_date > coalesce((select max(business_date) from archived_days), date '-infinity')`,
}

/** The last that was noted is taken out to its end before another is: an order of it that could go, or a payer's day, is left. */
const UNFINISHED = {
  name: 'archive-unfinished',
  text: `
    select a.business_date as date, a.file, a.sha256, a.bytes, a.orders from archived_days a
    where a.business_date = (select max(business_date) from archived_days) and (
      exists (select from payer_days d where d.business_date = a.business_date)
      or exists (select from orders o where o.business_date = a.business_date and (${STAYS}) is null))`,
}

const STAYING = {
  name: 'archive-staying',
  text: `select coalesce(${STAYS}, 'changed') as why, count(*) as n from orders o where o.business_date = $1::date group by 1`,
}

/** The {@link Archive} on PostgreSQL. `hold`: see {@link holdArchive}. */
export function sqlArchive(sql: Sql, deeds: DeedLog, hold: { check(): Promise<void> }): Archive {
  return {
    async next() {
      return (await sql.run<{ date: string | null }>(NEXT, []))[0]!.date
    },
    unfinished: () => sql.run<ArchivedDay>(UNFINISHED, []),
    obstacles: (date) => obstaclesOf(sql, date, endOfBusinessDate(date) + DAY_MS),
    async *lines(date) {
      await layOut(sql, date)
      for await (const batch of linesOf(sql, date, addDays(date, 1))) {
        yield batch
        await hold.check()
      }
    },
    async same(date, lines) {
      await hold.check()
      return sameAsRows(sql, date, lines)
    },
    async note(day, at, passedOver) {
      await hold.check()
      await noteDay(sql, deeds, { day, at, passedOver })
    },
    async takeOut(date, lines) {
      await hold.check()
      return takeOutRows(sql, date, lines)
    },
    async staying(date) {
      const rows = await sql.run<{ why: Staying; n: number }>(STAYING, [date])
      return Object.fromEntries(rows.map(({ why, n }) => [why, n]))
    },
    async shrink(before, onWaiting) {
      await hold.check()
      return shrinkMonths(sql, before, undefined, { onWaiting })
    },
  }
}

interface Noted {
  day: ArchivedDay
  at: number
  passedOver: (PassedOver & { days: string[] }) | undefined
}

/** Days are noted in their order, once. */
function noteDay(sql: Sql, deeds: DeedLog, { day, at, passedOver }: Noted) {
  const { date, orders, file, sha256, bytes } = day
  const subject = `ledger/${date}`
  return sql.transaction(async (tx) => {
    const { rows } = await tx.executeQuery<{ last: string | null }>(
      CompiledQuery.raw('select max(business_date) as last from archived_days'),
    )
    if (rows[0]!.last !== null && rows[0]!.last >= date) throw new ArchiveHeld(`${date} was archived meanwhile`)
    await tx
      .insertInto('archived_days')
      .values({ business_date: date, file, sha256, bytes, orders, archived_at: at })
      .execute()
    if (passedOver) {
      const { by: username, ...after } = passedOver
      await deeds.write(tx, { at, username, action: 'ledger.pass-over', subject, after })
    }
    const after = { file, sha256, bytes, orders }
    await deeds.write(tx, { at, username: 'system', action: 'ledger.archive', subject, after })
  })
}

/**
 * One archives at a time. A transaction holds the lock and does nothing else, so that poolers, which lend sessions for a transaction, keep it as
 * well; it has no snapshot, and nobody waits for it. `alone`: the ledger is this process's anyway and has one connection. @throws ArchiveHeld
 */
export async function holdArchive(
  sql: Sql,
  alone: boolean,
): Promise<{ check(): Promise<void>; release(): Promise<void> }> {
  if (alone) return { check: async () => {}, release: async () => {} }
  const client = await sql.pool.connect().catch((error) => {
    throw translated(error)
  })
  try {
    await client.query('begin')
    await client.query('set local idle_in_transaction_session_timeout = 0')
    const { rows } = await client.query(`select pg_try_advisory_xact_lock(hashtextextended('archive', 0)) as mine`)
    if (!rows[0].mine) throw new ArchiveHeld('another process is archiving this ledger')
  } catch (error) {
    client.release(true)
    throw error instanceof ArchiveHeld ? error : translated(error)
  }
  return {
    async check() {
      await client.query('select 1').catch((error) => {
        throw new ArchiveHeld('the connection that holds the archive is lost: run it again', { cause: error })
      })
    },
    async release() {
      const ended = await client.query('rollback').then(
        () => true,
        () => false,
      )
      client.release(!ended)
    },
  }
}

/** Which role owns the tables, and whether ours may do as it does. */
export async function archiveOwner(sql: Sql): Promise<{ owner: string; ours: string; owns: boolean }> {
  const text = `
    select pg_get_userbyid(relowner)::text as owner, current_user::text as ours, pg_has_role(current_user, relowner, 'usage') as owns
    from pg_class where oid = 'orders'::regclass`
  return (await sql.run<{ owner: string; ours: string; owns: boolean }>({ name: 'archive-owner', text }, []))[0]!
}
