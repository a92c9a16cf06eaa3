import type { Operator } from '../../domain/operator'
import { type AskResult, askForChange, type ChangeDeps } from '../change/ask'
import type { Binding, Bindings, BindRefusal, Clock, Random, UserRole } from '../ports'
import { type BookDeps, merchantSeen } from './book'
import { CODE_LIFE_MS, hashOfCard, hashOfCode, newCode } from './code'

/** Merchant users: bound to their merchant by a one-time code that an operator hands over (绑定码). */

export interface BindDeps {
  desk: { bindings: Bindings }
  clock: Clock
  random: Random
}

/** Typing errors are forgiven; searching isn't. */
const WRONG_CODES = 10
const WRONG_WINDOW_MS = 3_600_000
/** Of one card's words; a card that was tried more often is dead, and the bank makes another. */
const CARD_TRIES = 5

type UsersDeps = BindDeps & BookDeps

/**
 * A code for a cashier, who sees and can't act: told once, here; what is kept is its hash. One for an owner takes a second
 * operator, and is told to the two in halves. Undefined: the operator sees no such merchant.
 */
export async function issueBindingCode(
  deps: UsersDeps & ChangeDeps,
  operator: Operator,
  { merchantCode, role, note }: { merchantCode: string; role: UserRole; note: string | null },
): Promise<{ kind: 'issued'; code: string; expiresAt: number } | AskResult | undefined> {
  const merchant = await merchantSeen(deps, operator, merchantCode)
  if (!merchant) return undefined
  if (role === 'owner') {
    const { branchCode } = merchant
    const subject = `merchant/${merchantCode}`
    return askForChange(deps, operator, { kind: 'merchant.owner', subject, branchCode, after: { role }, note })
  }
  const code = newCode(deps.random)
  const madeAt = deps.clock.now()
  const expiresAt = madeAt + CODE_LIFE_MS
  const { username } = operator
  await deps.desk.bindings.issue(
    { codeHash: hashOfCode(code), merchantCode, role, called: null, madeBy: username, madeAt, expiresAt },
    {
      at: madeAt,
      username,
      action: 'binding-code.issue',
      subject: `merchant/${merchantCode}`,
      after: { role, expiresAt },
    },
  )
  return { kind: 'issued', code, expiresAt }
}

/** The newest; a merchant with more has a story that the log of operators tells. */
const MAX_USERS = 200

/** A card that waits for its owner; `dead`: it was tried too often. */
export interface WaitingCard {
  expiresAt: number
  dead: boolean
}

/** Who is bound to a merchant, and who was, and its card if one waits. Undefined: the operator sees no such merchant. */
export async function merchantUsers(
  deps: UsersDeps,
  operator: Operator,
  merchantCode: string,
): Promise<{ users: Binding[]; card: WaitingCard | null } | undefined> {
  if (!(await merchantSeen(deps, operator, merchantCode))) return undefined
  const { bindings } = deps.desk
  const card = await bindings.cardOf(merchantCode, deps.clock.now())
  const users = await bindings.ofMerchant(merchantCode, MAX_USERS)
  return { users, card: card ? { expiresAt: card.expiresAt, dead: card.tries >= CARD_TRIES } : null }
}

/** Binds a platform user by the code they typed; small letters, spaces and dashes are as good. */
export async function bindUser(
  deps: BindDeps,
  input: { userId: string; code: string },
): Promise<{ kind: 'bound'; binding: Binding } | { kind: 'refused'; code: BindRefusal }> {
  const now = deps.clock.now()
  return deps.desk.bindings.bind({
    userId: input.userId,
    codeHash: hashOfCode(input.code),
    cardHash: hashOfCard(input.code),
    now,
    limit: WRONG_CODES,
    windowMs: WRONG_WINDOW_MS,
    cardTries: CARD_TRIES,
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
