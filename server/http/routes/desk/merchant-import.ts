import { importMerchants } from '../../../flow/merchant/import'
import * as contract from '../../contract'
import { pagesOf } from '../../csv-table'
import { merchantsTask } from '../../csv-tasks'
import type { HttpDeps } from '../../deps'
import { unhurried } from '../../pace'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** 16 MB for 100,000 lines is 160 bytes for each. */
const FILE_BYTES = 16 << 20

export function merchantImportRoute(deps: HttpDeps): Route {
  return route({
    method: 'POST',
    path: '/admin/merchants/import',
    summary:
      'Merchants from a CSV with code, name, branch, account, and what else it has of wechatpay, alipay, unionpay; with a fault in it, none of them. Names change at once; new merchants, accounts and branches wait for another operator’s review (202)',
    actor: 'operator',
    permission: 'merchants',
    dear: true,
    query: contract.importQuery,
    csv: { bytes: FILE_BYTES, read: merchantsTask },
    reply: contract.merchantImportView,
    problems: ['change-open'],
    async handle({ actor, query, csv: table, reply }) {
      const result = await importMerchants(
        deps,
        { ...table, pages: () => unhurried(pagesOf(table)) },
        { by: actor.username, branchCode: actor.branchCode, dryRun: query.dryRun === 'true', note: query.note ?? null },
      )
      const { lines } = table
      if (result.kind === 'refused') throw new HttpProblem(result.code)
      if (result.kind === 'imported' && result.count.review) reply({ status: 202 })
      if (result.kind === 'imported') return { lines, ...result.count, faults: [], faultCount: 0 }
      const { named, count } = result.faults
      return { lines, added: 0, changed: 0, unchanged: 0, review: null, faults: named, faultCount: count }
    },
  })
}
