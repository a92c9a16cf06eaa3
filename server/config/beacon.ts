import { z } from 'zod'
import { isSafeUrl } from '../domain/address'

/** A public beacon that is mixed into seeds (docs/PROOF.md); without it none is. */
export const beaconEnvironment = {
  /** a chain's address, as drand's: https://api.drand.sh/<chain hash> */
  BEACON_URL: z.string().max(200).refine(isSafeUrl, 'must be https, or http on this machine').optional(),
  /** once a day, and where its job didn't, before a payer's first card of the day */
  BEACON_TIMEOUT_MS: z.coerce.number().int().min(100).max(10_000).default(2_000),
}

export function beaconOf({
  BEACON_URL: url,
  BEACON_TIMEOUT_MS: timeoutMs,
}: z.output<z.ZodObject<typeof beaconEnvironment>>) {
  return url === undefined ? null : { url, timeoutMs }
}
