import type { MerchantOrderView } from '@contract'
import type { ApiError } from '../../api'
import { askerWords, faultLine } from '../../sentences'

/** Why the channel did not refund. Its list is longer than ours: a code that we don't know still says what to do. */
const FAILURES: Record<string, string> = {
  'insufficient-merchant-funds': '结算账户余额不足，存入后再退',
  'account-frozen': '账户被冻结，请联系银行',
  'refund-above-paid': '超过可退金额',
  'not-booked': '没有退出去，可以再退一次',
}

export function refundFailure(code: string | null, channel: MerchantOrderView['channel']): string {
  return FAILURES[code ?? ''] ?? `${askerWords(channel)}没有受理，可以再试或联系${askerWords(channel)}`
}

export const MEANWHILE = '刚刚有另一笔退款，可退金额变了，请看过后再退'

/** Why nothing was asked of the channel, or why nobody knows yet. */
export function refusalSentence(error: ApiError): string {
  switch (error.code) {
    case 'refunded-meanwhile':
      return MEANWHILE
    case 'refund-above-paid':
      return '超过可退金额'
    case 'too-many-refunds':
      return '这一单的退款次数已到上限'
    case 'not-owner':
      return '只有店主可以退款'
    case 'order-not-found':
    case 'order-not-paid':
      return '这一单不能退款'
  }
  return faultLine(error)
}
