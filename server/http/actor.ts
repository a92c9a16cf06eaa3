import { type Operator, refuses } from '../domain/operator'
import { secondFactorDue } from '../flow/operator/second-factor'
import type { HttpDeps } from './deps'
import { HttpProblem } from './problem'
import type { Actor, Route } from './route'
import { type Bearer, bearer } from './token'

/** A stolen token gives away no more than a day's figures: what moves money or rights is asked of who has just logged in. */
const FRESH_MS = 15 * 60_000

/**
 * Who is calling, if the route is theirs. An operator's roles, branch and session are read anew each time: whoever is
 * disabled or logged out is so at once. Problems: token-*, session-stale, role-refused, branch-refused, password-change-due,
 * second-factor-due.
 */
export async function actorOf(deps: HttpDeps, spec: Route, authorization: string): Promise<Actor> {
  const now = deps.clock.now()
  const { bearer: caller, issuedAt } = deps.tokens.readHeld(bearer(authorization), now)
  if (caller.kind !== spec.actor) throw new HttpProblem('role-refused')
  if (spec.fresh && now - issuedAt > FRESH_MS) throw new HttpProblem('session-stale')
  if (caller.kind === 'merchant') return merchantActor(deps, caller)
  if (caller.kind !== 'operator') return caller
  const session = await deps.operators.session(caller.sessionId, now)
  if (!session) throw new HttpProblem('token-invalid')
  // A route without a permission of its own is nobody's, not everybody's.
  if (spec.permission === undefined) throw new HttpProblem('role-refused')
  if (spec.permission !== null) {
    if (session.mustChangePassword) throw new HttpProblem('password-change-due')
    if (secondFactorDue(deps, session)) throw new HttpProblem('second-factor-due')
    const refused = refuses(session.operator, spec.permission)
    if (refused) throw await refusal(deps, spec, session.operator, refused)
  }
  return { kind: 'operator', sessionId: caller.sessionId, ...session.operator }
}

/** Who may not is told so; where it would have changed something, the log has the attempt. */
async function refusal(
  { operators, clock }: HttpDeps,
  { method, path, permission }: Route,
  { username }: Operator,
  code: 'role-refused' | 'branch-refused',
): Promise<HttpProblem> {
  const after = { code, method, path }
  if (method !== 'GET')
    await operators.logRefusal({
      at: clock.now(),
      username,
      action: 'access.refuse',
      subject: `permission/${permission}`,
      after,
    })
  return new HttpProblem(code)
}

/**
 * The merchant's user, while they are bound: whoever was unbound is out with their next request. The sandbox's owners have no
 * binding. Problem: token-invalid.
 */
export async function merchantActor(
  { desk }: Pick<HttpDeps, 'desk'>,
  { merchantCode, bindingId }: Extract<Bearer, { kind: 'merchant' }>,
): Promise<Extract<Actor, { kind: 'merchant' }>> {
  if (bindingId === undefined) return { kind: 'merchant', merchantCode, role: 'owner', bindingId: null }
  const binding = await desk.bindings.inForce(bindingId)
  if (!binding) throw new HttpProblem('token-invalid')
  return { kind: 'merchant', merchantCode: binding.merchantCode, role: binding.role, bindingId }
}
