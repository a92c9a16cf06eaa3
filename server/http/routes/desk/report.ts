import { z } from 'zod'
import { campaignReport, exportReport, type ReportRefusal, reportRows } from '../../../flow/report/report'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentReport, presentReportRow } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { fileOf, SHEET_TYPES } from '../../sheet-file'
import type { SheetFormat } from '../../sheet-task'

/** What a campaign did and cost. */
export function reportRoutes(deps: HttpDeps): Route[] {
  return [readReport(deps), readRows(deps), exportFile(deps, 'csv'), exportFile(deps, 'xlsx')]
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
      if (typeof report === 'string') throw refusedReport(report)
      return presentReport(report)
    },
  })

const readRows = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/campaigns/:id/report/rows',
    summary: 'The rows of the report after those that were read',
    actor: 'operator',
    permission: 'look',
    dear: true,
    params,
    query: contract.reportRowsQuery,
    reply: contract.reportRows,
    problems: ['campaign-not-found'],
    async handle({ actor, params, query }) {
      const page = await reportRows(deps, { campaignId: params.id, branchCode: actor.branchCode, ...query })
      if (typeof page === 'string') throw refusedReport(page)
      const { rows, nextCursor } = page
      return { items: rows.map(presentReportRow), nextCursor }
    },
  })

const exportFile = (deps: HttpDeps, format: SheetFormat) =>
  route({
    method: 'GET',
    path: `/admin/campaigns/:id/report.${format}`,
    summary: 'The rows of the report, all of them, as a spreadsheet opens them',
    actor: 'operator',
    permission: 'look',
    dear: true,
    params,
    query: contract.reportQuery,
    streams: SHEET_TYPES[format],
    reply: z.string(),
    problems: ['campaign-not-found'],
    async handle({ actor, params, query, signal }) {
      const input = { campaignId: params.id, branchCode: actor.branchCode, ...query }
      const sheet = await exportReport(deps, actor, input, format)
      if (typeof sheet === 'string') throw refusedReport(sheet)
      return fileOf(deps, actor, sheet, format, signal())
    },
  })

export function refusedReport(code: ReportRefusal): HttpProblem {
  switch (code) {
    case 'campaign-not-found':
      return new HttpProblem(code, { field: 'id' })
    case 'to-before-from':
      return new HttpProblem('invalid-input', { field: 'to', detail: 'to lies before from' })
    default:
      return code satisfies never
  }
}
