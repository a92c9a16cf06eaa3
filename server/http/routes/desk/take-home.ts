import { z } from 'zod'
import type { Operator } from '../../../domain/operator'
import { type TakeHome, takeLog, takeMerchants, takeOrders, takeRefunds } from '../../../flow/report/take-home'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'
import { fileOf, SHEET_TYPES } from '../../sheet-file'
import type { SheetFormat } from '../../sheet-task'
import { merchantQuery } from './merchant'
import { archivedOf, orderFilter, refundFilter } from './order'

/** The lists of orders, refunds, merchants and deeds as files: by the filters of the list, all rows of it. */
export function takeHomeRoutes(deps: HttpDeps): Route[] {
  return (['csv', 'xlsx'] as const).flatMap((format) => [
    ordersFile(deps, format),
    refundsFile(deps, format),
    merchantsFile(deps, format),
    logFile(deps, format),
  ])
}

const KINDS = { csv: 'as CSV', xlsx: 'as a workbook' } as const satisfies Record<SheetFormat, string>

/** What all of them have. */
const fileRoute = (format: SheetFormat) =>
  ({
    method: 'GET',
    actor: 'operator',
    dear: true,
    streams: SHEET_TYPES[format],
    reply: z.string(),
    problems: ['export-too-large'],
  }) as const

function sent(deps: HttpDeps, by: Operator, taken: TakeHome, format: SheetFormat, signal: AbortSignal) {
  if (taken === 'export-too-large') throw new HttpProblem(taken)
  return fileOf(deps, by, taken, format, signal)
}

const ordersFile = (deps: HttpDeps, format: SheetFormat) =>
  route({
    ...fileRoute(format),
    path: `/admin/orders.${format}`,
    summary: `Orders by the list’s filters, newest first, ${KINDS[format]}`,
    permission: 'look',
    query: contract.adminOrderQuery.omit({ cursor: true }),
    problems: ['export-too-large', 'day-archived'],
    async handle({ actor, query, signal }) {
      const archivedBefore = await archivedOf(deps, query)
      if (archivedBefore) throw new HttpProblem('day-archived', { field: 'from', archivedBefore })
      return sent(deps, actor, await takeOrders(deps, actor, orderFilter(query), format), format, signal())
    },
  })

const refundsFile = (deps: HttpDeps, format: SheetFormat) =>
  route({
    ...fileRoute(format),
    path: `/admin/refunds.${format}`,
    summary: `Refunds by the list’s filters, newest first, ${KINDS[format]}`,
    permission: 'look',
    query: contract.adminRefundQuery.omit({ cursor: true }),
    async handle({ actor, query, signal }) {
      return sent(deps, actor, await takeRefunds(deps, actor, refundFilter(query), format), format, signal())
    },
  })

const merchantsFile = (deps: HttpDeps, format: SheetFormat) =>
  route({
    ...fileRoute(format),
    path: `/admin/merchants.${format}`,
    summary: `Merchants by the list’s filters, sorted as it is, ${KINDS[format]}`,
    permission: 'look',
    query: contract.adminMerchantQuery.omit({ cursor: true, limit: true }),
    async handle({ actor, query, signal }) {
      return sent(deps, actor, await takeMerchants(deps, actor, merchantQuery(query), format), format, signal())
    },
  })

const logFile = (deps: HttpDeps, format: SheetFormat) =>
  route({
    ...fileRoute(format),
    path: `/admin/audit.${format}`,
    summary: `What operators did by the log’s filters, newest first, ${KINDS[format]}`,
    permission: 'log',
    query: contract.actionQuery.omit({ cursor: true }),
    async handle({ actor, query, signal }) {
      return sent(deps, actor, await takeLog(deps, actor, query, format), format, signal())
    },
  })
