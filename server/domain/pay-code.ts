import type { OrderState } from './order'
import { deriveKey, seal, unseal } from './seal'

/**
 * A code that a merchant makes for one payment (动态收款码): shop and amount are fixed, and it ends soon. It is stored nowhere; what
 * became of it is told by its orders.
 */
export interface PayCode {
  /** unique */
  id: string
  merchantCode: string
  amountFen: number
  /** ms since the epoch */
  expiresAt: number
}

/** Codes as they are scanned: sealed for their merchant, so that anybody may read them, and nobody else can make one or change what it says. */
export function payCodeSeals(masterKey: Uint8Array) {
  const key = deriveKey(masterKey, 'pay code')
  // The merchant stands in the address already: each letter less is a larger dot to read.
  const purposeOf = (merchantCode: string) => `pay code|${merchantCode}`
  return {
    sealPayCode: ({ id, merchantCode, amountFen, expiresAt }: PayCode): string =>
      seal(key, purposeOf(merchantCode), [id, amountFen, expiresAt]),
    /** Undefined: not ours, changed, or another merchant's. */
    openPayCode(merchantCode: string, text: string): PayCode | undefined {
      const said = unseal(key, purposeOf(merchantCode), text) as [string, number, number] | undefined
      return said && { id: said[0], merchantCode, amountFen: said[1], expiresAt: said[2] }
    },
  }
}

/** Orders that closed with nothing debited, before nobody may try again. */
const MOST_TRIES = 5

/**
 * Quotes of a code take these nonces, one after the other: a nonce becomes one order at the most, and the next is taken only once that has
 * closed, which is for good. So a code is paid once.
 */
export function noncesOf({ id }: Pick<PayCode, 'id'>): string[] {
  return Array.from({ length: MOST_TRIES }, (_, i) => (i === 0 ? id : `${id}.${i}`))
}

/** `over`: too late, or tried too often. `open`: with the nonce that is quoted now. */
export type PayCodeStanding = { kind: 'open'; nonce: string } | { kind: 'paying' | 'paid' | 'over' }

/** How a code stands; `orders`: those that its nonces became. What was paid or is being paid stays so, however late it is. */
export function standingOf(
  code: PayCode,
  orders: readonly { nonce: string; state: OrderState }[],
  now: number,
): PayCodeStanding {
  for (const kind of ['paid', 'paying'] as const) if (orders.some(({ state }) => state === kind)) return { kind }
  const nonce = noncesOf(code).find((one) => orders.every((order) => order.nonce !== one))
  return nonce !== undefined && now < code.expiresAt ? { kind: 'open', nonce } : { kind: 'over' }
}
