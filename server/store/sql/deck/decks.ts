import type { Selectable } from 'kysely'
import type { DeckId } from '../../../domain/deck'
import type { OrderState } from '../../../domain/order'
import type { Rule } from '../../../domain/rule'
import type { BudgetOf, Decks, Shortage, UsedSlot } from '../../../flow/ports'
import { analyze } from '../analyze'
import { braked, byPrecedence, standsOn } from '../applies'
import type { Sql, Statement } from '../open-sql'
import { campaignOf, cardsIn, deckOf } from '../rows'
import type { CampaignRow, DeckRow } from '../tables'
import { closeDecks, moneyReturning, takeBack } from './close-decks'
import { commitDecks, type Rooms, tightest } from './commit-deck'
import { sqlSecrets } from './secrets'
import { sqlUndealt } from './undealt'

const DECK_COLUMNS =
  'd.campaign_id, d.merchant_code, d.business_date, d.version, d.commitment, d.amounts_fen, d.sealed, d.dealt_at, d.key_id, d.beacon'
const OF_DECK = 'campaign_id = $1 and merchant_code = $2 and business_date = $3'

/** A version that was never kept is the campaign's own of now, if it is that. */
const KEPT: Statement = {
  name: 'kept-deck',
  text: `
    select ${DECK_COLUMNS}, d.closed_at, d.used_slots, d.branch_code, coalesce(v.content -> 'rule', case when c.version = d.version then c.rule end) as rule
    from decks d
    left join campaign_versions v on v.campaign_id = d.campaign_id and v.version = d.version
    left join campaigns c on c.campaign_id = d.campaign_id
    where d.campaign_id = $1 and d.merchant_code = $2 and d.business_date = $3`,
}

const RULE: Statement = {
  name: 'rule-of-version',
  text: `select content -> 'rule' as rule from campaign_versions where campaign_id = $1 and version = $2`,
}

const SHORTAGE: Statement = {
  name: 'shortage',
  text: `select wanted_slots, dealt_slots, reason, noted_at from deck_shortages where ${OF_DECK}`,
}

const ROOM: Statement = {
  name: 'room',
  text: `
    select c.budget_fen - c.committed_fen as campaign,
      (select b.budget_fen - b.committed_fen from branch_budgets b where b.campaign_id = $1 and b.branch_code = $2) as branch,
      c.daily_budget_fen - coalesce((
        select d.committed_fen from campaign_days d where d.campaign_id = $1 and d.business_date = $3::date), 0) as day
    from campaigns c where c.campaign_id = $1`,
}

const NOTE: Statement = {
  name: 'note-shortages',
  replan: true,
  text: `
    insert into deck_shortages (campaign_id, merchant_code, business_date, wanted_slots, dealt_slots, reason, noted_at)
    select n.campaign_id, n.merchant_code, n.business_date, n.wanted, 0, n.reason || '-budget', n.at
    from unnest($1::text[], $2::text[], $3::date[], $4::integer[], $5::text[], $6::bigint[])
      as n(campaign_id, merchant_code, business_date, wanted, reason, at)
    where not exists (
      select 1 from decks d
      where d.campaign_id = n.campaign_id and d.merchant_code = n.merchant_code and d.business_date = n.business_date)
    on conflict (campaign_id, business_date, merchant_code) do update set noted_at = excluded.noted_at`,
}

const ORDERS: Statement = {
  name: 'orders-of-deck',
  text: `
    select slot, order_no as "orderNo", state from orders
    where campaign_id = $1 and merchant_code = $2 and deck_date = $3 and slot is not null and state <> 'closed'
    order by slot`,
}

/** $1 merchant, $2 date. A deck that is closed says itself how many of its cards are used: its orders may be archived. */
const USED_AT: Statement = {
  name: 'cards-of-merchant',
  text: `
    select sum(${cardsIn('d')})::integer as total, sum(coalesce(d.used_slots, u.used))::integer as used
    from campaign_merchants m cross join lateral (
      select * from decks d
      where d.campaign_id = m.campaign_id and d.merchant_code = m.merchant_code and d.business_date = $2::date offset 0
    ) d left join lateral (
      select count(*) as used from orders o
      where d.used_slots is null and o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code
        and o.deck_date = d.business_date and o.slot is not null and o.state <> 'closed'
    ) u on true
    where m.merchant_code = $1`,
}

const CAMPAIGNS_ON: Statement = {
  name: 'campaigns-on',
  text: `
    select c.campaign_id, c.version, c.name, c.organiser, c.state, c.start_date, c.end_date, c.rule, c.budget_fen,
      c.daily_budget_fen, c.windows, c.max_per_payer_per_day, c.max_per_payer_per_campaign_day, c.channels
    from campaigns c where ${standsOn('c', '$1')} and c.state <> 'paused' and not ${braked("'campaign/' || c.campaign_id")}
    order by ${byPrecedence('c')}`,
}

const DEALT_PAGE: Statement = {
  name: 'dealt-page',
  replan: true,
  text: `
    select ${DECK_COLUMNS}, coalesce((
      select jsonb_agg(jsonb_build_object('slot', o.slot, 'payerId', o.payer_id)) from orders o
      where o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code and o.deck_date = d.business_date
        and o.slot is not null and o.state <> 'closed'), '[]') as used_slots
    from decks d
    where d.business_date = $1::date and (d.campaign_id, d.merchant_code) > ($2::text, $3::text)
    order by d.campaign_id, d.merchant_code limit $4::integer`,
}

/** {@link Decks} on PostgreSQL. */
export function sqlDecks(sql: Sql): Decks {
  const key = (deck: DeckId) => [deck.campaignId, deck.merchantCode, deck.businessDate]
  return {
    commitMany: (decks) => commitDecks(sql, decks),
    // And what goes with a day: the embedded ledger would not look at it before its next start.
    analyze: () => analyze(sql, ['decks', 'orders', 'refunds', 'day_totals']),
    close: (...due) => closeDecks(sql, ...due),
    takeBack: (limit) => takeBack(sql, limit),
    returning: (campaignId, before) => moneyReturning(sql, campaignId, before),
    async kept(deck) {
      const [row] = await sql.run<DeckRow & { rule: Rule | null; used_slots: number | null }>(KEPT, key(deck))
      if (!row) return undefined
      const { rule, closed_at: closedAt, used_slots: usedSlots, branch_code: branchCode } = row
      return { ...deckOf(row), rule, closedAt, usedSlots, branchCode }
    },
    async ruleOf(campaignId, version) {
      const [row] = await sql.run<{ rule: Rule }>(RULE, [campaignId, version])
      return row?.rule
    },
    ...sqlSecrets(sql),
    async room(campaignId, branchCode, date) {
      const [row] = await sql.run<Rooms>(ROOM, [campaignId, branchCode, date])
      return tightest(row ?? { campaign: 0, branch: null, day: null })
    },

    async shortage(deck) {
      const [row] = await sql.run<ShortageRow>(SHORTAGE, key(deck))
      return row && shortageOf(deck, row)
    },
    async noteShortages(shortages) {
      const of = <T>(pick: (shortage: Shortage) => T) => shortages.map(pick)
      const keys = [of((one) => one.campaignId), of((one) => one.merchantCode), of((one) => one.businessDate)]
      await sql.run(NOTE, [...keys, of((one) => one.wantedSlots), of((one) => one.by), of((one) => one.notedAt)])
    },
    async usedAt(merchantCode, date) {
      const [row] = await sql.run<{ total: number | null; used: number }>(USED_AT, [merchantCode, date])
      const { total, used } = row!
      return total === null ? null : { total, used }
    },
    orders: (deck) => sql.run<{ slot: number; orderNo: string; state: OrderState }>(ORDERS, key(deck)),
    async campaignsOn(date) {
      return (await sql.run<Selectable<CampaignRow>>(CAMPAIGNS_ON, [date])).map(campaignOf)
    },
    ...sqlUndealt(sql),
    async dealtPage(date, after, limit) {
      const values = [date, after?.campaignId ?? '', after?.merchantCode ?? '', limit]
      const rows = await sql.run<DeckRow & { used_slots: UsedSlot[] }>(DEALT_PAGE, values)
      return rows.map((row) => ({ deck: deckOf(row), usedSlots: row.used_slots }))
    },
  }
}

interface ShortageRow {
  wanted_slots: number
  dealt_slots: number
  reason: `${BudgetOf}-budget`
  noted_at: number
}

function shortageOf(deck: DeckId, row: ShortageRow): Shortage {
  const { campaignId, merchantCode, businessDate } = deck
  const by = row.reason.slice(0, -'-budget'.length) as BudgetOf
  const { wanted_slots: wantedSlots, dealt_slots: dealtSlots, noted_at: notedAt } = row
  return { campaignId, merchantCode, businessDate, wantedSlots, dealtSlots, by, notedAt }
}
