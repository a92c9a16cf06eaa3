import { sql as raw, type Transaction } from 'kysely'
import type { ImportCount, OtherCount, OtherCounts } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'
import type { Tables } from '../tables'

/** Rows of one statement: a few ms of ours, a few ten of the database's. */
const CHUNK = 1_000

/** {@link OtherCounts} on PostgreSQL: nothing is edited, a correction is the next revision. */
export function sqlOtherCounts(sql: Sql, deeds: DeedLog): OtherCounts {
  return {
    async merchants(codes, branchCode) {
      const { rows } = await raw<{ code: string }>`
        select merchant_code as code from merchants
        where merchant_code = any(${codes}::text[]) and (${branchCode}::text is null or branch_code = ${branchCode})`.execute(
        sql.db,
      )
      return rows.map(({ code }) => code)
    },
    async import(counts, deed, dryRun) {
      const work = sql.transaction(async (tx) => {
        // One at a time, so that a revision is given once.
        await raw`lock table other_counts in share row exclusive mode`.execute(tx)
        const done: ImportCount = { added: 0, changed: 0, unchanged: 0 }
        for (let from = 0; from < counts.length; from += CHUNK) {
          const chunk = counts.slice(from, from + CHUNK)
          const { added, changed } = await write(tx, chunk, deed)
          done.added += added
          done.changed += changed
          done.unchanged += chunk.length - added - changed
        }
        if (dryRun) throw new Refused({ kind: 'tried' as const, done })
        if (done.added + done.changed > 0)
          await deeds.write(tx, { ...deed, after: { ...(deed.after as object), ...done } })
        return { kind: 'written' as const, done }
      })
      return (await orRefused<{ kind: 'written'; done: ImportCount }, { kind: 'tried'; done: ImportCount }>(work)).done
    },
  }
}

async function write(
  tx: Transaction<Tables>,
  counts: readonly OtherCount[],
  { at, username }: { at: number; username: string },
): Promise<{ added: number; changed: number }> {
  const column = <T>(of: (one: OtherCount) => T) => counts.map(of)
  const { rows } = await raw<{ added: number; changed: number }>`
    with asked as (
      select u.*, x.revision, x.orders as was
      from unnest(${column((one) => one.merchantCode)}::text[], ${column((one) => one.businessDate)}::date[],
        ${column((one) => one.orders)}::integer[]) as u(merchant_code, business_date, orders)
      left join lateral (
        select revision, orders from other_counts c
        where c.merchant_code = u.merchant_code and c.business_date = u.business_date order by revision desc limit 1
      ) x on true
    ), written as (
      insert into other_counts (merchant_code, business_date, revision, orders, imported_at, imported_by)
      select merchant_code, business_date, coalesce(revision, 0) + 1, orders, ${at}::bigint, ${username}::text from asked
      where was is distinct from orders
      returning revision
    )
    select count(*) filter (where revision = 1) as added, count(*) filter (where revision > 1) as changed from written`.execute(
    tx,
  )
  return rows[0]!
}
