import { z } from 'zod'
import { branchesSeen } from '../../../flow/merchant/book'
import { askForBranch, type BranchResult, correctBranch } from '../../../flow/merchant/branch'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentBranch } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { ASK_PROBLEMS, answerAsked, changeProblem } from './change-answer'

/** Branches and the accounts that pay their merchants' subsidy. */
export function branchRoutes(deps: HttpDeps): Route[] {
  return [listBranches(deps), makeBranch(deps), patchBranch(deps)]
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
    summary: 'Ask for a new branch and its expense GL account, which another operator approves',
    actor: 'operator',
    permission: 'merchants',
    body: contract.branchBody,
    status: 202,
    reply: contract.askedChange,
    problems: ['branch-exists', 'account-refused', ...ASK_PROBLEMS],
    async handle({ actor, body, reply }) {
      const { code: branchCode, note = null, ...rest } = body
      const result = await askForBranch(deps, actor, { branchCode, note, ...rest })
      if (result.kind !== 'asked') throw refused(result)
      return answerAsked(result, actor, reply)
    },
  })

const patchBranch = (deps: HttpDeps) =>
  route({
    method: 'PATCH',
    path: '/admin/branches/:code',
    summary: 'Correct a branch’s name at once, or ask for another GL account, which another operator approves (202)',
    actor: 'operator',
    permission: 'merchants',
    params: z.object({ code: contract.branchCode }),
    ifMatch: true,
    body: contract.branchPatch,
    reply: z.union([contract.branchView, contract.askedChange]),
    problems: ['branch-not-found', 'account-refused', ...ASK_PROBLEMS],
    async handle({ actor, params, body, ifMatch, reply }) {
      const result = await correctBranch(deps, actor, { branchCode: params.code, revision: ifMatch, change: body })
      if (result.kind === 'asked') return answerAsked(result, actor, reply)
      if (result.kind === 'refused') throw refused(result)
      reply({ etag: result.branch.revision })
      return presentBranch(result.branch)
    },
  })

/** Why it isn't written. */
function refused(result: BranchResult): HttpProblem {
  if (result.kind !== 'refused') throw new Error(`a branch was ${result.kind}, and not asked for`)
  const { code } = result
  switch (code) {
    case 'account-malformed':
      return new HttpProblem('account-refused', { field: 'glAccount', reason: code })
    case 'branch-not-found':
      return new HttpProblem(code, { field: 'code' })
    case 'revision-changed':
      return new HttpProblem(code, { field: 'If-Match' })
    default:
      return changeProblem({ ...result, code })
  }
}
