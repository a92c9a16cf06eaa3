import { Readable } from 'node:stream'
import { z } from 'zod'
import { archivedBefore } from '../../../flow/archive/archived'
import { merchantFile, merchantPeriod, type Period, periodOf } from '../../../flow/merchant/period'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { HttpProblem } from '../../problem'
import { type Route, route, Stream } from '../../route'

/** A merchant's week and month, and the file of its orders. */
export function periodRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/merchant/days',
      summary: 'What each day of a period came to, and all of it',
      actor: 'merchant',
      query: contract.periodQuery,
      reply: contract.merchantDays,
      async handle({ actor, query }) {
        const period = sound(deps, query)
        return { ...period, ...(await merchantPeriod(deps, actor.merchantCode, period)) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/merchant/orders.csv',
      summary: 'The paid orders of a period, as a spreadsheet opens them',
      actor: 'merchant',
      limit: 'file',
      query: contract.periodQuery,
      streams: 'text/csv',
      reply: z.string(),
      problems: ['day-archived'],
      async handle({ actor, query }) {
        const period = sound(deps, query)
        // Without what is archived it would look whole.
        const before = await archivedBefore(deps, {}, period.from)
        if (before) throw new HttpProblem('day-archived', { field: 'from', archivedBefore: before })
        const { fileName, pieces } = merchantFile(deps, actor.merchantCode, period)
        return new Stream(fileName, Readable.from(pieces))
      },
    }),
  ]
}

/** Problem: invalid-input. */
function sound(deps: HttpDeps, asked: Parameters<typeof periodOf>[1]): Period {
  const period = periodOf(deps.clock, asked)
  if (typeof period === 'string') throw new HttpProblem('invalid-input', { field: 'to', detail: period })
  return period
}
