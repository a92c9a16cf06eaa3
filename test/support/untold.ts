import type { TakeTerms } from '../../server/flow/ports'

/** A lease of so long, ms, and no limit of what a payer may take. */
export const untold = (leaseTtlMs: number): TakeTerms => ({
  leaseTtlMs,
  maxPerPayer: null,
  maxPerCampaign: null,
  maxHeld: null,
  holdingMs: null,
  holdingInAllMs: null,
})
