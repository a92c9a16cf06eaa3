import { type RawBuilder, sql as raw } from 'kysely'
import type { BookedBranch, BookedMerchant, MerchantBook } from '../../../flow/ports'
import { applying } from '../applies'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { renameBranch } from './branches'
import { alikeMerchants, importMerchants, knownMerchants } from './import'

/** The {@link MerchantBook} on PostgreSQL. */
export function sqlMerchantBook(sql: Sql, deeds: DeedLog): MerchantBook {
  const { db } = sql
  return {
    async branches({ branchCode }) {
      const { rows } = await raw<BookedBranch>`
        select b.branch_code as "branchCode", b.name, b.gl_account as "glAccount", b.revision, count(m.merchant_code) as "merchantCount"
        from branches b left join merchants m using (branch_code)
        where ${branchCode}::text is null or b.branch_code = ${branchCode}
        group by b.branch_code order by b.branch_code`.execute(db)
      return rows
    },
    renameBranch: (input) => renameBranch(sql, deeds, input),
    async list({ branchCode, q, date, after, limit }) {
      const part = q && `%${q.replace(/[\\%_]/g, '\\$&')}%`
      const where = raw`
        (${branchCode}::text is null or m.branch_code = ${branchCode})
        and (${after ?? null}::text is null or m.merchant_code > ${after ?? null})
        and (${part ?? null}::text is null or m.merchant_code ilike ${part ?? null} or m.name ilike ${part ?? null})
        order by m.merchant_code limit ${limit}`
      return (await booked(where, date).execute(db)).rows.map(merchantOf)
    },
    async merchant(merchantCode, date, branchCode) {
      const where = raw`
        m.merchant_code = ${merchantCode} and (${branchCode}::text is null or m.branch_code = ${branchCode})`
      const [row] = (await booked(where, date).execute(db)).rows
      return row && merchantOf(row)
    },
    known: (codes) => knownMerchants(db, codes),
    alike: (codes) => alikeMerchants(db, codes),
    import: (entries, deed, review) => importMerchants(sql, deeds, entries, deed, review),
  }
}

type Row = Omit<BookedMerchant, 'campaign'> & { campaignId: string | null; campaignName: string | null }

/** The page first and what belongs to each row after, so that nothing is looked up for rows nobody sees. */
const booked = (where: RawBuilder<unknown>, date: string) => raw<Row>`
  select m.merchant_code as "merchantCode", m.name, m.branch_code as "branchCode", b.name as "branchName",
    b.gl_account as "glAccount", m.account, m.wallet_accounts as "walletAccounts", c.campaign_id as "campaignId", c.name as "campaignName",
    (select count(*) from merchant_users u where u.merchant_code = m.merchant_code and u.unbound_at is null) as "userCount"
  from (select m.*, ${date}::date as day from merchants m where ${where}) m
  join branches b using (branch_code)
  left join lateral (
    ${raw.raw(applying('m.merchant_code', 'm.day'))}
  ) c on true
  order by m.merchant_code`

function merchantOf({ campaignId, campaignName, ...merchant }: Row): BookedMerchant {
  return { ...merchant, campaign: campaignId === null ? null : { campaignId, name: campaignName! } }
}
