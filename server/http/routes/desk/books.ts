import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Difference } from '../../../domain/difference'
import { listDays } from '../../../flow/reconcile/due'
import { reconcileDay } from '../../../flow/reconcile/reconcile'
import { keepFirstStatement } from '../../../flow/reconcile/reissued'
import { proposeCorrection, resolveDifference } from '../../../flow/reconcile/resolve'
import {
  differenceNow,
  differencePage,
  exportDay,
  type ReportFormat,
  reconciledDay,
  unsettledPage,
} from '../../../flow/reconcile/show'
import { reconciledChannels } from '../../../flow/reconcile/source'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentDay, presentDifference, presentReconciliation } from '../../present/desk'
import { HttpProblem } from '../../problem'
import { type ReplyHeaders, type Route, route, Stream } from '../../route'

/** Reconciliation (对账): the days, their differences, and what people decide about them. */
export function bookRoutes(deps: HttpDeps): Route[] {
  return [
    listReconciliations(deps),
    readReconciliation(deps),
    runReconciliation(deps),
    keepFirst(deps),
    listDifferences(deps),
    readDifference(deps),
    listUnsettled(deps),
    propose(deps),
    resolve(deps, 'accept'),
    resolve(deps, 'reject'),
    reportFile(deps, 'md'),
    reportFile(deps, 'csv'),
  ]
}

const params = z.object({ date: contract.businessDate })
const differenceParams = z.object({ id: z.string().max(80) })

const listReconciliations = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/reconciliations',
    summary: 'Business dates of a channel, newest first, and whether they are reconciled',
    actor: 'operator',
    permission: 'books',
    query: contract.reconciliationQuery,
    reply: contract.reconciliationList,
    async handle({ query }) {
      const { channel, to, days } = query
      return { items: (await listDays(deps, channel, to, days)).map(presentDay), channels: reconciledChannels(deps) }
    },
  })

const readReconciliation = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/reconciliations/:date',
    summary: 'The reconciliation of a business date',
    actor: 'operator',
    permission: 'books',
    params,
    query: contract.booksQuery,
    reply: contract.reconciliationView,
    problems: ['reconciliation-not-found'],
    async handle({ params, query }) {
      const day = await reconciledDay(deps, { ...params, ...query })
      if (!day) throw notReconciled()
      return presentReconciliation(day)
    },
  })

const runReconciliation = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/reconciliations/:date',
    summary: 'Reconcile a business date with the channel’s statement; a day that is done stays as it is',
    actor: 'operator',
    permission: 'reconcile',
    dear: true,
    params,
    query: contract.booksQuery,
    reply: contract.reconciliationView,
    problems: ['reconciliation-refused', 'day-archived', 'channel-unavailable'],
    async handle({ actor, params, query }) {
      const result = await reconcileDay(deps, { ...params, ...query }, actor.username)
      if (result.kind === 'reconciled') return presentReconciliation(result.reconciliation)
      const { code: reason, detail } = result
      if (reason === 'statement-unavailable')
        throw new HttpProblem('channel-unavailable', { detail, reason, retryAfterS: 60 })
      if (reason === 'day-archived') throw new HttpProblem(reason, { field: 'date', detail, date: params.date })
      const field = reason === 'no-statements' ? 'channel' : 'date'
      const days = 'days' in result ? result.days : undefined
      throw new HttpProblem('reconciliation-refused', { field, detail, reason, days })
    },
  })

const keepFirst = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/reconciliations/:date/keep',
    summary: 'The channel issued the statement of a day anew: the first one counts, and say why',
    actor: 'operator',
    permission: 'resolve',
    params,
    query: contract.booksQuery,
    body: contract.keepBody,
    reply: contract.reconciliationView,
    problems: ['reconciliation-not-found', 'not-reissued'],
    async handle({ actor, params, query, body }) {
      const result = await keepFirstStatement(deps, { ...params, ...query }, { ...body, operator: actor.username })
      if (result === 'not-reconciled') throw notReconciled()
      if (result === 'not-reissued') throw new HttpProblem(result, { field: 'sha256' })
      return presentReconciliation(result)
    },
  })

const listDifferences = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/reconciliations/:date/differences',
    summary: 'The differences of a business date, in the order they were found',
    actor: 'operator',
    permission: 'books',
    params,
    query: contract.differenceQuery,
    reply: contract.differenceList,
    problems: ['reconciliation-not-found'],
    async handle({ params, query }) {
      const { channel, cursor } = query
      const page = await differencePage(deps, { ...params, channel }, cursor)
      if (!page) throw notReconciled()
      return { ...page, items: page.items.map(presentDifference) }
    },
  })

const readDifference = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/differences/:id',
    summary: 'One difference, as it stands now',
    actor: 'operator',
    permission: 'books',
    params: differenceParams,
    reply: contract.differenceView,
    problems: ['difference-not-found'],
    async handle({ params, reply }) {
      const difference = await differenceNow(deps, params.id)
      if (!difference) throw new HttpProblem('difference-not-found', { field: 'id' })
      return answer(difference, reply)
    },
  })

const listUnsettled = (deps: HttpDeps) =>
  route({
    method: 'GET',
    path: '/admin/differences',
    summary: 'What nobody has decided yet, or the channel has not put right, of all days, as it was found',
    actor: 'operator',
    permission: 'books',
    query: contract.unsettledQuery,
    reply: contract.differenceList,
    async handle({ query }) {
      const page = await unsettledPage(deps, query.channel, query.cursor)
      return { ...page, items: page.items.map(presentDifference) }
    },
  })

const propose = (deps: HttpDeps) =>
  route({
    method: 'POST',
    path: '/admin/differences/:id/propose',
    summary: 'Ask for the proposed correction; another operator accepts it',
    actor: 'operator',
    permission: 'reconcile',
    params: differenceParams,
    ifMatch: true,
    reply: contract.differenceView,
    problems: ['difference-not-found', 'already-resolved', 'already-proposed', 'not-acceptable'],
    async handle({ actor, params, ifMatch, reply }) {
      const deciding = { operator: actor.username, revision: ifMatch }
      const outcome = await proposeCorrection(deps, params.id, deciding)
      if (outcome.kind === 'proposed') return answer(outcome.difference, reply)
      const by = 'difference' in outcome ? standing(outcome.difference) : undefined
      throw new HttpProblem(outcome.code, { field: fieldOf(outcome.code), detail: by })
    },
  })

const resolve = (deps: HttpDeps, decision: 'accept' | 'reject') =>
  route({
    method: 'POST',
    path: `/admin/differences/:id/${decision}`,
    summary:
      decision === 'accept'
        ? 'The bank’s record is right: post the correction that another operator asked for'
        : 'Our books are right: keep them, and say why',
    actor: 'operator',
    permission: 'resolve',
    params: differenceParams,
    ifMatch: true,
    body: contract.resolveBody,
    reply: contract.differenceView,
    problems: [
      'difference-not-found',
      'already-resolved',
      ...(decision === 'accept'
        ? (['not-proposed', 'own-proposal', 'not-acceptable', 'ended-otherwise'] as const)
        : (['note-missing'] as const)),
    ],
    async handle({ actor, params, body, ifMatch, reply }) {
      const deciding = { operator: actor.username, revision: ifMatch, note: body.note ?? '' }
      const outcome = await resolveDifference(deps, params.id, decision, deciding)
      if (outcome.kind === 'resolved') return answer(outcome.difference, reply)
      const detail = 'difference' in outcome ? standing(outcome.difference) : undefined
      throw new HttpProblem(outcome.code, { field: fieldOf(outcome.code), detail })
    },
  })

/** The difference with its ETag. */
function answer(difference: Difference, reply: (headers: ReplyHeaders) => void) {
  reply({ etag: difference.revision })
  return presentDifference(difference)
}

const fieldOf = (code: string) => (code === 'note-missing' ? 'note' : code === 'revision-changed' ? 'If-Match' : 'id')

/** `accepted by checker` */
const standing = ({ state, resolvedBy, proposedBy }: Difference) =>
  state === 'open' ? `proposed by ${proposedBy}` : `${state} by ${resolvedBy}`

const FILES = {
  md: { type: 'text/markdown', summary: 'The report of a day, to read and sign' },
  csv: { type: 'text/csv', summary: 'The differences of a day, as a spreadsheet opens them' },
} as const satisfies Record<ReportFormat, { type: string; summary: string }>

const reportFile = (deps: HttpDeps, format: ReportFormat) =>
  route({
    method: 'GET',
    path: `/admin/reconciliations/:date/report.${format}`,
    summary: FILES[format].summary,
    actor: 'operator',
    permission: 'books',
    dear: true,
    params,
    query: contract.booksQuery,
    streams: FILES[format].type,
    reply: z.string(),
    problems: ['reconciliation-not-found'],
    async handle({ actor, params, query }) {
      const file = await exportDay(deps, actor, { ...params, ...query }, format)
      if (!file) throw notReconciled()
      return new Stream(file.fileName, Readable.from(file.pieces))
    },
  })

const notReconciled = () => new HttpProblem('reconciliation-not-found', { field: 'date' })
