import type { Sql, Statement } from '../open-sql'

/**
 * $1 last date, $2 how many, $3 now. A deck that another process closes is passed over. Budgets are locked in the order of
 * their names, and after decks, as nobody does who deals: a deck that is being dealt isn't due yet.
 */
const CLOSE: Statement = {
  name: 'close-decks',
  replan: true,
  text: `
    with due as materialized (
      select d.campaign_id, d.merchant_code, d.business_date, d.branch_code, d.exposure_fen, d.amounts_fen from decks d
      where d.closed_at is null and d.business_date <= $1::date and not exists (
        select 1 from orders o
        where o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code and o.deck_date = d.business_date
          and o.slot is not null and o.state = 'paying')
      order by d.business_date
      limit $2::integer
      for update skip locked
    ), costs as materialized (
      select due.*, u.* from due cross join lateral (
        select coalesce(sum(due.amounts_fen[o.slot + 1]), 0)::bigint as used_fen, count(*) as used, max(o.created_at) as last_at
        from orders o
        where o.campaign_id = due.campaign_id and o.merchant_code = due.merchant_code
          and o.deck_date = due.business_date and o.slot is not null and o.state <> 'closed'
      ) u
    ), purse as materialized (
      select campaign_id from campaigns where campaign_id in (select campaign_id from costs)
      order by campaign_id for update
    ), closed as (
      update decks d set exposure_fen = c.used_fen, used_slots = c.used, last_used_at = c.last_at, closed_at = $3::bigint
      from costs c join purse using (campaign_id)
      where d.campaign_id = c.campaign_id and d.merchant_code = c.merchant_code and d.business_date = c.business_date
      returning c.campaign_id, c.branch_code, c.exposure_fen - c.used_fen as back_fen
    ), given_back as (
      update campaigns set committed_fen = committed_fen - x.fen
      from (select campaign_id, sum(back_fen)::bigint as fen from closed group by campaign_id) x
      where campaigns.campaign_id = x.campaign_id
    ), given_back_to_branch as (
      update branch_budgets b set committed_fen = b.committed_fen - x.fen
      from (
        select campaign_id, branch_code, sum(back_fen)::bigint as fen from closed group by campaign_id, branch_code
      ) x
      where b.campaign_id = x.campaign_id and b.branch_code = x.branch_code
    )
    select count(*) as closed from closed`,
}

/** Closes decks of the past; how many. `now` in ms. */
export async function closeDecks(sql: Sql, lastDate: string, limit: number, now: number): Promise<number> {
  const [row] = await sql.run<{ closed: number }>(CLOSE, [lastDate, limit, now])
  return row!.closed
}
