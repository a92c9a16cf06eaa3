import { seal, unseal } from '../../domain/seal'
import type { Origin } from '../../domain/trace'
import type { Clock, Identity, LogIn } from '../ports'

export interface LogInDeps {
  identity: Pick<Identity, 'person'>
  loginKey: Uint8Array
  clock: Clock
}

export interface PlatformLogin {
  platform: string
  code: string
  /** from where it is asked */
  origin?: Origin
}

/**
 * How each is told: of a code that is used or too old another is got, by the page itself; whom the platform blocks gets in by none. Neither
 * says that our own session is over (`token-expired`), or that the person is nobody here (`login-refused`).
 */
export const LOG_IN_REFUSED = { code: 'login-code-refused', person: 'login-blocked' } as const
export type LogInRefusal = (typeof LOG_IN_REFUSED)[keyof typeof LOG_IN_REFUSED]

/** Long enough to type a binding code; after it the browser goes by way of the platform's page again. */
const WORD_TTL_MS = 10 * 60_000

interface Word {
  platform: string
  personId: string
  exp: number
}

/**
 * The person behind a platform's login code, or behind our own word (below) of whom its page told. Uses a platform's code up.
 * @throws LoginUnavailable
 */
export async function whoIs(deps: LogInDeps, { platform, code, origin }: PlatformLogin): Promise<LogIn> {
  const word = unseal(deps.loginKey, 'page login word', code) as Word | undefined
  if (!word) return deps.identity.person(platform, code, origin)
  const holds = word.platform === platform && word.exp > deps.clock.now()
  return holds ? { kind: 'person', personId: word.personId } : { kind: 'refused', why: 'code' }
}

/**
 * A login code of ours for whom a platform's page has told, where the platform's own is used up and it isn't yet known what they log in
 * to. A bearer of it is that person, so it ends soon.
 */
export function wordOf(deps: LogInDeps, platform: string, personId: string): { code: string; expiresAt: number } {
  const exp = deps.clock.now() + WORD_TTL_MS
  return { code: seal(deps.loginKey, 'page login word', { platform, personId, exp } satisfies Word), expiresAt: exp }
}
