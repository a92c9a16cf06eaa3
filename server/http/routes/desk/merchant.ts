import { createHash } from 'node:crypto'
import { z } from 'zod'
import { businessDate } from '../../../domain/business-date'
import type { Operator } from '../../../domain/operator'
import { type ImportResult, importMerchants } from '../../../flow/merchant/import'
import type { BookedMerchant } from '../../../flow/ports'
import * as contract from '../../contract'
import { readTable, type TableFault } from '../../csv-table'
import type { HttpDeps } from '../../deps'
import { presentBookedMerchant, presentBranch } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** Merchants and branches, as operators keep them. */
export function adminMerchantRoutes(deps: HttpDeps): Route[] {
  return [listBranches(deps), addBranch(deps), listMerchants(deps), readMerchant(deps), importFile(deps)]
}

const PAGE = 50
/** A city's merchants in one file; 16 MB is 160 bytes for each. */
const MAX_LINES = 100_000
const MAX_BYTES = 16 << 20
/** More faults than that are one mistake many times. */
const FAULTS_TOLD = 1_000

const HEADINGS = {
  code: ['code', 'merchantcode', '商户号', '商户编号', '商户代码'],
  name: ['name', 'merchantname', '商户名称', '商户名', '名称'],
  branch: ['branch', 'branchcode', '网点', '网点号', '归属网点', '机构号'],
  account: ['account', '结算账户', '结算账号', '账户', '账号'],
} as const

/** The merchant, if the operator may see it; another branch's is none. */
export async function merchantSeen(deps: HttpDeps, operator: Operator, code: string): Promise<BookedMerchant> {
  const date = businessDate(deps.clock.now())
  const merchant = await deps.desk.merchantBook.merchant(code, date, operator.branchCode)
  if (!merchant) throw new HttpProblem('merchant-not-found', { field: 'code' })
  return merchant
}

const listBranches = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/branches',
    summary: 'Branches with their GL accounts',
    actor: 'operator',
    permission: 'look',
    reply: contract.branchList,
    async handle({ actor }) {
      return { items: (await deps.desk.merchantBook.branches(actor)).map(presentBranch) }
    },
  })

const addBranch = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/branches',
    summary: 'A new branch and its expense GL account',
    actor: 'operator',
    permission: 'merchants',
    body: contract.branchBody,
    status: 201,
    reply: contract.branchView,
    problems: ['branch-exists'],
    async handle({ actor, body }) {
      if (actor.branchCode !== null) throw new HttpProblem('branch-refused')
      const { code, name, glAccount } = body
      const added = await deps.desk.merchantBook.addBranch(
        { branchCode: code, name, glAccount },
        {
          at: deps.clock.now(),
          username: actor.username,
          action: 'branch.add',
          subject: `branch/${code}`,
          after: { name, glAccount },
        },
      )
      if (added === 'exists') throw new HttpProblem('branch-exists', { field: 'code' })
      return { ...body, merchantCount: 0 }
    },
  })

const listMerchants = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/merchants',
    summary: 'Merchants by code, with the campaign that applies today',
    actor: 'operator',
    permission: 'look',
    query: contract.adminMerchantQuery,
    reply: contract.adminMerchantList,
    async handle({ actor, query }) {
      // One who sees a single branch finds nothing in another, whatever they ask for.
      if (query.branchCode && actor.branchCode && query.branchCode !== actor.branchCode) return { items: [] }
      const found = await deps.desk.merchantBook.list({
        branchCode: query.branchCode ?? actor.branchCode,
        q: query.q || undefined,
        date: businessDate(deps.clock.now()),
        after: query.cursor,
        limit: PAGE + 1,
      })
      const items = found.slice(0, PAGE).map(presentBookedMerchant)
      return { items, nextCursor: found.length > PAGE ? items.at(-1)!.code : undefined }
    },
  })

const readMerchant = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/merchants/:code',
    summary: 'A merchant',
    actor: 'operator',
    permission: 'look',
    params: z.object({ code: contract.merchantCode }),
    reply: contract.adminMerchant,
    problems: ['merchant-not-found'],
    async handle({ actor, params }) {
      return presentBookedMerchant(await merchantSeen(deps, actor, params.code))
    },
  })

const importFile = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/merchants/import',
    summary: 'Add and change merchants from a CSV with code, name, branch, account; with a fault in it, none of them',
    actor: 'operator',
    permission: 'merchants',
    query: contract.importQuery,
    csvBytes: MAX_BYTES,
    reply: contract.importView,
    async handle({ actor, query, csv }) {
      const { lines, faults } = await readTable(csv, HEADINGS, MAX_LINES)
      if (faults.length > 0) return importView(lines.length, { kind: 'faulty', faults })
      const result = await importMerchants(deps, lines, {
        by: actor.username,
        branchCode: actor.branchCode,
        dryRun: query.dryRun === 'true',
        sha256: createHash('sha256').update(csv).digest('hex'),
      })
      return importView(lines.length, result)
    },
  })

function importView(
  lines: number,
  result: ImportResult | { kind: 'faulty'; faults: TableFault[] },
): contract.ImportView {
  if (result.kind === 'imported') return { lines, ...result.count, faults: [], faultCount: 0 }
  const { faults } = result
  return { lines, ...NOTHING, faults: faults.slice(0, FAULTS_TOLD), faultCount: faults.length }
}

const NOTHING = { added: 0, changed: 0, unchanged: 0 }
