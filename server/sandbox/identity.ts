import { createHmac } from 'node:crypto'
import type { Identity } from '../flow/ports'

/**
 * Sandbox log-in: any code stands for a person of that name, and `merchant-M0001` for the owner of M0001.
 * The id is pseudonymous here too, as it is in production.
 */
export function sandboxIdentity(key: Uint8Array): Identity {
  return {
    async payer(_platform, code) {
      return `p_${createHmac('sha256', key).update(code).digest('base64url').slice(0, 22)}`
    },
    async merchant(_platform, code) {
      return /^merchant-(.+)$/.exec(code)?.[1]
    },
  }
}
