import type { ApiError } from '../../api'

export interface Refusal {
  title: string
  text: string
  action: string
}

/**
 * A definite no of the server to a payment: what it means and the way on. Whatever it is, the quote is asked again and
 * the payer confirms the new figure; nothing is paid silently at another amount.
 */
export function refusalOf(error: ApiError): Refusal {
  switch (error.code) {
    case 'quote-expired':
      return {
        title: '优惠保留时间已过',
        text: '没有扣款。会重新试算，请核对新的实付金额后再付。',
        action: '核对新金额',
      }
    case 'slot-taken':
      return {
        title: '这份优惠刚被用掉',
        text: '没有扣款。会重新试算，请核对新的实付金额后再付。',
        action: '核对新金额',
      }
    case 'quote-used':
      return { title: '这笔试算已经付过款', text: '请勿重复付款。确实要再付一笔，请核对新的金额。', action: '再付一笔' }
    case 'daily-limit-reached':
      return {
        title: '超过今日限额',
        text: '静态收款码每人每天限额 500 元，请减少金额或改天再付。',
        action: '修改金额',
      }
    case 'agreement-not-found':
      return { title: '付款账户不可用', text: '没有扣款。请重新签约本行账户。', action: '知道了' }
    default:
      return { title: '这笔付款没有受理', text: '没有扣款。请核对金额后再付。', action: '重新试算' }
  }
}
