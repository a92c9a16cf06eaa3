import { sql as raw } from 'kysely'
import type { BookedBranch, MerchantBook } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { renameBranch } from './branches'
import { merchantDaysBooked } from './days'
import { alikeMerchants, importMerchants, knownMerchants } from './import'
import { listMerchants, merchantTotals, oneMerchant } from './list'

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
    list: (input) => listMerchants(db, input),
    totals: (filter) => merchantTotals(db, filter),
    merchant: (merchantCode, date, branchCode) => oneMerchant(db, merchantCode, date, branchCode),
    days: (merchantCode, dates, scope) => merchantDaysBooked(db, merchantCode, dates, scope),
    known: (codes) => knownMerchants(db, codes),
    alike: (codes) => alikeMerchants(db, codes),
    import: (entries, deed, review) => importMerchants(sql, deeds, entries, deed, review),
  }
}
