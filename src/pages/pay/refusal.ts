import type { ApiError } from '../../api'
import { clock } from '../../dates'
import { yuan } from '../../money'
import { faultSentence } from '../../sentences'
import type { Intent } from './intents'
import { isPassing } from './settle'

export interface Refusal {
  title: string
  text: string
  action: string
}

const NEW_FIGURE = { text: '没有扣款。会再算一次优惠，请核对新的实付金额后再付。', action: '核对新金额' }

/**
 * A definite no to a payment, of the server or because nothing could be sent: what it means and the way on. Nothing is paid
 * silently at another amount. `past`: the payment it is about, when the payer has asked for it some time ago. `byCode`: by a code for
 * one payment, whose quotes are all payers' together.
 */
export function refusalOf(error: ApiError, past?: Intent, byCode = false): Refusal {
  if (past) {
    const text = `${clock(past.at)} 的 ¥${yuan(past.payableFen)} 没有扣款。`
    return { title: '刚才那笔没有付成', text, action: '知道了' }
  }
  switch (error.code) {
    case 'quote-expired':
      return { title: '优惠保留时间已过', ...NEW_FIGURE }
    case 'slot-taken':
      return { title: '这份优惠刚被用掉', ...NEW_FIGURE, text: `这一笔${NEW_FIGURE.text}` }
    case 'quote-used':
      if (byCode)
        return { title: '这个收款码刚被付过', text: '这一笔没有扣款。要付款，请店家重新出一个。', action: '知道了' }
      return { title: '这笔已经付过款', text: '请勿重复付款。确实要再付一笔，请核对新的金额。', action: '再付一笔' }
    case 'daily-limit-reached':
      return {
        title: '超过今日限额',
        text: '没有扣款。扫店里的收款码，每人每天能付的有限额。请减少金额、换一种付款方式，或明天再付。',
        action: '修改金额',
      }
    case 'card-limit-reached':
      return { title: '今天的优惠次数已用完', ...NEW_FIGURE, text: `同一个人的优惠次数合并计算。${NEW_FIGURE.text}` }
    case 'agreement-not-found':
      return { title: '付款账户不可用', text: '没有扣款。这个账户已经解约，请换一个账户或重新签约。', action: '知道了' }
    case 'merchant-not-open':
      return { title: '这家商户还不能这样收款', text: '没有扣款。请换一种付款方式。', action: '知道了' }
    case 'identity-not-found':
      return { title: '请在对应的应用里打开', text: '没有扣款。请用要付款的那个应用扫码，再付一次。', action: '知道了' }
    case 'channel-busy':
      return { title: '付款的人太多', text: '没有扣款。请稍等片刻再付，或换一种付款方式。', action: '知道了' }
    case 'channel-unavailable':
      return { title: '暂时无法受理', text: '没有扣款。请稍等片刻再付，或换一种付款方式。', action: '知道了' }
  }
  if (error.kind === 'problem' && !isPassing(error) && !error.code.startsWith('login-'))
    return { title: '这笔付款没有受理', text: '没有扣款。请核对金额后再付。', action: '重新核对' }
  const { title, text } = faultSentence(error)
  return { title, text: `没有扣款。${text}。`, action: '知道了' }
}
