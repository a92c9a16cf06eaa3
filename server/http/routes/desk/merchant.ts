import { z } from 'zod'
import { branchesSeen, merchantPage, merchantSeen } from '../../../flow/merchant/book'
import { addBranch, type BranchResult, correctBranch } from '../../../flow/merchant/branch'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentBookedMerchant, presentBranch } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type ReplyHeaders, type Route, route } from '../../route'
import { merchantImportRoute } from './merchant-import'

/** Merchants and branches, as operators keep them. */
export function adminMerchantRoutes(deps: HttpDeps): Route[] {
  return [
    listBranches(deps),
    makeBranch(deps),
    patchBranch(deps),
    listMerchants(deps),
    readMerchant(deps),
    merchantImportRoute(deps),
  ]
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
    problems: ['branch-exists', 'account-refused'],
    async handle({ actor, body, reply }) {
      const { code: branchCode, ...rest } = body
      return branchView(await addBranch(deps, actor, { branchCode, ...rest }), reply)
    },
  })

const patchBranch = (deps: HttpDeps) =>
  route({
    method: 'PATCH',
    path: '/admin/branches/:code',
    summary: 'Correct a branch’s name or GL account; what is left out stays',
    actor: 'operator',
    permission: 'merchants',
    params: z.object({ code: contract.branchCode }),
    ifMatch: true,
    body: contract.branchPatch,
    reply: contract.branchView,
    problems: ['branch-not-found', 'account-refused'],
    async handle({ actor, params, body, ifMatch, reply }) {
      const correction = { branchCode: params.code, revision: ifMatch, change: body }
      return branchView(await correctBranch(deps, actor, correction), reply)
    },
  })

/** The branch with its ETag, or why it isn't written. */
function branchView(result: BranchResult, reply: (headers: ReplyHeaders) => void) {
  if (result.kind === 'written') {
    reply({ etag: result.branch.revision })
    return presentBranch(result.branch)
  }
  const { code } = result
  switch (code) {
    case 'branch-alike':
      throw new HttpProblem('branch-exists', { field: 'code', reason: code })
    case 'branch-exists':
    case 'branch-not-found':
      throw new HttpProblem(code, { field: 'code' })
    case 'account-malformed':
    case 'account-taken':
      throw new HttpProblem('account-refused', { field: 'glAccount', reason: code })
    case 'revision-changed':
      throw new HttpProblem(code, { field: 'If-Match' })
    case 'branch-refused':
      throw new HttpProblem(code)
  }
}

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
