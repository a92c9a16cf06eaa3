/** For few payers who buy as many: one may hold and use what one likes, and amounts are never hidden. */
export const LIFTED = {
  HELD_CARDS_MAX: '1000',
  HOLDING_BUDGET_MS: '86400000',
  HOLDING_DAY_MS: '86400000',
  HELD_SHARE_MERCHANT: '100',
  HELD_SHARE_CAMPAIGN: '100',
}
