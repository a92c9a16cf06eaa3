import { deal, dearestDeck } from '../server/domain/deck'
import { opens, type Pulse, seedBy } from '../server/domain/deck-proof'
import { bandCount, type Rule } from '../server/domain/rule'
import { deriveKey } from '../server/domain/seal'
import type { Sql } from '../server/store/sql/open-sql'
import { cardsIn } from '../server/store/sql/rows'
import { type CardsRow, cardsOf } from './deck-cards'
import type { Verdict } from './verdict'

interface Deck extends CardsRow {
  commitment: string
  exposure_fen: number
  returned_fen: number
  closed_at: number | null
  beacon: Pulse | null
  rule: Rule
}

const TWICE = `
  select campaign_id, merchant_code, deck_date, slot, count(*) from orders
  where slot is not null and state <> 'closed' group by 1, 2, 3, 4 having count(*) > 1`

const ABOVE_CAP = `
  select d.merchant_code, count(o.*) as used, ${cardsIn('d')} as cap
  from decks d join orders o
    on o.campaign_id = d.campaign_id and o.merchant_code = d.merchant_code and o.deck_date = d.business_date
  where o.slot is not null and o.state <> 'closed' group by d.campaign_id, d.merchant_code, d.business_date
  having count(o.*) > ${cardsIn('d')} or max(o.slot) >= ${cardsIn('d')}`

const BUDGET = `
  select c.campaign_id, c.budget_fen, c.committed_fen, coalesce(sum(d.exposure_fen), 0)::bigint as dealt_fen,
    (select coalesce(sum(o.discount_fen - (
        select coalesce(sum(r.gl_fen), 0) from refunds r where r.order_no = o.order_no and r.state = 'refunded')), 0)::bigint
      from orders o where o.campaign_id = c.campaign_id and o.state <> 'closed') as spent_fen
  from campaigns c left join decks d using (campaign_id) group by c.campaign_id`

interface Budget {
  campaign_id: string
  budget_fen: number
  committed_fen: number
  dealt_fen: number
  spent_fen: number
}

/** Slots, decks and budget, from the rows themselves and from the master key that every deck follows from. */
export async function checkDecks(
  sql: Sql,
  masterKey: Uint8Array,
  verdict: Verdict,
): Promise<{ decks: number; budget: Budget[] }> {
  const { rows: twice } = await sql.pool.query(TWICE)
  verdict.checked('I1', 'a slot is used by one order at the most', 1)
  for (const row of twice) verdict.violate('I1', 'a slot is used by one order at the most', JSON.stringify(row))
  const { rows: above } = await sql.pool.query(ABOVE_CAP)
  verdict.checked('I1', 'no deck gives more than its cap')
  for (const row of above) verdict.violate('I1', 'no deck gives more than its cap', JSON.stringify(row))

  const { rows: decks } = await sql.pool.query<Deck>(
    'select d.*, c.rule from decks d join campaigns c using (campaign_id)',
  )
  for (const deck of decks)
    verdict.look('I2', 'every deck follows from its seed and meets its band', faultOf(deck, masterKey))
  const { rows: budget } = await sql.pool.query<Budget>(BUDGET)
  for (const one of budget) {
    const well =
      one.committed_fen <= one.budget_fen && one.dealt_fen === one.committed_fen && one.spent_fen <= one.committed_fen
    verdict.look(
      'I7',
      'what decks may cost is what is committed, and within the budget',
      well ? undefined : JSON.stringify(one),
    )
  }
  return { decks: decks.length, budget }
}

function faultOf(deck: Deck, masterKey: Uint8Array): string | undefined {
  const { campaign_id: campaignId, merchant_code: merchantCode, business_date: businessDate } = deck
  const amounts = cardsOf(deck, masterKey)
  if (!amounts) return `${merchantCode}: its seal doesn't open`
  // The last deck of a budget is as large as the budget lets it be.
  const rule = { ...deck.rule, slots: amounts.length }
  if (amounts.length > deck.rule.slots) return `${merchantCode}: ${amounts.length} cards`
  const { version, beacon, commitment } = deck
  const terms = { campaignId, merchantCode, businessDate, version, beacon, rule: deck.rule, slots: amounts.length }
  const seed = seedBy(commitment, deriveKey(masterKey, `campaign|${campaignId}`), terms)
  const inBand = amounts.filter((fen) => fen >= rule.bandMinFen && fen <= rule.bandMaxFen).length
  if (inBand < bandCount(rule)) return `${merchantCode}: ${inBand} in the band`
  if (amounts.some((fen) => fen < rule.minFen || fen > rule.maxFen)) return `${merchantCode}: outside of the bounds`
  if (!opens(commitment, terms, seed) || String(deal(rule, seed)) !== String(amounts))
    return `${merchantCode}: not from its seed`
  return deck.closed_at !== null || dearestDeck(rule) === deck.exposure_fen + deck.returned_fen
    ? undefined
    : `${merchantCode}: its exposure is ${deck.exposure_fen}`
}
