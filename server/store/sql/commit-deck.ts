import type { DealtDeck } from '../../flow/ports'
import { violated } from './errors'
import type { Sql, Statement } from './open-sql'

/**
 * One statement. Whoever inserts the deck adds its exposure; another process waits on the deck's key and then finds it
 * there. A budget that doesn't suffice violates the campaign's own constraint, which takes the deck back too.
 */
const COMMIT: Statement = {
  name: 'commit-deck',
  text: `
    with dealt as (
      insert into decks
        (campaign_id, merchant_code, business_date, version, commitment, amounts_fen, exposure_fen, dealt_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict do nothing
      returning campaign_id, exposure_fen
    )
    update campaigns c set committed_fen = committed_fen + dealt.exposure_fen
    from dealt where c.campaign_id = dealt.campaign_id
    returning c.campaign_id`,
}

/** Commits a deck against its campaign's budget (I7). An unknown campaign is a bug and throws. */
export async function commitDeck(
  sql: Sql,
  deck: DealtDeck,
  exposureFen: number,
): Promise<'committed' | 'already-committed' | 'budget-exhausted'> {
  const { campaignId, merchantCode, businessDate, version, commitment, amountsFen, dealtAt } = deck
  const values = [campaignId, merchantCode, businessDate, version, commitment, amountsFen, exposureFen, dealtAt]
  try {
    return (await sql.run(COMMIT, values)).length === 1 ? 'committed' : 'already-committed'
  } catch (error) {
    if (violated(error, 'check') === 'campaigns_within_budget') return 'budget-exhausted'
    throw error
  }
}
