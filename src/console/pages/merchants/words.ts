import type { MerchantUser } from '@contract'

export const USER_ROLE_WORDS: Record<MerchantUser['role'], string> = { owner: '店主', cashier: '收银员' }

/** What each may do, for whoever hands out a code. */
export const USER_ROLE_RIGHTS: Record<MerchantUser['role'], string> = {
  owner: '看本商户的订单和奖励，可以退款',
  cashier: '看本商户的订单和奖励，不能退款',
}
