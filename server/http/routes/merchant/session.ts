import type { MerchantLogin } from '../../../flow/merchant/login'
import type { MerchantSession } from '../../contract'
import type { HttpDeps } from '../../deps'

/** What a merchant's user carries from now on. */
export function merchantSession(deps: HttpDeps, { merchant, binding }: MerchantLogin): MerchantSession {
  const { merchantCode, name } = merchant
  const bearer = { kind: 'merchant' as const, merchantCode, ...(binding && { bindingId: binding.bindingId }) }
  return { ...deps.tokens.issue(bearer, deps.clock.now()), merchant: { code: merchantCode, name } }
}
