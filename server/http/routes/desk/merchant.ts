import { z } from 'zod'
import { addBranch, branchesSeen, merchantPage, merchantSeen } from '../../../flow/merchant/book'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentBookedMerchant, presentBranch } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { merchantImportRoute } from './merchant-import'

/** Merchants and branches, as operators keep them. */
export function adminMerchantRoutes(deps: HttpDeps): Route[] {
  return [listBranches(deps), makeBranch(deps), listMerchants(deps), readMerchant(deps), merchantImportRoute(deps)]
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
