import { z } from 'zod'
import { drawControlMerchants } from '../../../flow/campaign/draw-controls'
import { campaignEffect } from '../../../flow/report/effect'
import { importCounts } from '../../../flow/report/import-counts'
import * as contract from '../../contract'
import { pagesOf } from '../../csv-table'
import { countsTask } from '../../csv-tasks'
import type { HttpDeps } from '../../deps'
import { type Lately, measuredLately } from '../../measured-lately'
import { unhurried } from '../../pace'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { answerDetail, campaignParams, orProblem } from './campaign-answer'

/** 100,000 lines of code, date and number are 4 MB; a name beside them fits too. */
const FILE_BYTES = 8 << 20

/** Whether a campaign moved payers, and what that is measured with. */
export function effectRoutes(deps: HttpDeps): Route[] {
  const lately = measuredLately(deps)
  return [readEffect(deps, lately), importOtherCounts(deps, lately), draw(deps)]
}

const readEffect = (deps: HttpDeps, { desk }: Lately) =>
  route({
    method: 'GET',
    path: '/admin/campaigns/:id/effect',
    summary: 'The own-channel share against the merchants left out, with an interval that may be looked at daily',
    actor: 'operator',
    permission: 'look',
    dear: true,
    params: campaignParams,
    reply: contract.campaignEffect,
    problems: ['campaign-not-found'],
    async handle({ actor, params }) {
      const effect = await campaignEffect({ ...deps, desk }, { campaignId: params.id, branchCode: actor.branchCode })
      if (!effect) throw new HttpProblem('campaign-not-found', { field: 'id' })
      return effect
    },
  })

const importOtherCounts = (deps: HttpDeps, { forget }: Lately) =>
  route({
    method: 'POST',
    path: '/admin/counts/import',
    summary:
      'Orders of other channels from a CSV with code, date, orders, a line a merchant and day; what differs is kept as the next revision; with a fault in it, none of them',
    actor: 'operator',
    permission: 'merchants',
    dear: true,
    query: z.object({ dryRun: z.enum(['true', 'false']).optional() }),
    csv: { bytes: FILE_BYTES, read: countsTask },
    reply: contract.importView,
    async handle({ actor, query, csv: table }) {
      const { username: by, branchCode } = actor
      const file = { ...table, pages: () => unhurried(pagesOf(table)) }
      const result = await importCounts(deps, file, { by, branchCode, dryRun: query.dryRun === 'true' })
      forget()
      const { lines } = table
      if (result.kind === 'imported') return { lines, ...result.count, faults: [], faultCount: 0 }
      const { named: faults, count: faultCount } = result.faults
      return { lines, added: 0, changed: 0, unchanged: 0, faults, faultCount }
    },
  })

const draw = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/campaigns/:id/controls/draw',
    summary:
      'Draw a draft’s control merchants at random from all it names, by branch and turnover; the same again each time',
    actor: 'operator',
    permission: 'draft',
    dear: true,
    params: campaignParams,
    ifMatch: true,
    body: contract.controlDraw,
    reply: contract.campaignDetail,
    problems: ['campaign-not-found', 'not-a-draft', 'campaign-faulty'],
    async handle({ actor, params, ifMatch, body, reply }) {
      orProblem(await drawControlMerchants(deps, actor, params.id, ifMatch, body.percent))
      return answerDetail(deps, actor, params.id, reply)
    },
  })
