import { z } from 'zod'
import type { Plain } from '../../../domain/canonical'
import type { Operator } from '../../../domain/operator'
import { reconciledDay } from '../../../flow/reconcile/show'
import { campaignReport } from '../../../flow/report/report'
import { stampSheet } from '../../../flow/report/sheet-to-sign'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentReconciliation, presentReport } from '../../present/desk'
import { iso } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { refusedReport } from './report'

/** What is printed and signed: a report and a reconciled day, each with a code by which the paper can be checked. */
export function sheetRoutes(deps: HttpDeps): Route[] {
  return [reportSheet(deps), daySheet(deps)]
}

const reportSheet = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/campaigns/:id/report/sheet',
    summary: 'A campaign’s report to print and sign; what it says stays in the log under its code',
    actor: 'operator',
    permission: 'look',
    dear: true,
    params: z.object({ id: contract.campaignId }),
    body: contract.sheetOfReportBody,
    reply: contract.sheetOfReport,
    problems: ['campaign-not-found'],
    async handle({ actor, params, body }) {
      const input = { campaignId: params.id, branchCode: actor.branchCode, ...body }
      const found = await campaignReport(deps, input)
      if (typeof found === 'string') throw refusedReport(found)
      const { campaignId, name, organiser, version, startDate, endDate } = found.campaign
      const report = presentReport(found)
      const sheet = { campaign: { campaignId, name, organiser, version, startDate, endDate }, report }
      const { from, to, by, total } = report
      const { orderCount, discountCount, discountFen, costFen } = total
      return stamped(deps, actor, sheet, { campaignId, from, to, by, orderCount, discountCount, discountFen, costFen })
    },
  })

const daySheet = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/reconciliations/:date/sheet',
    summary: 'A reconciled day to print and sign; what it says stays in the log under its code',
    actor: 'operator',
    permission: 'books',
    params: z.object({ date: contract.businessDate }),
    body: contract.sheetOfDayBody,
    reply: contract.sheetOfDay,
    problems: ['reconciliation-not-found'],
    async handle({ actor, params, body }) {
      const day = await reconciledDay(deps, { ...params, ...body })
      if (!day) throw new HttpProblem('reconciliation-not-found', { field: 'date' })
      const sheet = presentReconciliation(day)
      const { channel, date, lines, proven, settled, openCount, sha256: statement } = sheet
      return stamped(deps, actor, sheet, { channel, date, lines, proven, settled, openCount, statement })
    },
  })

async function stamped<Sheet extends object>(deps: HttpDeps, by: Operator, sheet: Sheet, kept: object) {
  const { generatedAt, ...stamp } = await stampSheet(deps, by, sheet as Plain, kept)
  return { sheet, generatedAt: iso(generatedAt), ...stamp }
}
