import { createHash } from 'node:crypto'
import type { Binding, Bindings, BindRefusal, Clock, Random, UserRole } from '../ports'

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

/** Makes a code. It is told once, here; what is kept is its hash. The merchant must be one the operator may change. */
export async function issueBindingCode(
  deps: BindDeps,
  input: { merchantCode: string; role: UserRole; by: string },
): Promise<{ code: string; expiresAt: number }> {
  const { merchantCode, role, by } = input
  const code = newCode(deps.random)
  const madeAt = deps.clock.now()
  const expiresAt = madeAt + CODE_LIFE_MS
  await deps.desk.bindings.issue(
    { codeHash: hashOf(code), merchantCode, role, madeBy: by, madeAt, expiresAt },
    {
      at: madeAt,
      username: by,
      action: 'binding-code.issue',
      subject: `merchant/${merchantCode}`,
      after: { role, expiresAt },
    },
  )
  return { code, expiresAt }
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
  deps: BindDeps,
  input: { merchantCode: string; bindingId: number; by: string },
): Promise<boolean> {
  const { merchantCode, bindingId, by } = input
  const now = deps.clock.now()
  const deed = { at: now, username: by, action: 'merchant-user.unbind', subject: `merchant/${merchantCode}` }
  return deps.desk.bindings.unbind(merchantCode, bindingId, now, deed)
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
