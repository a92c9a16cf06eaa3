import { sql as raw } from 'kysely'
import type { RequestFault } from '../../../flow/ports'
import { queueWrites } from '../merchant/branches'
import type { Kind, Tx } from './kind'

/** Merchants' accounts, at the bank and at wallets, and branches, and new merchants with theirs: line by line, all of them or none. */
export const merchantAccount: Kind = {
  async check(tx, { changeId }) {
    await queueWrites(tx)
    return (await first(tx, FAULTS(changeId))) ?? null
  },
  async apply(tx, { changeId, lineCount }) {
    for (let from = 0; from < lineCount; from += CHUNK)
      await raw`
        insert into merchants (merchant_code, name, branch_code, account, wallet_accounts)
        select merchant_code, name, branch_code, account, wallet_accounts from change_merchants
        where change_id = ${changeId} and line > ${from} and line <= ${from + CHUNK}
        on conflict (merchant_code) do update
          set name = excluded.name, branch_code = excluded.branch_code, account = excluded.account,
            wallet_accounts = excluded.wallet_accounts`.execute(tx)
  },
}

/** Rows of one statement, so that a file of 100,000 lines has none that takes long. */
const CHUNK = 10_000

/** What another's change since has made wrong of any line. */
const FAULTS = (changeId: string) => raw<RequestFault>`
  select code from (
    select 1 as nth, 'subject-changed' as code from change_merchants l
      left join merchants m using (merchant_code)
      where l.change_id = ${changeId}
        and (l.was_name, l.was_branch_code, l.was_account, l.was_wallet_accounts)
          is distinct from (m.name, m.branch_code, m.account, coalesce(m.wallet_accounts, '{}'))
    union all
    select 2, 'account-taken' from change_merchants l join branches b on b.gl_account = l.account
      where l.change_id = ${changeId}
    union all
    select 3, 'branch-not-found' from change_merchants l left join branches b using (branch_code)
      where l.change_id = ${changeId} and b.branch_code is null
    union all
    select 4, 'merchant-alike' from change_merchants l join merchants m
      on lower(ltrim(m.merchant_code, '0')) = lower(ltrim(l.merchant_code, '0')) and m.merchant_code <> l.merchant_code
      where l.change_id = ${changeId} and l.was_name is null
  ) as faults order by nth limit 1`

async function first(tx: Tx, faults: ReturnType<typeof FAULTS>): Promise<RequestFault | undefined> {
  return (await faults.execute(tx)).rows[0]
}
