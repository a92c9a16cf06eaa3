import type { Campaign } from '../../domain/campaign'
import type { Merchant } from '../../flow/ports'
import { publishVersion } from './campaign/version'
import type { Sql } from './open-sql'

export type SeedCampaign = Campaign & {
  /** the merchants it names; every seeded one unless said */
  merchantCodes?: readonly string[]
  /** the highest wins where several campaigns are on; 0 unless said */
  priority?: number
  /** ms since the epoch; now unless said */
  createdAt?: number
}

/** What a ledger starts with; branches and their GL accounts come with the merchants. */
export interface FoodStreet {
  merchants: readonly Merchant[]
  campaigns: readonly SeedCampaign[]
}

/** Who made and approved what a ledger starts with: nobody. */
const SEEDED = 'system'

/** Inserts what isn't there yet, in one transaction; rows that exist stay as they are, so it may run at every start. */
export async function seedFoodStreet(sql: Sql, street: FoodStreet): Promise<void> {
  const rows = rowsOf(street)
  await sql.transaction(async (tx) => {
    for (const table of ['branches', 'merchants', 'campaigns', 'campaign_merchants'] as const) {
      if (rows[table].length === 0) continue
      const insert = tx.insertInto(table).values(rows[table] as never)
      await insert.onConflict((conflict) => conflict.doNothing()).execute()
    }
    // What is on was approved once; its decks are verified against that version.
    for (const { campaign_id, state, created_at } of rows.campaigns)
      if (state !== 'draft' && state !== 'submitted')
        await publishVersion(tx, campaign_id, { madeBy: SEEDED, approvedBy: SEEDED, at: created_at })
  })
}

function rowsOf({ merchants, campaigns }: FoodStreet) {
  const everyMerchant = merchants.map((merchant) => merchant.merchantCode)
  const branches = new Map(
    merchants.map((m) => [m.branchCode, { branch_code: m.branchCode, name: m.branchName, gl_account: m.glAccount }]),
  )
  return {
    branches: [...branches.values()],
    merchants: merchants.map((merchant) => ({
      merchant_code: merchant.merchantCode,
      name: merchant.name,
      branch_code: merchant.branchCode,
      account: merchant.account,
      wallet_accounts: JSON.stringify(merchant.walletAccounts),
    })),
    campaigns: campaigns.map(campaignRow),
    campaign_merchants: campaigns.flatMap(({ campaignId, merchantCodes = everyMerchant }) =>
      merchantCodes.map((code) => ({ campaign_id: campaignId, merchant_code: code })),
    ),
  }
}

function campaignRow({ priority = 0, createdAt = Date.now(), ...campaign }: SeedCampaign) {
  return {
    campaign_id: campaign.campaignId,
    version: campaign.version,
    name: campaign.name,
    organiser: campaign.organiser,
    state: campaign.state,
    priority,
    start_date: campaign.startDate,
    end_date: campaign.endDate,
    rule: JSON.stringify(campaign.rule),
    budget_fen: campaign.budgetFen,
    daily_budget_fen: campaign.dailyBudgetFen,
    windows: JSON.stringify(campaign.windows),
    max_per_payer_per_day: campaign.maxPerPayerPerDay,
    max_per_payer_per_campaign_day: campaign.maxPerPayerPerCampaignDay,
    channels: [...campaign.channels],
    created_at: createdAt,
    updated_at: createdAt,
  }
}
