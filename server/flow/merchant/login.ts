import { LOG_IN_REFUSED, type LogInRefusal, type PlatformLogin, whoIs } from '../payer/log-in'
import type { Binding, BindRefusal, Catalog, Identity, Merchant } from '../ports'
import { type BindDeps, bindUser } from './bind'

/** How a merchant's users come in: by the platform's login code, bound to their merchant or binding themselves now. */

export interface MerchantLoginDeps extends BindDeps {
  identity: Identity
  catalog: Catalog
  loginKey: Uint8Array
}

/** Without a binding it is the sandbox's owner. */
export interface MerchantLogin {
  merchant: Merchant
  binding?: Pick<Binding, 'bindingId'>
}

export type LoginRefusal = LogInRefusal | 'login-refused'

/** `login-refused`: whoever the code stands for is no merchant's. @throws LoginUnavailable */
export async function logInMerchant(
  deps: MerchantLoginDeps,
  login: PlatformLogin,
): Promise<({ kind: 'in' } & MerchantLogin) | { kind: 'refused'; code: LoginRefusal }> {
  const owner = await ownerOf(deps, login)
  return owner ? { kind: 'in', ...owner } : boundTo(deps, login)
}

/** The sandbox's way in. */
async function ownerOf(
  { identity, catalog }: MerchantLoginDeps,
  { platform, code }: PlatformLogin,
): Promise<MerchantLogin | undefined> {
  const merchantCode = await identity.merchant(platform, code)
  const merchant = merchantCode && (await catalog.merchant(merchantCode))
  return merchant ? { merchant } : undefined
}

/** A platform user, bound by a code of the bank's. */
async function boundTo(deps: MerchantLoginDeps, login: PlatformLogin) {
  const person = await whoIs(deps, login)
  // whom the platform doesn't let in may be a merchant's all the same
  if (person.kind === 'refused') return { kind: 'refused' as const, code: LOG_IN_REFUSED[person.why] }
  const binding = await deps.desk.bindings.ofUser(person.personId)
  const merchant = binding && (await deps.catalog.merchant(binding.merchantCode))
  if (!merchant) return { kind: 'refused' as const, code: 'login-refused' as const }
  return { kind: 'in' as const, merchant, binding }
}

/** Binds the user behind a login code to the merchant of a binding code. */
export async function bindAndLogIn(
  deps: MerchantLoginDeps,
  input: PlatformLogin & { bindingCode: string },
): Promise<({ kind: 'bound' } & Required<MerchantLogin>) | { kind: 'refused'; code: LoginRefusal | BindRefusal }> {
  const person = await whoIs(deps, input)
  if (person.kind === 'refused') return { kind: 'refused', code: LOG_IN_REFUSED[person.why] }
  const result = await bindUser(deps, { userId: person.personId, code: input.bindingCode })
  if (result.kind === 'refused') return result
  const { binding } = result
  const merchant = await deps.catalog.merchant(binding.merchantCode)
  if (!merchant) throw new Error(`the merchant ${binding.merchantCode} of a binding vanished`)
  return { kind: 'bound', merchant, binding }
}
