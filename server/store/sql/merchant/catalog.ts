import { sql as raw, type Selectable } from 'kysely'
import type { Catalog, Merchant, Purse, Shop } from '../../../flow/ports'
import { agreementsOf } from '../agreement/agreements'
import { braked, byPrecedence, stands, standsOn } from '../applies'
import type { Sql, Statement } from '../open-sql'
import { campaignOf } from '../rows'
import { heldOn } from '../suspicion/held'
import type { CampaignRow } from '../tables'

/**
 * By SQL of the merchant's code and of the date. What applies; else the next to start; else the last to end. Of two that start or end on one day it
 * is the one that applies then. A brake on it, on the merchant or on everything pauses it. Drafts and what waits for approval are nobody's offer yet.
 */
const campaignFor = (merchantCode: string, date: string) => `
    select c.campaign_id, c.version, c.name, c.organiser, c.start_date, c.end_date, c.rule, c.budget_fen, c.daily_budget_fen,
      c.max_per_payer_per_day, c.max_per_payer_per_campaign_day, c.channels, c.windows,
      case when ${stands('c')} and ${braked("'merchant/' || m.merchant_code", "'campaign/' || c.campaign_id")}
        then 'paused' else c.state end as state
    from campaign_merchants m
    join campaigns c using (campaign_id)
    cross join lateral (select case
      when ${standsOn('c', date)} then 'on'
      when c.state <> 'ended' and c.end_date >= ${date}::date then 'next'
      else 'past'
    end) as p(phase)
    where m.merchant_code = ${merchantCode} and c.state not in ('draft', 'submitted')
    order by
      array_position(array['on', 'next', 'past'], phase),
      case when phase = 'next' then c.start_date end,
      case when phase = 'past' then c.end_date end desc,
      ${byPrecedence('c')}
    limit 1`

const CAMPAIGN_FOR: Statement = { name: 'campaign-for', text: campaignFor('$1', '$2') }

/** $1 merchant, $2 date. */
const SHOP: Statement = {
  name: 'shop',
  text: `
    select a.merchant_code as "merchantCode", a.name as "merchantName", a.branch_code as "branchCode", b.name as "branchName", a.account,
      b.gl_account as "glAccount", a.wallet_accounts as "walletAccounts", a.disabled_at is not null as disabled,
      array(select u.user_id from merchant_users u where u.merchant_code = a.merchant_code and u.unbound_at is null) as staff, f.*
    from merchants a join branches b using (branch_code)
    left join lateral (${campaignFor('a.merchant_code', '$2')}) f on true
    where a.merchant_code = $1`,
}

const PURSE: Statement = {
  name: 'purse',
  text: `
    select branch_code as "branchCode", gl_account as "glAccount" from decks
    where campaign_id = $1 and merchant_code = $2 and business_date = $3`,
}

type ShopRow = Omit<Merchant, 'name'> & { merchantName: string; staff: string[] } & (
    | Selectable<CampaignRow>
    | { campaign_id: null }
  )

function shopOf(row: ShopRow): Shop {
  const { merchantCode, branchCode, branchName, account, glAccount, walletAccounts, disabled, staff } = row
  const branch = { branchCode, branchName, account, glAccount, walletAccounts }
  const merchant = { merchantCode, name: row.merchantName, ...branch, disabled: disabled ?? false }
  return { merchant, campaign: row.campaign_id === null ? undefined : campaignOf(row), staff }
}

/** The {@link Catalog} on PostgreSQL. It caches nothing: what may be stale is for the flow to say. */
export function sqlCatalog(sql: Sql): Catalog {
  return {
    async merchant(merchantCode) {
      return sql.db
        .selectFrom('merchants as m')
        .innerJoin('branches as b', 'b.branch_code', 'm.branch_code')
        .select(['m.merchant_code as merchantCode', 'm.name', 'm.branch_code as branchCode', 'b.name as branchName'])
        .select(['m.account', 'b.gl_account as glAccount', 'm.wallet_accounts as walletAccounts'])
        .select(raw<boolean>`m.disabled_at is not null`.as('disabled'))
        .where('m.merchant_code', '=', merchantCode)
        .executeTakeFirst()
    },
    async shop(merchantCode, businessDate) {
      const [row] = await sql.run<ShopRow>(SHOP, [merchantCode, businessDate])
      return row && shopOf(row)
    },
    async campaignFor(merchantCode, businessDate) {
      const [row] = await sql.run<Selectable<CampaignRow>>(CAMPAIGN_FOR, [merchantCode, businessDate])
      return row && campaignOf(row)
    },
    async braked(merchantCode) {
      const found = await sql.db
        .selectFrom('brakes')
        .select('subject')
        .where('subject', '=', `merchant/${merchantCode}`)
        .where('held', '=', true)
        .executeTakeFirst()
      return found !== undefined
    },
    async purse({ campaignId, merchantCode, businessDate }) {
      const [row] = await sql.run<{ [P in keyof Purse]: Purse[P] | null }>(PURSE, [
        campaignId,
        merchantCode,
        businessDate,
      ])
      if (!row) return undefined
      const { branchCode, glAccount } = row
      return branchCode === null || glAccount === null ? null : { branchCode, glAccount }
    },
    held: (businessDate) => heldOn(sql, businessDate),
    agreements: (payerId) => agreementsOf(sql, payerId),
  }
}
