import { type Kysely, sql as raw, type Selectable } from 'kysely'
import { CHANNELS, type ChannelName, OWN_CHANNEL } from '../../../domain/channel'
import type { Changes, MerchantEntry, RequestLine } from '../../../flow/ports'
import type { Tables } from '../tables'
import type { Tx } from './kind'

/** The lines of a request that is about merchants, as they were and as they are to be. */

export async function requestLines(
  db: Kysely<Tables>,
  changeId: string,
  after: number,
  limit: number,
): Promise<RequestLine[]> {
  const query = db.selectFrom('change_merchants').selectAll().where('change_id', '=', changeId)
  return (await query.where('line', '>', after).orderBy('line').limit(limit).execute()).map(lineOf)
}

function lineOf(row: Selectable<Tables['change_merchants']>): RequestLine {
  const { line, merchant_code: merchantCode, was_name, was_branch_code, was_account } = row
  const before = was_name !== null && {
    name: was_name,
    branchCode: was_branch_code!,
    account: was_account!,
    walletAccounts: row.was_wallet_accounts,
  }
  const { name, branch_code: branchCode, account, wallet_accounts: walletAccounts } = row
  const after = { name, branchCode, account, walletAccounts }
  return { line, merchantCode, before: before || null, after }
}

type TextField = Exclude<keyof MerchantEntry, 'walletAccounts'>

export interface Moving {
  was: MerchantEntry | undefined
  entry: MerchantEntry
}

/** Writes lines behind those that are there. */
export async function insertLines(tx: Tx, changeId: string, from: number, moving: readonly Moving[]): Promise<void> {
  const entries = (field: TextField) => moving.map(({ entry }) => entry[field])
  const before = (field: TextField) => moving.map(({ was }) => was?.[field] ?? null)
  const wallets = (which: keyof Moving) => moving.map((one) => JSON.stringify(one[which]?.walletAccounts ?? {}))
  await raw`
    insert into change_merchants (change_id, line, merchant_code, was_name, was_branch_code, was_account,
      was_wallet_accounts, name, branch_code, account, wallet_accounts)
    select ${changeId}, ${from}::int + u.nth, u.code, u.was_name, u.was_branch, u.was_account,
      u.was_wallets::jsonb, u.name, u.branch, u.account, u.wallets::jsonb
    from unnest(${entries('merchantCode')}::text[], ${before('name')}::text[], ${before('branchCode')}::text[],
      ${before('account')}::text[], ${wallets('was')}::text[], ${entries('name')}::text[], ${entries('branchCode')}::text[],
      ${entries('account')}::text[], ${wallets('entry')}::text[])
      with ordinality as u(code, was_name, was_branch, was_account, was_wallets, name, branch, account, wallets, nth)`.execute(
    tx,
  )
}

/** Of the accounts into which a merchant is paid: what waits for its time, or the last that took effect since then. */
export async function accountChange(
  db: Kysely<Tables>,
  merchantCode: string,
  since: number,
): ReturnType<Changes['accountChange']> {
  const row = await db
    .selectFrom('change_merchants as l')
    .innerJoin('change_requests as c', 'c.change_id', 'l.change_id')
    .select(['l.was_account', 'l.account', 'l.was_wallet_accounts', 'l.wallet_accounts'])
    .select(['c.state', 'c.effective_at as effectiveAt'])
    .where('l.merchant_code', '=', merchantCode)
    .where('l.was_account', 'is not', null)
    .where(raw<boolean>`(l.was_account, l.was_wallet_accounts) <> (l.account, l.wallet_accounts)`)
    .where('c.state', 'in', ['approved', 'applied'])
    .where('c.effective_at', '>', since)
    .orderBy('c.effective_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  const from = { ...row.was_wallet_accounts, [OWN_CHANNEL]: row.was_account! }
  const to = { ...row.wallet_accounts, [OWN_CHANNEL]: row.account }
  const channel: ChannelName = CHANNELS.find((name) => from[name] !== to[name])!
  const { state, effectiveAt } = row
  return { channel, from: from[channel] ?? '', to: to[channel] ?? '', state, effectiveAt: effectiveAt! }
}
