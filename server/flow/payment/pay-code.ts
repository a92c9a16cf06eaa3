import { noncesOf, type PayCode, type PayCodeStanding, standingOf } from '../../domain/pay-code'
import type { Channels, Clock, Ledger, Random } from '../ports'

/** Codes for one payment of an amount, which a shop's owner or cashier shows on a telephone (动态收款码). */
export interface MakePayCodeDeps {
  channels: Channels
  clock: Clock
  random: Random
  sealPayCode(code: PayCode): string
}

export interface ReadPayCodeDeps {
  ledger: Pick<Ledger, 'ordersOfQuotes'>
  clock: Clock
  openPayCode(merchantCode: string, text: string): PayCode | undefined
}

/** Time to take out a telephone; a picture of it that somebody sends on is over by then. */
const LASTS_MS = 5 * 60_000

export type MadePayCode =
  | { kind: 'made'; code: PayCode; text: string }
  /** nobody could pay so much in a day by any way */
  | { kind: 'amount-above-limit'; limitFen: number }

/** Makes a code; nothing is stored. */
export function makePayCode(deps: MakePayCodeDeps, merchantCode: string, amountFen: number): MadePayCode {
  const limitFen = Math.max(...[...deps.channels.values()].map(({ limits }) => limits.dailyPerPayerFen))
  if (amountFen > limitFen) return { kind: 'amount-above-limit', limitFen }
  const id = Buffer.from(deps.random(12)).toString('base64url')
  const code = { id, merchantCode, amountFen, expiresAt: deps.clock.now() + LASTS_MS }
  return { kind: 'made', code, text: deps.sealPayCode(code) }
}

/**
 * What a code of the merchant's says, and how it stands; undefined: it is none.
 * @throws LedgerUnavailable: whether it was paid can't be said, and nothing could be paid either
 */
export async function readPayCode(
  deps: ReadPayCodeDeps,
  merchantCode: string,
  text: string,
): Promise<{ code: PayCode; standing: PayCodeStanding } | undefined> {
  const code = deps.openPayCode(merchantCode, text)
  if (!code) return undefined
  // The clock first: orders read before the end don't say that nobody paid until then.
  const now = deps.clock.now()
  return { code, standing: standingOf(code, await deps.ledger.ordersOfQuotes(noncesOf(code)), now) }
}

export type PayCodeRefusal = 'pay-code-invalid' | 'pay-code-expired' | 'pay-code-used'

/** The same for whoever scanned it: what it says and under which nonce it is quoted, while it can be paid. */
export async function scannedPayCode(
  deps: ReadPayCodeDeps,
  merchantCode: string,
  text: string,
): Promise<{ kind: 'open'; code: PayCode; nonce: string } | { kind: 'refused'; code: PayCodeRefusal }> {
  const found = await readPayCode(deps, merchantCode, text)
  if (!found) return { kind: 'refused', code: 'pay-code-invalid' }
  const { code, standing } = found
  if (standing.kind === 'open') return { kind: 'open', code, nonce: standing.nonce }
  return { kind: 'refused', code: standing.kind === 'over' ? 'pay-code-expired' : 'pay-code-used' }
}
