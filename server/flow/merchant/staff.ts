import type { Binding, Bindings, Clock, Random, UserRole } from '../ports'
import { CODE_LIFE_MS, hashOfCode, newCode } from './code'

/**
 * A shop's own people, as its owner keeps them: cashiers, who see and can't act. Owners are the bank's to make and unmake, by two
 * operators ([0037](../../../docs/decisions/0037-a-second-person.md)).
 */

interface StaffDeps {
  desk: { bindings: Bindings }
  clock: Clock
  random: Random
}

/** Whoever asks; the sandbox's owners have no binding. */
interface Asker {
  merchantCode: string
  role: UserRole
  bindingId: number | null
}

/** A market hall's largest stall has a dozen; more are a program's. */
const MAX_USERS = 50

export type StaffRefusal = 'not-owner' | 'too-many-users'

/** A one-time code for a cashier, told once, here, and kept as its hash: the same kind that the bank hands out. */
export async function inviteCashier(
  { desk, clock, random }: StaffDeps,
  asker: Asker,
  called: string,
): Promise<{ kind: 'invited'; code: string; expiresAt: number } | { kind: 'refused'; code: StaffRefusal }> {
  const { merchantCode } = asker
  if (asker.role !== 'owner') return { kind: 'refused', code: 'not-owner' }
  if ((await desk.bindings.usersOf(merchantCode, MAX_USERS)).length >= MAX_USERS)
    return { kind: 'refused', code: 'too-many-users' }
  const code = newCode(random)
  const madeAt = clock.now()
  const expiresAt = madeAt + CODE_LIFE_MS
  const [role, madeBy] = ['cashier' as const, nameOf(asker)]
  const deed = { at: madeAt, username: madeBy, action: 'binding-code.issue', subject: `merchant/${merchantCode}` }
  await desk.bindings.issue(
    { codeHash: hashOfCode(code), merchantCode, role, called, madeBy, madeAt, expiresAt },
    { ...deed, after: { role, expiresAt } },
  )
  return { kind: 'invited', code, expiresAt }
}

/** Who may see the shop now, newest first. Undefined: not for a cashier. */
export async function shopStaff({ desk }: Pick<StaffDeps, 'desk'>, asker: Asker): Promise<Binding[] | undefined> {
  return asker.role === 'owner' ? desk.bindings.usersOf(asker.merchantCode, MAX_USERS) : undefined
}

/** Ends a cashier's binding, at once: their next request is refused, and their live feed ends. */
export async function dismissCashier(
  { desk, clock }: StaffDeps,
  asker: Asker,
  bindingId: number,
): Promise<'dismissed' | 'not-owner' | 'binding-not-found'> {
  if (asker.role !== 'owner') return 'not-owner'
  const { merchantCode } = asker
  const at = clock.now()
  const deed = { at, username: nameOf(asker), action: 'merchant-user.unbind', subject: `merchant/${merchantCode}` }
  const ended = await desk.bindings.unbind(merchantCode, bindingId, at, deed, 'cashier')
  return ended ? 'dismissed' : 'binding-not-found'
}

/** In the log of deeds, where no operator is called so. */
const nameOf = ({ merchantCode, bindingId }: Asker) => `owner/${merchantCode}/${bindingId ?? 'sandbox'}`
