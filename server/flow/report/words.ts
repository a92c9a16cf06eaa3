import type { NoDiscountReason } from '../../domain/campaign'
import type { OrderState } from '../../domain/order'
import type { RefundState } from '../../domain/refund'

/** What lists that are taken home call what the console shows (docs/GLOSSARY.md). */

export const ORDER_WORDS: Record<OrderState, string> = { paying: '结果未定', paid: '已付款', closed: '已关闭' }

export const REFUND_WORDS: Record<RefundState, string> = {
  refunding: '结果未定',
  refunded: '已退款',
  failed: '退款失败',
}

export const REASON_WORDS: Record<NoDiscountReason, string> = {
  'not-in-campaign': '商户没有活动',
  'campaign-not-started': '活动尚未开始',
  'campaign-paused': '活动暂停中',
  'campaign-ended': '活动已结束',
  'outside-window': '不在优惠时段',
  'channel-not-eligible': '付款方式不参加优惠',
  'below-threshold': '未达到门槛',
  'limit-reached': '付款方当天次数已用完',
  'holding-limit': '付款方保留的优惠已到上限',
  'own-shop': '在自己的店付款',
  'not-eligible': '暂停发优惠',
  'all-held': '名额暂时被占用',
  'sold-out': '名额已发完',
  'budget-exhausted': '活动经费已用完',
  'discount-unavailable': '优惠暂时不可用',
}
