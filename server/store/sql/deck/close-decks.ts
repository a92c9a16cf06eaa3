import { CompiledQuery, type Transaction } from 'kysely'
import type { Decks } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { deckOf } from '../rows'
import type { DeckRow, Tables } from '../tables'

/**
 * $1 last date, $2 how many. In a statement of its own: what is read of their orders next is as of after nobody can open one any
 * more. A deck that another process closes, or that an order is being opened on, is passed over.
 */
const DUE = `
  select campaign_id, merchant_code, business_date, version, commitment, amounts_fen, sealed, dealt_at, key_id, beacon from decks
  where closed_at is null and business_date <= $1::date
  order by business_date limit $2::integer
  for update skip locked`

/**
 * $1 campaigns, $2 merchants, $3 dates, $4 now, $5 cards as `{…}`, null: they stay as they are. Budgets are locked in the order of their names, and after decks, as nobody does who
 * deals: a deck that is being dealt isn't due yet. An order that is unknown has its card; should it close, that comes back then.
 */
const CLOSE = `
  with costs as materialized (
    select d.campaign_id, d.merchant_code, d.business_date, d.branch_code, d.exposure_fen - (u.fen - d.returned_fen) as back_fen,
      k.amounts, u.*
    from unnest($1::text[], $2::text[], $3::date[], $5::text[]) as k(campaign_id, merchant_code, business_date, amounts)
    join decks d using (campaign_id, merchant_code, business_date)
    cross join lateral (
      select coalesce(sum(o.discount_fen), 0)::bigint as fen, count(*) as used, max(o.created_at) as last_at
      from orders o
      where o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
        and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed'
    ) u
  ), counted as (
    -- cards given up before: their orders aren't among the used
    delete from deck_returns r using costs c
    where r.cards > 0 and r.campaign_id = c.campaign_id and r.merchant_code = c.merchant_code and r.deck_date = c.business_date
  ), purse as materialized (
    select campaign_id from campaigns where campaign_id = any($1::text[]) order by campaign_id for update
  ), closed as (
    update decks d set exposure_fen = d.exposure_fen - c.back_fen, used_slots = c.used, last_used_at = c.last_at,
      closed_at = $4::bigint, amounts_fen = coalesce(c.amounts::integer[], d.amounts_fen),
      sealed = case when c.amounts is null then d.sealed end
    from costs c join purse using (campaign_id)
    where d.campaign_id = c.campaign_id and d.merchant_code = c.merchant_code and d.business_date = c.business_date
    returning c.campaign_id, c.branch_code, c.back_fen
  ), ${givenBack('closed')}
  select count(*) as done from closed`

/**
 * $1 how many decks. What came back of them since; each row counts once, by being deleted. A card counts once its deck is closed.
 */
const TAKE_BACK = `
  with pending as materialized (
    select distinct r.campaign_id, r.merchant_code, r.deck_date
    from deck_returns r join decks d on d.campaign_id = r.campaign_id and d.merchant_code = r.merchant_code
      and d.business_date = r.deck_date
    where r.cards = 0 or d.closed_at is not null
    limit $1::integer
  ), held as materialized (
    select d.campaign_id, d.merchant_code, d.business_date, d.branch_code, d.closed_at
    from pending p join decks d on d.campaign_id = p.campaign_id and d.merchant_code = p.merchant_code
      and d.business_date = p.deck_date
    for no key update of d skip locked
  ), taken as materialized (
    delete from deck_returns r using held h
    where r.campaign_id = h.campaign_id and r.merchant_code = h.merchant_code and r.deck_date = h.business_date
      and (r.cards = 0 or h.closed_at is not null)
    returning h.campaign_id, h.merchant_code, h.business_date, h.branch_code, r.cards, r.fen
  ), sums as materialized (
    select campaign_id, merchant_code, business_date, branch_code, sum(fen)::bigint as back_fen, sum(cards) as cards,
      coalesce(sum(fen) filter (where cards = 0), 0)::bigint as returned_fen
    from taken group by campaign_id, merchant_code, business_date, branch_code
  ), purse as materialized (
    select campaign_id from campaigns where campaign_id in (select campaign_id from sums) order by campaign_id for update
  ), lowered as (
    update decks d set exposure_fen = d.exposure_fen - s.back_fen, returned_fen = d.returned_fen + s.returned_fen,
      used_slots = d.used_slots - s.cards
    from sums s join purse using (campaign_id)
    where d.campaign_id = s.campaign_id and d.merchant_code = s.merchant_code and d.business_date = s.business_date
    returning s.campaign_id, s.branch_code, s.back_fen
  ), ${givenBack('lowered')}
  select count(*) as done from lowered`

/** To campaigns, and to branches that have budgets of their own. Only a correction makes it less than nothing, and an overrun. */
function givenBack(from: string): string {
  const set = (table: string) => `
      set committed_fen = ${table}.committed_fen - x.fen,
        overrun_fen = greatest(0, ${table}.committed_fen - x.fen - ${table}.budget_fen)`
  return `given_back as (
    update campaigns c ${set('c')}
    from (select campaign_id, sum(back_fen)::bigint as fen from ${from} group by campaign_id) x
    where c.campaign_id = x.campaign_id
  ), given_back_to_branch as (
    update branch_budgets b ${set('b')}
    from (select campaign_id, branch_code, sum(back_fen)::bigint as fen from ${from} group by campaign_id, branch_code) x
    where b.campaign_id = x.campaign_id and b.branch_code = x.branch_code
  )`
}

/** Whether money of $1's budget may come back: of its decks of days before $2, or noted and not given back yet. */
const RETURNING: Statement = {
  name: 'money-returning',
  replan: true,
  text: `
    select exists (
        select 1 from decks where campaign_id = $1::text and business_date < $2::date and closed_at is null
      ) or exists (
        select 1 from deck_returns r join decks d on d.campaign_id = r.campaign_id and d.merchant_code = r.merchant_code
          and d.business_date = r.deck_date
        where r.campaign_id = $1::text and (r.cards = 0 or d.closed_at is not null)
      ) as returning`,
}

/** Closes decks of the past, and opens their cards; how many. `now` in ms. */
export function closeDecks(sql: Sql, ...[lastDate, limit, now, open]: Parameters<Decks['close']>): Promise<number> {
  return sql.transaction(async (tx) => {
    const due = await rows<DeckRow>(tx, DUE, [lastDate, limit])
    if (due.length === 0) return 0
    const keys = [
      due.map((one) => one.campaign_id),
      due.map((one) => one.merchant_code),
      due.map((one) => one.business_date),
    ]
    const cards = due.map((one) => open(deckOf(one))).map((amountsFen) => amountsFen && `{${amountsFen}}`)
    const [closed] = await rows<{ done: number }>(tx, CLOSE, [...keys, now, cards.map((one) => one ?? null)])
    return closed!.done
  })
}

/** Gives back what came back of decks; of how many. */
export function takeBack(sql: Sql, limit: number): Promise<number> {
  return sql.transaction(async (tx) => {
    const [lowered] = await rows<{ done: number }>(tx, TAKE_BACK, [limit])
    return lowered!.done
  })
}

export async function moneyReturning(sql: Sql, campaignId: string, before: string): Promise<boolean> {
  const [row] = await sql.run<{ returning: boolean }>(RETURNING, [campaignId, before])
  return row!.returning
}

async function rows<Row>(tx: Transaction<Tables>, text: string, values: unknown[]): Promise<Row[]> {
  return (await tx.executeQuery<Row>(CompiledQuery.raw(text, values))).rows
}
