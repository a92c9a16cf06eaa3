import type { AuditCode } from '../../../../server/flow/audit/fault'
import type { AuditedBooks } from './books'

/** One thing changed, nothing else put right; and what the audit calls it. */
export interface Single {
  what: string
  code: AuditCode
  how(books: AuditedBooks): string
}

const single = (code: AuditCode, what: string, how: Single['how']): Single => ({ code, what, how })
const launched = (set: string) => (books: AuditedBooks) =>
  `update campaigns set ${set} where campaign_id = '${books.launched}'`
const street = (set: string) => (books: AuditedBooks) =>
  `update campaigns set ${set} where campaign_id = '${books.campaign.campaignId}'`
const version = (changed: string) => (books: AuditedBooks) =>
  `update campaign_versions set content = jsonb_set(content, ${changed}) where campaign_id = '${books.campaign.campaignId}'`
const late = (set: string) => (books: AuditedBooks) =>
  `update orders set ${set} where order_no = '${books.late.orderNo}'`
const FIRST_DAY = 'statement_date = (select min(statement_date) from reconciliations)'

export const SINGLES: Single[] = [
  single('terms-not-approved', 'a campaign’s budget grows', launched('budget_fen = budget_fen + 1')),
  single(
    'terms-not-approved',
    'a day of a campaign may cost more',
    launched('daily_budget_fen = daily_budget_fen + 1'),
  ),
  single('terms-not-approved', 'a day of a campaign may cost anything', launched('daily_budget_fen = null')),
  single('terms-not-approved', 'a campaign is always open', launched(`windows = '[]'`)),
  single('deck-outside-window', 'its version opens on Mondays', version(`'{windows}', '[{"weekdays": [1]}]'`)),
  single(
    'day-over-budget',
    'its version had a daily budget, against which nothing was counted',
    version(`'{dailyBudgetFen}', '9'`),
  ),
  single('terms-not-approved', 'a seeded campaign’s budget grows', street('budget_fen = budget_fen + 1')),
  single('terms-not-approved', 'a campaign’s rule is another', launched(`rule = jsonb_set(rule, '{maxFen}', '2000')`)),
  single('terms-not-approved', 'a campaign ends later', launched(`end_date = '2026-12-31'`)),
  single('terms-not-approved', 'a campaign starts earlier', launched(`start_date = '2026-11-30'`)),
  single('terms-not-approved', 'one may have more cards a day', launched('max_per_payer_per_day = 9')),
  single('terms-not-approved', 'a campaign is for another channel', launched(`channels = '{bank,alipay}'`)),
  single('terms-not-approved', 'a campaign goes before another', launched('priority = 99')),
  single(
    'terms-not-approved',
    'what was approved is another budget',
    (books) => `
    update campaign_versions set content = jsonb_set(content, '{budgetFen}', '1') where campaign_id = '${books.launched}' and version = 2`,
  ),
  single(
    'terms-not-approved',
    'the approved version is gone',
    (books) => `
    delete from campaign_versions where campaign_id = '${books.launched}' and version = 2`,
  ),
  single(
    'campaign-list-wrong',
    'a merchant joins a campaign',
    (books) => `
    insert into campaign_merchants values ('${books.launched}', 'M0003')`,
  ),
  single(
    'campaign-list-wrong',
    'a merchant is put out of a campaign',
    (books) => `
    delete from campaign_merchants where campaign_id = '${books.launched}' and merchant_code = 'M0002'`,
  ),
  single(
    'campaign-list-wrong',
    'a merchant is compared no more',
    (books) => `
    delete from campaign_controls where campaign_id = '${books.launched}'`,
  ),
  single(
    'campaign-list-wrong',
    'another merchant is compared',
    (books) => `
    insert into campaign_controls values ('${books.launched}', 'M0004')`,
  ),
  single('campaign-state-wrong', 'a campaign is said to have ended', launched(`state = 'ended'`)),
  single(
    'approval-wrong',
    'somebody else approved',
    (books) => `
    update campaign_versions set approved_by = 'admin1' where campaign_id = '${books.launched}' and version = 1`,
  ),
  single(
    'approval-wrong',
    'nobody approved, it was always there',
    (books) => `
    update campaign_versions set approved_by = 'system' where campaign_id = '${books.launched}' and version = 2`,
  ),
  single(
    'approval-wrong',
    'somebody else made it',
    (books) => `
    update campaign_versions set made_by = 'admin1' where campaign_id = '${books.launched}' and version = 1`,
  ),
  single(
    'approval-wrong',
    'somebody else reviewed',
    (books) => `
    update campaign_changes set reviewed_by = 'admin1' where campaign_id = '${books.launched}' and kind = 'amend'`,
  ),
  single(
    'approval-wrong',
    'an amendment is gone',
    (books) => `
    delete from campaign_changes where campaign_id = '${books.launched}' and kind = 'amend'`,
  ),
  single(
    'party-wrong',
    'a merchant is paid elsewhere',
    (books) => `
    update merchants set account = 'acc-mine' where merchant_code = '${books.newMerchant}'`,
  ),
  single(
    'party-wrong',
    'a merchant’s account at a wallet is another',
    (books) => `
    update merchants set wallet_accounts = '{"alipay": "2099"}' where merchant_code = '${books.newMerchant}'`,
  ),
  single(
    'party-wrong',
    'a merchant is another branch’s',
    (books) => `
    update merchants set branch_code = 'B-New' where merchant_code = '${books.newMerchant}'`,
  ),
  single(
    'party-wrong',
    'a branch pays from another account',
    () => `
    update branches set gl_account = 'gl-mine' where branch_code = 'B-New'`,
  ),
  single(
    'party-wrong',
    'a maker may review',
    () => `update operators set roles = '{maker,checker}' where username = 'maker'`,
  ),
  single(
    'party-wrong',
    'an administrator is shut out',
    () => `update operators set disabled_at = 1 where username = 'admin2'`,
  ),
  single(
    'party-wrong',
    'somebody lets themselves in',
    () => `
    insert into operators (username, name, roles, must_change_password, created_at) values ('me', 'me', '{admin}', false, 0)`,
  ),
  single(
    'change-wrong',
    'somebody else approved an account',
    () => `
    update change_requests set reviewed_by = 'admin1' where change_id = 'R-import'`,
  ),
  single(
    'change-wrong',
    'another account was asked for',
    () => `
    update change_merchants set account = 'acc-mine' where change_id = 'R-import'`,
  ),
  single(
    'change-wrong',
    'another GL account was approved',
    () => `
    update change_requests set after = jsonb_set(after, '{glAccount}', '"gl-mine"') where kind = 'branch.add'`,
  ),
  single('binding-wrong', 'a cashier is an owner', () => `update merchant_users set role = 'owner'`),
  single(
    'binding-wrong',
    'a user is bound by nobody',
    (books) => `
    insert into merchant_users (user_id, merchant_code, role, bound_at) values ('me', '${books.newMerchant}', 'owner', 1)`,
  ),
  single(
    'agreement-wrong',
    'a payer’s agreement is of another account',
    () => `
    update agreements set account = 'acc-other' where agreement_id = 'agreement-kept'`,
  ),
  single('request-wrong', 'an order is of another agreement', late(`payer_ref = 'agreement-2'`)),
  single(
    'request-wrong',
    'another agreement was sent',
    (books) => `
    update channel_requests set request = jsonb_set(request, '{agreementId}', '"x"') where order_no = '${books.late.orderNo}'`,
  ),
  single(
    'request-wrong',
    'another amount was sent',
    (books) => `
    update channel_requests set request = jsonb_set(request, '{legs,0,amountFen}', '-1') where order_no = '${books.late.orderNo}'`,
  ),
  single(
    'reconciliation-wrong',
    'a day’s reconciliation is gone',
    () => `delete from reconciliations where ${FIRST_DAY}`,
  ),
  single(
    'reconciliation-wrong',
    'a day’s result is another',
    () => `
    update reconciliations set result = jsonb_set(result, '{closed}', '99') where ${FIRST_DAY}`,
  ),
  single(
    'reconciliation-wrong',
    'a difference was accepted by somebody else',
    () => `
    update differences set resolved_by = 'maker' where state = 'accepted'`,
  ),
  single(
    'reconciliation-wrong',
    'a correction was proposed by somebody else',
    () => `
    update differences set proposed_by = 'admin1' where proposed_by is not null`,
  ),
  single(
    'refund-record-wrong',
    'a refund is of another day',
    ({ refunding }) => `
    update refunds set business_date = business_date - 1 where refund_no = '${refunding}'`,
  ),
  single(
    'refund-record-wrong',
    'a refund has a reason',
    ({ refunding }) => `
    update refunds set reason = 'spoiled' where refund_no = '${refunding}'`,
  ),
  single(
    'refund-record-wrong',
    'a refund’s key stands for something else',
    ({ refunding }) => `
    update refunds set input_hash = 'x' where refund_no = '${refunding}'`,
  ),
  single(
    'shortage-wrong',
    'a deck is said to have been short',
    (books) => `
    insert into deck_shortages select campaign_id, merchant_code, business_date, 20, 9, 'campaign-budget', dealt_at from decks
      where campaign_id = '${books.campaign.campaignId}'`,
  ),
  single(
    'deck-time-wrong',
    'a deck was dealt after its first card',
    (books) => `
    update decks set dealt_at = dealt_at + 60000 where campaign_id = '${books.campaign.campaignId}'`,
  ),
  single(
    'committed-not-the-decks',
    'a deck is gone',
    (books) => `
    delete from decks where campaign_id = '${books.campaign.campaignId}'`,
  ),
  single(
    'secret-not-committed',
    'a deck was dealt an hour earlier',
    (books) => `
    update decks set dealt_at = dealt_at - 3600000 where campaign_id = '${books.campaign.campaignId}'`,
  ),
  single(
    'archive-differs',
    'a day is said to be in a file, and nobody wrote it',
    (books) => `
    insert into archived_days (business_date, file, sha256, bytes, orders, archived_at)
    select business_date, 'none', repeat('0', 64), 1, 0, 0 from orders where order_no = '${books.late.orderNo}'`,
  ),
  single(
    'archived-sums-wrong',
    'a merchant is told of orders that never were, as of archived ones',
    (books) => `
    insert into archived_merchant_days (merchant_code, business_date, channel, merchant_account, orders, amount_fen, rewards, reward_fen, credited_fen)
    select merchant_code, date '2026-01-01', channel, merchant_account, 1, 1, 0, 0, 1 from orders where order_no = '${books.late.orderNo}'`,
  ),
]
