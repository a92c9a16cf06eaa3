import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Load } from '../flow/ports'
import { whenOver } from '../serve/over'
import { REQUEST_ID, requestIdOf } from '../sight/request-id'
import { expectedWait } from './expected-wait'
import type { Admit } from './line'
import { problems, shed } from './metrics'
import { asksForPage, PROBLEM_PAGE_POLICY, problemPage } from './present/problem-page'
import { HttpProblem } from './problem'

/**
 * What is given up, in this order, as people wait longer, as the event loop is later and as more is under way: first what the desk reads and
 * imports, then the quotes' discounts, then pages and all else that isn't part of a payment, then those who come to pay, and last the payments of
 * those who have their price. `waits` and `late`: how many times the delay that starts it; a late loop may be the machine's, where refusing
 * helps nobody. `share` of the requests that may be under way.
 */
const STEPS = [
  { what: 'desk', waits: 1, late: 1, share: 0.5 },
  { what: 'discounts', waits: 1.5, late: 2, share: 0.75 },
  { what: 'pages', waits: 2, late: 5, share: 0.9 },
  { what: 'newcomers', waits: 2.5, late: 10, share: 0.95 },
  { what: 'payments', waits: 5, late: 20, share: 1 },
] as const

const stepOf = (what: (typeof STEPS)[number]['what']) => STEPS.findIndex((step) => step.what === what) + 1
const DESK = stepOf('desk')
const DISCOUNTS = stepOf('discounts')
const PAGES = stepOf('pages')
const NEWCOMERS = stepOf('newcomers')
const PAYMENTS = stepOf('payments')

/** What the desk reads at length, and files; not its log-in, nor what stops a campaign, which are given up with the pages. */
const LONG =
  /\/(report|preview|import|codes|export|audit|orders|refunds|reconciliations|differences|history|decks|merchants)\b/
/** Paying, its confirming, asking how it stands, and what channels tell of it. */
const PAYING = /^\/(api\/orders(\/|\?|$)|channel\/)/
/** What a payer can't begin without: the session, the shop, the accounts, the price. */
const COMING = /^\/api\/((quotes|session|agreements)(\/|\?|$)|merchants\/[^/?]+(\?|$))/
/** By how long these take is known how long anybody waits: each of them needs this process and its stores, and nobody else before a channel. */
const MEASURED = /^\/api\/(orders|quotes)(\/|\?|$)/

/** At which step a request is given up. */
function stepFor({ method, url = '' }: IncomingMessage): number {
  if (PAYING.test(url)) return PAYMENTS
  if (COMING.test(url)) return NEWCOMERS
  if (!url.startsWith('/admin/')) return PAGES
  const path = url.split('?', 1)[0]!
  // Stopping always works (I12): `/admin/merchants/M1/pause` is no list of merchants.
  if (method !== 'GET' && /\/(pause|brake)$/.test(path)) return PAYMENTS
  return LONG.test(path) ? DESK : PAGES
}

export interface LoadOptions {
  /** requests that may be under way at a time */
  requests: number
  /** so late the event loop is, or so long people wait, when the first step is taken, ms */
  delayMs: number
  /** never jumps, ms */
  now(): number
  /** of the event loop, ms */
  delay(): number
  /** of those under way, how many only wait for a channel: they are bounded there, and cost this process next to nothing */
  waiting(): number
}

export interface Admission extends Load {
  /** Refuses what can't be served now, before anything is done for it. How long floods are here says nothing of how long others are. */
  admit: Admit
  /** requests under way, how long whoever comes now waits, and how many steps are taken */
  figures(): { underWay: number; waitMs: number; steps: number }
}

/** A browser and two proxies send some thirty. Node passes over what is beyond two thousand, and then two read one request differently. */
const MAX_HEADERS = 100
/** In so long a burst has passed. */
const RETRY_S = 2

export function admission({ requests, delayMs, now, delay, waiting }: LoadOptions): Admission {
  const wait = expectedWait(now, waiting)
  let underWay = 0
  const left = () => void underWay--

  function steps(): number {
    const isLate = delay() / delayMs
    const isWaited = wait.ms() / delayMs
    const full = (underWay - waiting()) / requests
    let taken = 0
    for (const { waits, late, share } of STEPS) if (isWaited >= waits || isLate >= late || full >= share) taken++
    return taken
  }

  return {
    admit:
      (serve, floods = false) =>
      (request, response) => {
        if (request.rawHeaders.length > 2 * MAX_HEADERS) return answer(request, response, TOO_MANY_HEADERS)
        const taken = steps()
        if (taken > 0 && taken >= stepFor(request)) {
          shed.inc({ what: STEPS[stepFor(request) - 1]!.what })
          return answer(request, response, OVERLOADED)
        }
        underWay++
        whenOver(response, left)
        if (!floods && MEASURED.test(request.url ?? '')) wait.count(request, response)
        serve(request, response)
      },
    drawsCards() {
      const draws = steps() < DISCOUNTS
      if (!draws) shed.inc({ what: 'discounts' })
      return draws
    },
    figures: () => ({ underWay, waitMs: wait.ms(), steps: steps() }),
  }
}

const OVERLOADED = new HttpProblem('overloaded', { retryAfterS: RETRY_S })
const TOO_MANY_HEADERS = new HttpProblem('headers-too-large', { detail: `at most ${MAX_HEADERS} headers` })

/** Before anything was done for it: not even its body is read. */
function answer({ method, headers }: IncomingMessage, response: ServerResponse, problem: HttpProblem): void {
  const page = asksForPage(method, headers.accept)
  problems.inc({ code: problem.code })
  // No line of ours has it: who stands in front may have one, by the number that it sent.
  const requestId = requestIdOf(headers)
  const body = page ? problemPage(problem) : JSON.stringify(problem.body(requestId))
  // It would say this process's time, and pages go by the ledger's.
  response.sendDate = false
  response.writeHead(problem.status, {
    'Content-Type': `${page ? 'text/html' : 'application/problem+json'}; charset=utf-8`,
    ...(page && { 'Content-Security-Policy': PROBLEM_PAGE_POLICY }),
    Vary: 'Accept',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    [REQUEST_ID]: requestId,
    ...(problem.more.retryAfterS !== undefined && { 'Retry-After': String(problem.more.retryAfterS) }),
  })
  response.end(body)
}
