import { setTimeout as sleep } from 'node:timers/promises'
import { CompiledQuery, type Transaction } from 'kysely'
import { addDays } from '../../../domain/business-date'
import type { BooksChain, DaySeal, Extended } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { HORIZON } from '../payment/outbox-feed'
import { STARTED } from '../switch-over'
import type { Tables } from '../tables'
import type { AuditKeys } from './audit'
import { CONTENT, type LinkRow, macOf, sealOf } from './links'
import { type ChainKind, MARKS } from './marks'

/** Rows of a kind in a link: half a second of an embedded database's, for which its payments wait. */
const LINK_ROWS = 5_000

/** Numbers are given out before commit, so a lower one may still be written: by transactions below `xmax`. */
const ENDS: Statement = {
  name: 'books-ends',
  text: `
    select (select coalesce(max(event_id), 0) from order_events) as last_event,
      (select coalesce(max(event_id), 0) from refund_events) as last_refund_event,
      (select coalesce(max(posting_id), 0) from postings) as last_posting,
      pg_snapshot_xmax(pg_current_snapshot()) as xmax, ${STARTED} as started`,
}
const END_COLUMNS = ['last_event', 'last_refund_event', 'last_posting'] as const
type Ends = Pick<LinkRow, (typeof END_COLUMNS)[number]>
/** `started`: of which server, for another that takes its place may have written less */
type Settled = Ends & { started: string }

/** A statement of a payment takes milliseconds; one that takes seconds is waited for by the next run. */
const LOOKS = 8
const BETWEEN_MS = 250

/** The {@link BooksChain} on PostgreSQL: set by set, so that nothing of the books passes through us. */
export function sqlBooksChain(sql: Sql, keys: AuditKeys): BooksChain {
  const seals = async (which: string, values: readonly unknown[]): Promise<DaySeal[]> => {
    const text = `select * from ledger_links where business_date is not null and ${which}`
    return (await sql.db.executeQuery<LinkRow>(CompiledQuery.raw(text, [...values]))).rows.flatMap(
      (row) => sealOf(row) ?? [],
    )
  }
  return {
    async extend(at, lastOver) {
      const ends = await settledEnds(sql)
      return ends ? sql.transaction((tx) => extend(tx, keys, ends, at, lastOver)) : { kind: 'unsettled' }
    },
    sealsFrom: (date, limit) =>
      seals('($1::date is null or business_date >= $1::date) order by business_date limit $2::integer', [date, limit]),
    lastSeals: (limit) => seals('true order by business_date desc limit $1::integer', [limit]),
  }
}

/** How far the books have been written, once nothing can be written before that any more. */
async function settledEnds(sql: Sql): Promise<Settled | null> {
  const [ends] = await sql.run<Settled & { xmax: string }>(ENDS, [])
  for (let look = 1; look <= LOOKS; look++) {
    const [now] = await sql.run<{ horizon: string; started: string }>(HORIZON, [])
    if (now!.started !== ends!.started) return null
    if (BigInt(now!.horizon) >= BigInt(ends!.xmax)) return ends!
    await sleep(BETWEEN_MS)
  }
  return null
}

async function extend(
  tx: Transaction<Tables>,
  { deeds, chain }: AuditKeys,
  ends: Settled,
  at: number,
  lastOver: string | null,
): Promise<Extended> {
  const run = async <Row>(text: string, values: readonly unknown[] = []) =>
    (await tx.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows
  await run('lock table ledger_links in share row exclusive mode')
  const [here] = await run<{ started: string }>(`select ${STARTED} as started`)
  if (here!.started !== ends.started) return { kind: 'unsettled' }
  const [before] = await run<LinkRow>('select * from ledger_links order by link_no desc limit 1')
  const { from, to, whole } = reach(before, ends)
  const date = whole && lastOver !== null ? await dayToSeal(run, lastOver) : null
  if (!date && END_COLUMNS.every((column) => to[column] === from[column])) return { kind: 'nothing' }
  const linkNo = (before?.link_no ?? 0) + 1
  const part = (kind: ChainKind, which: string, values: readonly unknown[]) =>
    run(
      `insert into ledger_link_parts (link_no, kind, names, marks)
      select ${linkNo}, '${kind}', array_agg(name order by id), array_agg(mark order by id)
      from (${MARKS[kind](which)}) m having count(*) > 0`,
      values,
    )
  await part('order-event', 'e.event_id > $1 and e.event_id <= $2', [from.last_event, to.last_event])
  const refunds = [from.last_refund_event, to.last_refund_event]
  await part('refund-event', 'e.event_id > $1 and e.event_id <= $2', refunds)
  await part('correction', 'p.posting_id > $1 and p.posting_id <= $2', [from.last_posting, to.last_posting])
  if (date) await part('deck', 'd.business_date = $1::date', [date])
  const [said] = await run<Pick<LinkRow, 'content' | 'last_action' | 'action_mac'>>(
    `select ${CONTENT('$1')} as content, last_id as last_action, mac as action_mac from operator_actions_head`,
    [linkNo],
  )
  const link = { link_no: linkNo, at, business_date: date, ...to, ...said!, key_id: chain.current.id }
  const mac = macOf(chain.current.key, link, before?.mac ?? '')
  await tx
    .insertInto('ledger_links')
    .values({ ...link, mac })
    .execute()
  // The log holds the chain as the chain holds the log: to cut an end off one, somebody has to cut it off both.
  if (date)
    await deeds.write(tx, {
      at,
      username: 'system',
      action: 'ledger.seal',
      subject: `ledger/${date}`,
      after: { link: linkNo, mac },
    })
  return { kind: 'linked', seal: sealOf({ ...link, mac }), more: !whole || date !== null }
}

/** From where to where a link goes; `whole`: to the end. Another process may have been further than `ends` by now. */
function reach(before: Ends | undefined, ends: Ends): { from: Ends; to: Ends; whole: boolean } {
  const from = { last_event: 0, last_refund_event: 0, last_posting: 0 }
  const to = { ...from }
  let whole = true
  for (const column of END_COLUMNS) {
    from[column] = before?.[column] ?? 0
    const end = Math.max(from[column], ends[column])
    to[column] = Math.min(end, from[column] + LINK_ROWS)
    whole &&= to[column] === end
  }
  return { from, to, whole }
}

/** The day after the last sealed one, the books' first where none is; null while it isn't over. */
async function dayToSeal(run: <Row>(text: string) => Promise<Row[]>, lastOver: string): Promise<string | null> {
  const [sealed] = await run<{ date: string | null }>('select max(business_date) as date from ledger_links')
  const next = sealed?.date
    ? addDays(sealed.date, 1)
    : (
        await run<{ date: string | null }>(`
          select least((select min(business_date) from decks), (
            select o.business_date from order_events e join orders o using (order_no) order by e.event_id limit 1)) as date`)
      )[0]?.date
  return next && next <= lastOver ? next : null
}
