import { Readable } from 'node:stream'
import { z } from 'zod'
import { campaignReport, exportReport, type ReportRefusal } from '../../../flow/report/report'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentReport } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type Route, route, Stream } from '../../route'

/** What a campaign did and cost. */
export function reportRoutes(deps: HttpDeps): Route[] {
  return [readReport(deps), exportFile(deps)]
}

const params = z.object({ id: contract.campaignId })

const readReport = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/campaigns/:id/report',
    summary: 'Orders, discounts, cost, slots and channels of a campaign',
    actor: 'operator',
    permission: 'look',
    dear: true,
    params,
    query: contract.reportQuery,
    reply: contract.report,
    problems: ['campaign-not-found'],
    async handle({ actor, params, query }) {
      const input = { campaignId: params.id, branchCode: actor.branchCode, ...query }
      const report = await campaignReport(deps, input)
      if (typeof report === 'string') throw refused(report)
      return presentReport(report)
    },
  })

const exportFile = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/campaigns/:id/report.csv',
    summary: 'The rows of the report, all of them, as a spreadsheet opens them',
    actor: 'operator',
    permission: 'look',
    dear: true,
    params,
    query: contract.reportQuery,
    streams: 'text/csv',
    reply: z.string(),
    problems: ['campaign-not-found'],
    async handle({ actor, params, query }) {
      const input = { campaignId: params.id, branchCode: actor.branchCode, ...query }
      const file = await exportReport(deps, actor, input)
      if (typeof file === 'string') throw refused(file)
      return new Stream(file.fileName, Readable.from(file.pieces))
    },
  })

function refused(code: ReportRefusal): HttpProblem {
  switch (code) {
    case 'campaign-not-found':
      return new HttpProblem(code, { field: 'id' })
    case 'to-before-from':
      return new HttpProblem('invalid-input', { field: 'to', detail: 'to lies before from' })
    default:
      return code satisfies never
  }
}
