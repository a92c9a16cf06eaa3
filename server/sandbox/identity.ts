import { createHmac } from 'node:crypto'
import type { Identity, Provider } from '../flow/ports'

/**
 * Sandbox log-in: any code stands for a person of that name, and `merchant-M0001` for the owner of M0001.
 * The id is pseudonymous here too, as it is in production. `apps`: of each platform by which wallets name payers, the app in which
 * everybody has a subject, as if they had come by it.
 */
export function sandboxIdentity(key: Uint8Array, apps: Partial<Record<Provider, string>> = {}): Identity {
  const pseudonym = (text: string) => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22)
  return {
    async person(_platform, code) {
      return { kind: 'person', personId: `p_${pseudonym(code)}` }
    },
    asks: () => false,
    async merchant(_platform, code) {
      return /^merchant-(.+)$/.exec(code)?.[1]
    },
    async subjects(personId, provider) {
      const appId = apps[provider]
      return appId === undefined ? [] : [{ appId, subject: `o${pseudonym(`${provider}|${appId}|${personId}`)}` }]
    },
  }
}
