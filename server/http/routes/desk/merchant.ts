import { createHash } from 'node:crypto'
import { z } from 'zod'
import { addBranch, branchesSeen, merchantPage, merchantSeen } from '../../../flow/merchant/book'
import { type ImportResult, importMerchants } from '../../../flow/merchant/import'
import * as contract from '../../contract'
import { readTable, type TableFault } from '../../csv-table'
import type { HttpDeps } from '../../deps'
import { presentBookedMerchant, presentBranch } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** Merchants and branches, as operators keep them. */
export function adminMerchantRoutes(deps: HttpDeps): Route[] {
  return [listBranches(deps), makeBranch(deps), listMerchants(deps), readMerchant(deps), importFile(deps)]
}

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

const listBranches = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/branches',
    summary: 'Branches with their GL accounts',
    actor: 'operator',
    permission: 'look',
    reply: contract.branchList,
    async handle({ actor }) {
      return { items: (await branchesSeen(deps, actor)).map(presentBranch) }
    },
  })

const makeBranch = (deps: HttpDeps) =>
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
      const { code: branchCode, ...rest } = body
      const added = await addBranch(deps, actor, { branchCode, ...rest })
      if (added !== 'added') throw new HttpProblem(added, added === 'branch-exists' ? { field: 'code' } : {})
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
      const { items, ...more } = await merchantPage(deps, actor, query)
      return { items: items.map(presentBookedMerchant), ...more }
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
      const merchant = await merchantSeen(deps, actor, params.code)
      if (!merchant) throw new HttpProblem('merchant-not-found', { field: 'code' })
      return presentBookedMerchant(merchant)
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
