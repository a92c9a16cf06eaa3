import type { MerchantOrderView, OrderView, QuoteView } from '@contract'
import { ApiError } from './api'
import { yuan } from './money'

/** Every code a person may meet, as a plain Chinese sentence. What happened first, then the way on. */

type Reason = NonNullable<QuoteView['reason']>

/** Why a quote has no discount. The threshold comes from the merchant's offer; without one the sentence stays general. */
export function reasonSentence(reason: Reason, amountFen: number, thresholdFen?: number): string {
  switch (reason) {
    case 'below-threshold':
      return thresholdFen !== undefined && thresholdFen > amountFen
        ? `还差 ¥${yuan(thresholdFen - amountFen)} 可享优惠`
        : '未达到优惠门槛'
    case 'sold-out':
      return '今日优惠已发完，明天 0 点再来'
    case 'discount-unavailable':
      return '优惠暂时不可用，可以原价付款'
    case 'not-in-campaign':
      return '本店暂无优惠活动，可以原价付款'
    case 'campaign-not-started':
      return '活动尚未开始，可以原价付款'
    case 'campaign-paused':
      return '活动暂停中，可以原价付款'
    case 'campaign-ended':
      return '活动已结束，可以原价付款'
    case 'limit-reached':
      return '您今天在本店的优惠已用完，可以原价付款'
    case 'budget-exhausted':
      return '本次活动优惠已全部发完，可以原价付款'
    case 'channel-not-eligible':
      return '该付款方式不参加优惠，可以原价付款'
    default:
      return never(reason)
  }
}

/** Why an order was closed. The bank's list is longer than ours: an unknown code still says what matters. */
export function closeSentence(code: OrderView['closeReason']): string {
  switch (code) {
    case 'insufficient-funds':
      return '账户余额不足'
    case 'agreement-not-active':
      return '签约已失效，请重新签约'
    case 'order-closed':
      return '付款没有送达银行，订单已关闭'
    case 'channel-unavailable':
      return '银行暂时无法受理，没有扣款'
    default:
      return '银行没有受理这笔付款'
  }
}

/** Total, so that a new channel must have its word. */
export const CHANNEL_WORDS: Record<MerchantOrderView['channel'], string> = {
  bank: '本行账户',
  wechatpay: '微信支付',
  alipay: '支付宝',
  unionpay: '云闪付',
}

/** Why a page could not be read. */
export function faultSentence(error: ApiError): { title: string; text: string } {
  if (error.kind === 'offline') return { title: '网络不通', text: '请检查网络后重试' }
  if (error.kind === 'timeout') return { title: '网络太慢', text: '等了太久没有回应，请重试' }
  if (error.code === 'amount-above-limit') return { title: '超过限额', text: '静态收款码每人每天限额 500 元' }
  if (error.status === 404) return { title: '找不到了', text: '请核对后重试' }
  if (error.status === 401 || error.status === 403) return { title: '登录没有成功', text: '请退出后重新打开' }
  if (error.status === 429) return { title: '操作太频繁', text: '请稍等片刻再试' }
  return { title: '服务暂时不可用', text: '请稍后重试' }
}

/** What an exception of the client is to a page: anything unexpected reads like an unavailable service. */
export function faultOf(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError('problem', 'client-fault', 500, String(error))
}

function never(value: never): never {
  throw new Error(`unhandled case: ${String(value)}`)
}
