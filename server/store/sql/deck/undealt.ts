import type { Decks } from '../../../flow/ports'
import { precedes, standsOn } from '../applies'
import type { Sql, Statement } from '../open-sql'

/** A shortage is tried again within minutes; one noted so long after was noted by a clock that was ahead. */
const NOTED_AHEAD_MS = 3_600_000

const SHORT_LATELY = `
  s.campaign_id = $1::text and s.business_date = $2::date
    and s.noted_at > $3::bigint and s.noted_at <= $3::bigint + ${NOTED_AHEAD_MS}`

/**
 * Of a campaign's merchants `m`: $1 campaign, $2 date, $3 noted before (ms). Where another campaign applies, this one has no
 * deck. Scalar subqueries and not `not exists`, which PostgreSQL would turn into joins planned for the few decks there were
 * when the day began. Before the first deck there is none to ask for, and that is asked once.
 */
const UNDEALT = `(
    (select x.disabled_at from merchants x where x.merchant_code = m.merchant_code) is null
    and (not (select exists (select 1 from decks d where d.campaign_id = $1::text and d.business_date = $2::date)) or (
      select d.version from decks d
      where d.campaign_id = $1::text and d.merchant_code = m.merchant_code and d.business_date = $2::date) is null)
    and (not (select exists (select 1 from deck_shortages s where ${SHORT_LATELY})) or (
      select s.wanted_slots from deck_shortages s where s.merchant_code = m.merchant_code and ${SHORT_LATELY}) is null)
    and (
      select min(o.campaign_id) from campaign_merchants om join campaigns o on o.campaign_id = om.campaign_id
      where om.merchant_code = m.merchant_code and om.campaign_id <> $1::text
        and ${standsOn('o', '$2')} and ${precedes('o', 'c')}) is null)`

/** Between the page's first merchant and its last: `of` has no more rows there than there are decks, shortages, merchants on so many places. */
const onPage = (of: string) =>
  `${of}.merchant_code > $4::text and ${of}.merchant_code <= (select max(merchant_code) from m)`

/**
 * The same of a page, $4 after whom, $5 how many: what was dealt between its first merchant and its last is read once, in the order of an index,
 * and not asked for a thousand times. Whatever the planner believes of a day that just begins, there is no more of it to read. Of merchants it would
 * rather read all than a thousand; `offset 0` has it look each up.
 */
const UNDEALT_PAGE: Statement = {
  name: 'undealt',
  replan: true,
  text: `
    with m as materialized (
      select merchant_code from campaign_merchants where campaign_id = $1::text and merchant_code > $4::text
      order by merchant_code limit $5::integer
    )
    select m.merchant_code as "merchantCode", b.branch_code as "branchCode", b.disabled_at is null
      and m.merchant_code not in (
        select d.merchant_code from decks d
        where d.campaign_id = $1::text and d.business_date = $2::date and ${onPage('d')})
      and m.merchant_code not in (select s.merchant_code from deck_shortages s where ${SHORT_LATELY} and ${onPage('s')})
      and m.merchant_code not in (
        select om.merchant_code from campaigns c join campaigns o on ${standsOn('o', '$2')} and ${precedes('o', 'c')}
        join campaign_merchants om on om.campaign_id = o.campaign_id
        where c.campaign_id = $1::text and o.campaign_id <> c.campaign_id and ${onPage('om')}) as undealt
    from m cross join lateral (select * from merchants b where b.merchant_code = m.merchant_code offset 0) b
    order by m.merchant_code`,
}

/** $4 a place from 0 to 1: the merchant in front of it is where one of several processes begins. */
const UNDEALT_COUNT: Statement = {
  name: 'undealt-count',
  replan: true,
  text: `
    with undealt as materialized (
      select m.merchant_code from campaign_merchants m join campaigns c on c.campaign_id = m.campaign_id
      where m.campaign_id = $1::text and ${UNDEALT}
    )
    select (select count(*) from undealt) as count, coalesce((
      select merchant_code from undealt order by merchant_code
      offset floor($4::float8 * (select count(*) from undealt))::bigint limit 1), '') as middle`,
}

interface Row {
  merchantCode: string
  branchCode: string
  undealt: boolean
}

/** Whose decks of a date nobody has dealt. */
export function sqlUndealt(sql: Sql): Pick<Decks, 'undealt' | 'countUndealt'> {
  return {
    async undealt(campaignId, date, { after, notedBefore, limit }) {
      const rows = await sql.run<Row>(UNDEALT_PAGE, [campaignId, date, notedBefore, after, limit])
      const merchants = rows.filter((row) => row.undealt)
      return { merchants, last: rows.at(-1)?.merchantCode }
    },
    async countUndealt(campaignId, date, { place, notedBefore }) {
      const values = [campaignId, date, notedBefore, place]
      const [row] = await sql.run<{ count: number; middle: string }>(UNDEALT_COUNT, values)
      return row!
    },
  }
}
