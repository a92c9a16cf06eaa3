import type { IncomingMessage, ServerResponse } from 'node:http'
import type Koa from 'koa'
import { networkOf } from '../domain/ip'
import type { Allowance, Limit, Limiter } from '../flow/ports'
import type { Caller } from './caller'
import type { HttpDeps } from './deps'
import { type By, LIMITS, type LimitName, type Rule } from './limits'
import { limited } from './metrics'
import { HttpProblem } from './problem'
import type { Actor } from './route'

for (const limit of Object.keys(LIMITS)) limited.inc({ limit }, 0)

export interface Who {
  caller: Caller
  actor?: Actor | undefined
}

interface Standing extends Allowance {
  limit: Limit
}

/** Counts a request by each rule, until one has enough of it. Answers that one, or else the one that is nearest to its end. */
function spend(limiter: Limiter, rules: readonly Rule[], who: Who): Standing {
  let nearest: Standing | undefined
  for (const rule of rules)
    for (const [limit, whom] of countsOf(rule, who)) {
      const standing = { limit, ...limiter.spend(limit, whom) }
      if (!standing.allowed) return standing
      if (!nearest || partLeft(standing) < partLeft(nearest)) nearest = standing
    }
  return nearest!
}

const partLeft = ({ left, limit }: Standing) => left / limit.points

function countsOf({ by, limit, wide }: Rule, { caller, actor }: Who): [Limit, string][] {
  // Any device may be named, so whoever names none is no worse: their address counts, which stands beside each device's limit.
  if (by === 'device' && caller.device === null) return []
  const whom = nameOf(by, caller, actor)
  const network = wide ? networkOf(whom) : null
  if (!wide || network === null) return [[limit, whom]]
  return [
    [limit, whom],
    [wide, network],
  ]
}

function nameOf(by: By, { address, device }: Caller, actor: Actor | undefined): string {
  if (by === 'address') return address
  if (by === 'device') return `${address} ${device}`
  if (actor?.kind !== by) throw new Error(`a limit counts by ${by} what ${actor?.kind ?? 'anybody'} may do`)
  switch (actor.kind) {
    case 'payer':
      return actor.payerId
    case 'merchant':
      return actor.merchantCode
    case 'operator':
      return actor.username
  }
}

/** Whether a request may go on; says in its answer where it stands. Problem: too-many-requests. */
export function admit(limiter: Limiter, response: ServerResponse, name: LimitName, who: Who): void {
  const standing = spend(limiter, LIMITS[name], who)
  // Nobody else needs to know, and most answers are a little shorter.
  if (standing.left * 2 < standing.limit.points) tell(response, standing)
  if (!standing.allowed) throw tooMany(name, standing)
}

/**
 * As {@link admit}; but what was asked before is answered again beyond the limit, too, for as often as a page may ask: whoever is told to
 * wait must not be left unsure of what they have begun.
 */
export async function admitRepeats(
  limiter: Limiter,
  response: ServerResponse,
  name: LimitName,
  who: Who,
  isRepeat: () => Promise<boolean>,
): Promise<void> {
  try {
    admit(limiter, response, name, who)
  } catch (refused) {
    if (!spend(limiter, LIMITS.repeats, who).allowed || !(await isRepeat())) throw refused
  }
}

type Deps = Pick<HttpDeps, 'limiter' | 'callerOf'>

/** As {@link admit}, of who is nobody yet. Problem: too-many-requests. */
export function admitAnybody(deps: Deps, { req, res }: Koa.Context, name: LimitName): void {
  admit(deps.limiter, res, name, { caller: deps.callerOf(req) })
}

/** The same for who is told in another way: a browser on its way to a page. */
export function isAdmitted({ limiter, callerOf }: Deps, { req }: Koa.Context, name: LimitName): boolean {
  const { allowed } = spend(limiter, LIMITS[name], { caller: callerOf(req) })
  if (!allowed) limited.inc({ limit: name })
  return allowed
}

/** The same for what has no answer of HTTP: an upgrade. Problem: too-many-requests. */
export function admitUpgrade(
  { limiter, callerOf }: Deps,
  request: IncomingMessage,
  name: LimitName,
  actor: Actor,
): void {
  const standing = spend(limiter, LIMITS[name], { caller: callerOf(request), actor })
  if (!standing.allowed) throw tooMany(name, standing)
}

/** What counts only when it fails: admitted here, and counted by what this gives. Problem: too-many-requests. */
export function admitAttempt({ limiter, callerOf }: Deps, { req, res }: Koa.Context, name: LimitName): () => void {
  const who = { caller: callerOf(req) }
  for (const rule of LIMITS[name])
    for (const [limit, whom] of countsOf(rule, who)) {
      const standing = { limit, ...limiter.look(limit, whom) }
      if (standing.allowed) continue
      tell(res, standing)
      throw tooMany(name, standing)
    }
  return () => void spend(limiter, LIMITS[name], who)
}

/** draft-ietf-httpapi-ratelimit-headers: what may be, and what is left of it for how many seconds. */
function tell(response: ServerResponse, { limit, left, resetMs }: Standing): void {
  response.setHeader('RateLimit-Policy', `"${limit.name}";q=${limit.points};w=${limit.seconds}`)
  response.setHeader('RateLimit', `"${limit.name}";r=${left};t=${secondsOf(resetMs)}`)
}

function tooMany(name: LimitName, { resetMs }: Standing): HttpProblem {
  limited.inc({ limit: name })
  return new HttpProblem('too-many-requests', { retryAfterS: Math.max(1, secondsOf(resetMs)) })
}

const secondsOf = (ms: number) => Math.ceil(ms / 1_000)
