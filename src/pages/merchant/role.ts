import type { MerchantSummaryView } from '@contract'

/** Who a merchant's user is. Total, so that a new role must have its word. */
export const ROLE_WORDS: Record<MerchantSummaryView['role'], string> = { owner: '店主', cashier: '收银员' }
