import { symbolsOf } from './order'

/** Agreements (签约协议): the accounts that a payer has bound for payments. */

/** `S` and 16 of 32 symbols: 80 bits, from at least 16 random bytes. The channel's idempotency key of a request to sign. */
export function newSignNo(random: Uint8Array): string {
  return `S${symbolsOf(random.subarray(0, 16))}`
}

/** The one that pays unless the payer says: the one they chose, else the oldest. `all` in force, oldest first. */
export function defaultOf<A extends { chosen: boolean }>(all: readonly A[]): A | undefined {
  return all.find((one) => one.chosen) ?? all[0]
}
