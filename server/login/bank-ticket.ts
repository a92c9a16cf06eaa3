import { z } from 'zod'
import { jsonOf } from '../domain/json'
import type { Clock, LoginProvider, UsedTickets } from '../flow/ports'

/**
 * The word of the bank's app on who is using it: a ticket, signed by the bank, that the page hands on (docs/bank-channel.md).
 * `base64url(JSON).signature`, the signature 128 hex characters.
 */

export interface TicketOptions {
  /** whether the bank signed this part before the dot as a ticket */
  verify(body: string, signature: string): boolean
  /** by which name the bank knows us */
  audience: string
  used: UsedTickets
  clock: Clock
}

/** The way from the app's server by the app to our page takes seconds. */
export const TICKET_LIFE_MS = 120_000
/** How far the bank's clock may be ahead. */
export const AHEAD_MS = 30_000

const claims = z.object({
  aud: z.string(),
  /** the bank's own, of one person for good; no account, number or name */
  sub: z.string().regex(/^[\x21-\x7e]{1,64}$/),
  iat: z.int(),
  exp: z.int(),
  jti: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
})

/** Good once, for us, for {@link TICKET_LIFE_MS} at the most. */
export function bankTickets({ verify, audience, used, clock }: TicketOptions): LoginProvider {
  return {
    async exchange(code) {
      const [body = '', signature = '', ...more] = code.split('.')
      if (more.length > 0 || !verify(body, signature)) return { refused: 'code' }
      const read = claims.safeParse(jsonOf(Buffer.from(body, 'base64url')))
      const now = clock.now()
      if (!read.success || read.data.aud !== audience || !timely(read.data, now)) return { refused: 'code' }
      const { sub, jti, exp } = read.data
      if (!(await used.use(jti, exp, now))) return { refused: 'code' }
      return { provider: 'bank-app', appId: '', subject: sub, union: null }
    },
  }
}

function timely({ iat, exp }: { iat: number; exp: number }, now: number): boolean {
  return iat <= now + AHEAD_MS && now < exp && exp - iat <= TICKET_LIFE_MS
}
