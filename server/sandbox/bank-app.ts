import { randomBytes } from 'node:crypto'
import { signer, ticketText } from '../channel/bank/sign'

export interface Ticket {
  aud: string
  sub: string
  iat: number
  exp: number
  jti: string
}

/** What the server behind the bank's app gives it for the person who is logged in there; `more` for what no bank would. */
export function loginTicket(
  { privateKey, audience, now }: { privateKey: string; audience: string; now: number },
  person: string,
  more: Partial<Ticket> = {},
): string {
  const jti = randomBytes(16).toString('base64url')
  const ticket: Ticket = { aud: audience, sub: person, iat: now, exp: now + 60_000, jti, ...more }
  const body = Buffer.from(JSON.stringify(ticket)).toString('base64url')
  return `${body}.${signer(privateKey)(ticketText(body))}`
}
