import { countOf } from '../../../domain/deck-seal'
import type { BudgetOf, CommitResult, SealedDeck, ShortDeck } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

/**
 * One statement for any number of decks of one campaign: the budgets are locked and read, as many decks are dealt as they
 * cover (in the order given), and what those may cost is added to what is committed. Whoever deals the same deck meanwhile
 * waits on the campaign and then finds it there. The budgets' own constraints stand behind the arithmetic (I7).
 * $1 campaign; then an array of each: $2 merchant, $3 date, $4 version, $5 commitment, $6 the cards, sealed, $7 exposure,
 * $8 dealt at, $9 key, $10 slots of the rule or null, $11 whose budget made it short or null, $12 the beacon's pulse as JSON or null,
 * $13 how many cards there are.
 * Of its own lists PostgreSQL knows no sizes, and would join them row by row: they are looked up by scalar subqueries and
 * arrays instead, so that a thousand decks take tens of ms and not a second.
 */
const COMMIT: Statement = {
  name: 'commit-decks',
  replan: true,
  text: `
    with purse as materialized (
      select budget_fen - committed_fen as room_fen, daily_budget_fen from campaigns where campaign_id = $1::text for update
    ), day as materialized (
      -- read as it is now: whoever dealt on the date before us held the campaign
      select d.business_date, d.committed_fen from campaign_days d
      where d.campaign_id = $1::text and d.business_date = any($3::date[]) and exists (select 1 from purse)
      order by d.business_date for update
    ), begun as materialized (
      select p.daily_budget_fen is null
        or (select count(*) from day) = (select count(distinct x) from unnest($3::date[]) x) as is_begun from purse p
    ), asked as materialized (
      select a.*, w.branch_code, w.gl_account
      from unnest($2::text[], $3::date[], $4::integer[], $5::text[], $6::bytea[], $7::bigint[], $8::bigint[], $9::text[],
          $10::integer[], $11::text[], $12::text[], $13::integer[]) with ordinality
        as a(merchant_code, business_date, version, commitment, sealed, exposure_fen, dealt_at, key_id, wanted, short_by, beacon,
          slots, nth)
      left join lateral (
        select m.branch_code, b.gl_account from merchants m join branches b using (branch_code)
        where m.merchant_code = a.merchant_code offset 0
      ) w on true
      where (select is_begun from begun) and (
        select d.version from decks d
        where d.campaign_id = $1::text and d.merchant_code = a.merchant_code and d.business_date = a.business_date) is null
    ), branch_purse as materialized (
      select branch_code, budget_fen - committed_fen as room_fen from branch_budgets
      where campaign_id = $1::text and branch_code = any(array(select distinct branch_code from asked))
        and exists (select 1 from purse) -- locked after it, always
      order by branch_code for update
    ), by_branch as (
      select a.*, b.room_fen as branch_room_fen, b.room_fen is null
        or sum(a.exposure_fen) over (partition by a.branch_code order by a.nth) <= b.room_fen as branch_fits
      from asked a left join branch_purse b on b.branch_code = a.branch_code
    ), by_day as (
      select b.*, b.branch_fits and (p.daily_budget_fen is null or sum(case when b.branch_fits then b.exposure_fen else 0 end)
        over (partition by b.business_date order by b.nth) <= p.daily_budget_fen - d.committed_fen) as day_fits
      from by_branch b cross join purse p left join day d on d.business_date = b.business_date
    ), fit as materialized (
      select b.*, b.day_fits
        and sum(case when b.day_fits then b.exposure_fen else 0 end) over (order by b.nth) <= p.room_fen as fits
      from by_day b cross join purse p
    ), dealt as (
      insert into decks (campaign_id, merchant_code, business_date, version, commitment, sealed, exposure_fen, dealt_at,
        key_id, branch_code, gl_account, beacon)
      select $1::text, merchant_code, business_date, version, commitment, sealed, exposure_fen, dealt_at, key_id,
        branch_code, gl_account, beacon::jsonb
      from fit where fits order by nth
      on conflict do nothing
      returning merchant_code, exposure_fen, branch_code, business_date
    ), paid_by_day as (
      update campaign_days d set committed_fen = d.committed_fen + s.fen, budget_fen = p.daily_budget_fen
      from (select business_date, sum(exposure_fen)::bigint as fen from dealt group by business_date) s, purse p
      where d.campaign_id = $1::text and d.business_date = s.business_date and p.daily_budget_fen is not null
    ), sums as materialized (
      select branch_code, sum(exposure_fen)::bigint as fen, array_agg(merchant_code) as codes from dealt group by branch_code
    ), paid as (
      update campaigns set committed_fen = committed_fen + (select sum(fen) from sums), overrun_fen = 0
      where campaign_id = $1::text and exists (select 1 from sums)
    ), paid_by_branch as (
      update branch_budgets b set committed_fen = b.committed_fen + s.fen, overrun_fen = 0
      from sums s where b.campaign_id = $1::text and b.branch_code = s.branch_code
    ), noted as (
      insert into deck_shortages (campaign_id, merchant_code, business_date, wanted_slots, dealt_slots, reason, noted_at)
      select $1::text, merchant_code, business_date, wanted, slots, short_by || '-budget', dealt_at
      from fit where wanted is not null and merchant_code = any(array(select merchant_code from dealt))
      on conflict (campaign_id, business_date, merchant_code) do update
        set dealt_slots = excluded.dealt_slots, reason = excluded.reason, noted_at = excluded.noted_at
    ), made_good as (
      delete from deck_shortages
      where campaign_id = $1::text and business_date = any($3::date[]) and merchant_code = any(array(
        select merchant_code from dealt
        where not merchant_code = any(array(select merchant_code from asked where wanted is not null))))
    )
    select (select room_fen from purse) - coalesce((select sum(fen) from sums), 0)::bigint as left_fen,
      (select not is_begun from begun) as day_missing,
      array(select merchant_code from dealt) as committed,
      coalesce((
        select jsonb_agg(jsonb_build_object('merchantCode', f.merchant_code, 'branchLeftFen', f.branch_room_fen - coalesce(
          (select s.fen from sums s where s.branch_code = f.branch_code), 0),
          'dayLeftFen', (select p.daily_budget_fen - d.committed_fen from purse p, day d where d.business_date = f.business_date)
            - coalesce((select sum(x.exposure_fen) from dealt x where x.business_date = f.business_date), 0)::bigint))
        from fit f where not f.fits), '[]') as refused`,
}

interface Row {
  /** of the campaign's budget, after the call; null: there is no such campaign */
  left_fen: number | null
  /** it has a daily budget, and nothing was dealt of the date yet: then nothing was done */
  day_missing: boolean
  committed: string[]
  /** null: the branch, or the day, has no budget of its own */
  refused: { merchantCode: string; branchLeftFen: number | null; dayLeftFen: number | null }[]
}

/** The first deck of a date begins its count. */
const BEGIN_DAY: Statement = {
  name: 'begin-campaign-day',
  text: `
    insert into campaign_days (campaign_id, business_date, budget_fen)
    select c.campaign_id, d.business_date, c.daily_budget_fen
    from campaigns c cross join (select distinct unnest($2::date[]) as business_date) d
    where c.campaign_id = $1::text and c.daily_budget_fen is not null
    on conflict do nothing`,
}

export interface DeckToCommit extends SealedDeck {
  exposureFen: number
  short?: ShortDeck | undefined
}

/** Commits decks of one campaign and of different merchants; one result each. An unknown campaign is a bug and throws. */
export async function commitDecks(sql: Sql, decks: readonly DeckToCommit[]): Promise<CommitResult[]> {
  const [first] = decks
  if (!first) return []
  const of = <T>(pick: (deck: DeckToCommit) => T) => decks.map(pick)
  const dates = of((deck) => deck.businessDate)
  const values = [
    first.campaignId,
    of((deck) => deck.merchantCode),
    dates,
    of((deck) => deck.version),
    of((deck) => deck.commitment),
    of((deck) => Buffer.from(deck.cards)),
    of((deck) => deck.exposureFen),
    of((deck) => deck.dealtAt),
    of((deck) => deck.keyId ?? null),
    of((deck) => deck.short?.wantedSlots ?? null),
    of((deck) => deck.short?.by ?? null),
    of((deck) => (deck.beacon ? JSON.stringify(deck.beacon) : null)),
    of((deck) => countOf(deck.cards)),
  ]
  let [row] = await sql.run<Row>(COMMIT, values)
  if (row?.day_missing) {
    await sql.run(BEGIN_DAY, [first.campaignId, dates])
    ;[row] = await sql.run<Row>(COMMIT, values)
  }
  const { left_fen: leftFen, committed, refused } = row!
  if (leftFen === null) throw new Error(`no campaign ${first.campaignId}`)
  const committedCodes = new Set(committed)
  const refusals = new Map(refused.map((one) => [one.merchantCode, one]))
  return decks.map(({ merchantCode }) => {
    if (committedCodes.has(merchantCode)) return { kind: 'committed' }
    const refusal = refusals.get(merchantCode)
    // Neither: it was there, before the statement or when it came to it.
    if (!refusal) return { kind: 'already-committed' }
    const { branchLeftFen: branch, dayLeftFen: day } = refusal
    const { fen: remainingFen, by } = tightest({ campaign: leftFen, branch, day })
    return { kind: 'budget-exhausted', remainingFen, by }
  })
}

/** What is left of each budget that binds a deck, fen; null: there is none. */
export type Rooms = Record<Exclude<BudgetOf, 'campaign'>, number | null> & { campaign: number }

/** The least; of two alike the campaign's, which is everybody's. */
export function tightest({ campaign, branch, day }: Rooms): { fen: number; by: BudgetOf } {
  const rooms = [
    { fen: campaign, by: 'campaign' as const },
    { fen: branch ?? Number.POSITIVE_INFINITY, by: 'branch' as const },
    { fen: day ?? Number.POSITIVE_INFINITY, by: 'day' as const },
  ]
  return rooms.reduce((least, one) => (one.fen < least.fen ? one : least))
}
