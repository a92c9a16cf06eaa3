import { OWN_CHANNEL } from '../server/domain/channel'
import type { Sql } from '../server/store/sql/open-sql'
import { SCARCE } from './campaigns'
import type { Figures } from './report'
import type { Verdict } from './verdict'

/** Of the bank's paid orders; usually it is more than half. */
const LEAST_PERCENT = 10

const SHORT = `
  select campaign_id, count(*)::integer as merchants, min(merchant_code) as first from deck_shortages group by campaign_id`

interface Short {
  campaign_id: string
  merchants: number
  first: string
}

/**
 * Whether the run tried what it is for. Where nobody was given a discount no promise about cards, decks and budgets was looked at, and all of
 * them hold; the same where no budget ran out. `counts`: what payers were told, by how often.
 */
export async function checkGiven(
  sql: Pick<Sql, 'pool'>,
  { discounted, byChannel }: Pick<Figures, 'discounted' | 'byChannel'>,
  counts: ReadonlyMap<string, number>,
  verdict: Verdict,
): Promise<void> {
  const paid = byChannel[OWN_CHANNEL]?.paid ?? 0
  const told = [...counts].filter(([what]) => what.startsWith('quotes w')).map(([what, count]) => `${count} ${what}`)
  const given = discounted > 0 && discounted * 100 >= paid * LEAST_PERCENT
  const few = `${discounted} of the bank’s ${paid} paid orders had one; ${told.join(', ') || 'nobody was quoted'}`
  verdict.look('TRIED', 'payers are given discounts', given ? undefined : few)
  const { rows } = await sql.pool.query<Short>(SHORT)
  const ample = rows.filter((row) => row.campaign_id !== SCARCE)
  const wrong = ample.map((row) => `${row.campaign_id}: ${row.merchants} merchants, ${row.first} first`)
  verdict.look('TRIED', 'where the budget reaches nobody goes short of a deck', wrong[0])
  const ranOut = rows.length > ample.length
  verdict.look('TRIED', 'where it does not some do', ranOut ? undefined : `${SCARCE} has a deck for everybody`)
}
