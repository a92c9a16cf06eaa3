import { createHash } from 'node:crypto'
import type { Operator } from '../../domain/operator'
import type { Binding, Bindings, BindRefusal, Clock, Random, UserRole } from '../ports'
import { type BookDeps, merchantSeen } from './book'

/** Merchant users: bound to their merchant by a one-time code that an operator hands over (绑定码). */

export interface BindDeps {
  desk: { bindings: Bindings }
  clock: Clock
  random: Random
}

/** Digits and letters that nobody mistakes for one another, on paper or by telephone: no 0 O, no 1 I L. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
/** 31⁸ ≈ 8.5 × 10¹¹: with ten guesses an hour, a code that lives for minutes isn't found. */
const CODE_LENGTH = 8
/** Long enough for a telephone call, short enough that a note found later is worth nothing. */
const CODE_LIFE_MS = 15 * 60_000
/** Typing errors are forgiven; searching isn't. */
const WRONG_CODES = 10
const WRONG_WINDOW_MS = 3_600_000

type UsersDeps = BindDeps & BookDeps

/** Makes a code. It is told once, here; what is kept is its hash. Undefined: the operator sees no such merchant. */
export async function issueBindingCode(
  deps: UsersDeps,
  operator: Operator,
  { merchantCode, role }: { merchantCode: string; role: UserRole },
): Promise<{ code: string; expiresAt: number } | undefined> {
  if (!(await merchantSeen(deps, operator, merchantCode))) return undefined
  const code = newCode(deps.random)
  const madeAt = deps.clock.now()
  const expiresAt = madeAt + CODE_LIFE_MS
  const { username } = operator
  await deps.desk.bindings.issue(
    { codeHash: hashOf(code), merchantCode, role, madeBy: username, madeAt, expiresAt },
    {
      at: madeAt,
      username,
      action: 'binding-code.issue',
      subject: `merchant/${merchantCode}`,
      after: { role, expiresAt },
    },
  )
  return { code, expiresAt }
}

/** The newest; a merchant with more has a story that the log of operators tells. */
const MAX_USERS = 200

/** Who is bound to a merchant, and who was. Undefined: the operator sees no such merchant. */
export async function merchantUsers(
  deps: UsersDeps,
  operator: Operator,
  merchantCode: string,
): Promise<Binding[] | undefined> {
  if (!(await merchantSeen(deps, operator, merchantCode))) return undefined
  return deps.desk.bindings.ofMerchant(merchantCode, MAX_USERS)
}

/** Binds a platform user by the code they typed; small letters, spaces and dashes are as good. */
export async function bindUser(
  deps: BindDeps,
  input: { userId: string; code: string },
): Promise<{ kind: 'bound'; binding: Binding } | { kind: 'refused'; code: BindRefusal }> {
  const codeHash = hashOf(input.code.toUpperCase().replace(/[\s-]/g, ''))
  const now = deps.clock.now()
  return deps.desk.bindings.bind({
    userId: input.userId,
    codeHash,
    now,
    limit: WRONG_CODES,
    windowMs: WRONG_WINDOW_MS,
  })
}

/** Ends a binding, at once: every request of the user asks whether it still holds. */
export async function unbindUser(
  deps: UsersDeps,
  operator: Operator,
  { merchantCode, bindingId }: { merchantCode: string; bindingId: number },
): Promise<'unbound' | 'merchant-not-found' | 'binding-not-found'> {
  if (!(await merchantSeen(deps, operator, merchantCode))) return 'merchant-not-found'
  const at = deps.clock.now()
  const { username } = operator
  const deed = { at, username, action: 'merchant-user.unbind', subject: `merchant/${merchantCode}` }
  return (await deps.desk.bindings.unbind(merchantCode, bindingId, at, deed)) ? 'unbound' : 'binding-not-found'
}

/** Each character equally likely: a byte above the last whole multiple of the alphabet is thrown away. */
function newCode(random: Random): string {
  const fair = 256 - (256 % ALPHABET.length)
  let code = ''
  while (code.length < CODE_LENGTH)
    for (const byte of random(CODE_LENGTH))
      if (byte < fair && code.length < CODE_LENGTH) code += ALPHABET[byte % ALPHABET.length]
  return code
}

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}
