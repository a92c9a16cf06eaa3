import { sql as raw, type Transaction } from 'kysely'
import type { PublishedSecret } from '../../../flow/ports'
import type { Tables } from '../tables'

/** A row of `campaigns` with its branches' budgets, as a version keeps it. */
export const TERMS_AS_JSON = `jsonb_build_object(
  'name', name, 'organiser', organiser, 'startDate', start_date, 'endDate', end_date, 'rule', rule,
  'budgetFen', budget_fen, 'dailyBudgetFen', daily_budget_fen, 'windows', windows, 'maxPerPayerPerDay', max_per_payer_per_day,
  'maxPerPayerPerCampaignDay', max_per_payer_per_campaign_day, 'channels', channels,
  'priority', priority,
  'branchCode', branch_code, 'branchBudgets', (
    select coalesce(jsonb_agg(jsonb_build_object('branchCode', b.branch_code, 'budgetFen', b.budget_fen)
      order by b.branch_code), '[]'::jsonb)
    from branch_budgets b where b.campaign_id = campaigns.campaign_id))`

/**
 * Keeps the campaign's terms as they are now under its version, for good: decks of that version are verified against it.
 * A version that is there already stays as it was. `secret`: what its decks will be dealt by; without it the first of them says so.
 */
export async function publishVersion(
  tx: Transaction<Tables>,
  campaignId: string,
  by: { madeBy: string; approvedBy: string; at: number; secret?: PublishedSecret | undefined },
): Promise<void> {
  await raw`
    insert into campaign_versions (campaign_id, version, content, made_by, approved_by, approved_at, key_id, secret_commitment, secret_at)
    select campaign_id, version, ${raw.raw(TERMS_AS_JSON)},
      ${by.madeBy}, ${by.approvedBy}, ${by.at}::bigint,
      ${by.secret?.keyId ?? null}::text, ${by.secret?.commitment ?? null}::text, ${by.secret?.at ?? null}::bigint
    from campaigns where campaign_id = ${campaignId}
    on conflict do nothing`.execute(tx)
}
