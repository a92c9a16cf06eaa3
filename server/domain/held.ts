/** Further discounts that two people hold back (停发优惠) at a campaign: from everybody at a merchant, or from one payer. */
export interface Held {
  /** until when, the date included; keys of {@link heldKey} */
  merchants: ReadonlyMap<string, string>
  payers: ReadonlyMap<string, string>
}

export const NOTHING_HELD: Held = { merchants: new Map(), payers: new Map() }

/** `id`: a merchant's code or a payer's id. */
export const heldKey = (campaignId: string, id: string) => `${campaignId} ${id}`

/** Whether this payer gets none at this merchant. */
export function holdsBack(held: Held, campaignId: string, of: { merchantCode: string; payerId: string }): boolean {
  return held.merchants.has(heldKey(campaignId, of.merchantCode)) || held.payers.has(heldKey(campaignId, of.payerId))
}
