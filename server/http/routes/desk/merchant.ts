import { z } from 'zod'
import { WALLETS } from '../../../domain/channel'
import type { FileFault } from '../../../domain/file-fault'
import { archivedBefore } from '../../../flow/archive/archived'
import { changeSeen } from '../../../flow/change/show'
import { merchantPage, merchantSeen, settlementsSeen } from '../../../flow/merchant/book'
import { changeMerchant } from '../../../flow/merchant/change'
import { daysSeen } from '../../../flow/merchant/days'
import { askToTurn } from '../../../flow/merchant/turn'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentChange } from '../../present/change'
import { presentBookedMerchant } from '../../present/desk'
import { presentSettlement } from '../../present/payer'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { branchRoutes } from './branch'
import { ASK_PROBLEMS, answerAsked } from './change-answer'
import { merchantImportRoute } from './merchant-import'

/** Merchants and branches, as operators keep them. */
export function adminMerchantRoutes(deps: HttpDeps): Route[] {
  return [
    ...branchRoutes(deps),
    listMerchants(deps),
    readMerchant(deps),
    readSettlements(deps),
    readDays(deps),
    patchMerchant(deps),
    merchantImportRoute(deps),
    turnMerchant(deps, 'disable', 'Ask that nobody can pay at a merchant any more, which another operator approves'),
    turnMerchant(
      deps,
      'enable',
      'Ask that a merchant that was disabled can be paid again, which another operator approves',
    ),
  ]
}

const listMerchants = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/merchants',
    summary: 'Merchants, with the campaign that applies today and what today came to',
    actor: 'operator',
    permission: 'look',
    query: contract.adminMerchantQuery,
    reply: contract.adminMerchantList,
    async handle({ actor, query }) {
      const { items, ...more } = await merchantPage(deps, actor, merchantQuery(query))
      return { items: items.map(presentBookedMerchant), ...more }
    },
  })

/** A list and its file are asked for alike. */
export function merchantQuery({ bound, disabled, order, ...query }: z.output<typeof contract.adminMerchantQuery>) {
  return { ...query, bound: truth(bound), disabled: truth(disabled), descending: order === 'desc' }
}

const truth = (text: 'true' | 'false' | undefined) => (text === undefined ? undefined : text === 'true')

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

const readSettlements = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/merchants/:code/settlements',
    summary: 'What of a merchant’s business date each channel brought to which account',
    actor: 'operator',
    permission: 'look',
    params: z.object({ code: contract.merchantCode }),
    query: contract.dayQuery,
    reply: contract.settlementList,
    problems: ['merchant-not-found'],
    async handle({ actor, params, query }) {
      const day = await settlementsSeen(deps, actor, params.code, query.date)
      if (!day) throw new HttpProblem('merchant-not-found', { field: 'code' })
      const items = day.items.map((one) => ({ ...presentSettlement(one), account: one.account }))
      return { date: day.date, items }
    },
  })

const readDays = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/merchants/:code/days',
    summary: 'What each business date of a merchant came to, the newest first',
    actor: 'operator',
    permission: 'look',
    params: z.object({ code: contract.merchantCode }),
    query: contract.adminMerchantDaysQuery,
    reply: contract.adminMerchantDays,
    problems: ['merchant-not-found'],
    async handle({ actor, params, query }) {
      const days = await daysSeen(deps, actor, params.code, query)
      if (typeof days === 'string') throw new HttpProblem('invalid-input', { field: 'to', detail: days })
      if (!days) throw new HttpProblem('merchant-not-found', { field: 'code' })
      return { ...days, archivedBefore: await archivedBefore(deps, {}, days.from) }
    },
  })

const patchMerchant = (deps: HttpDeps) =>
  route({
    method: 'PATCH',
    path: '/admin/merchants/:code',
    summary:
      'Change a merchant’s name at once; ask for another settlement account, number at a wallet or branch, which another operator approves (202)',
    actor: 'operator',
    permission: 'merchants',
    params: z.object({ code: contract.merchantCode }),
    body: contract.merchantPatch,
    reply: contract.merchantChanged,
    problems: ['merchant-not-found', 'account-refused', 'branch-not-found', 'change-open'],
    async handle({ actor, params, body, reply }) {
      const result = await changeMerchant(deps, actor, params.code, body)
      if (result.kind === 'faulty') throw faulty(result.fault)
      if (result.kind === 'refused') throw new HttpProblem(result.code)
      const { merchant, review } = result
      const change = review && (await changeSeen(deps, actor, review.changeId))
      if (change) reply({ status: 202 })
      return { merchant: presentBookedMerchant(merchant), change: change ? presentChange(change, actor) : null }
    },
  })

const turnMerchant = (deps: HttpDeps, turn: 'disable' | 'enable', summary: string) =>
  route({
    method: 'POST',
    path: `/admin/merchants/:code/${turn}`,
    summary,
    actor: 'operator',
    permission: 'merchants',
    params: z.object({ code: contract.merchantCode }),
    body: contract.merchantTurnBody,
    status: 202,
    reply: contract.askedChange,
    problems: ['merchant-not-found', ...ASK_PROBLEMS],
    async handle({ actor, params, body, reply }) {
      const asked = await askToTurn(deps, actor, { merchantCode: params.code, turn, note: body.note })
      if (!asked) throw new HttpProblem('merchant-not-found', { field: 'code' })
      return answerAsked(asked, actor, reply)
    },
  })

const FIELDS: Record<string, string> = {
  branch: 'branchCode',
  ...Object.fromEntries(WALLETS.map((name) => [name, `walletAccounts.${name}`])),
}

/** What a table says of its line, of the one field. */
function faulty({ field, code, message }: FileFault): HttpProblem {
  const at = { field: FIELDS[field] ?? field, reason: code, detail: message }
  if (code === 'account-refused' || code === 'account-is-gl') return new HttpProblem('account-refused', at)
  return new HttpProblem(code === 'branch-not-found' ? code : 'invalid-input', at)
}
