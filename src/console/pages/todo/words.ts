import type { TodoItem } from '@contract'
import type { Tone } from '../../ui'
import { saidOf } from '../reconciliation/words'

export const KIND_WORDS: Record<TodoItem['kind'], string> = { order: '付款', refund: '退款', difference: '差错' }

/** What comes next, and whose it is to do. */
const NEXT: Record<TodoItem['next'], [words: string, tone: Tone, sign: string, who: string]> = {
  ask: ['等渠道答复', 'wait', '…', '系统一直在问；对完当天和次日的账仍没有，再由人了结'],
  end: ['可以了结', 'accent', '!', '经办或复核提出，另一位复核岗通过'],
  review: ['待复核', 'wait', '…', '复核岗：在“待复核”里'],
  propose: ['待处理', 'accent', '!', '经办或复核：提出更正，或驳回'],
  accept: ['待复核', 'wait', '…', '复核岗：认可或驳回'],
  channel: ['待银行更正', 'wait', '…', '银行：对账单里更正后自动了结'],
  refunding: ['退款中', 'wait', '…', '系统：退款有了结果自动了结'],
  retry: ['退款失败', 'accent', '!', '经办或复核：再退一次，或由科目垫付'],
  pay: ['付款人待查', 'accent', '!', '经办或复核：找到付款人后由科目垫付'],
}

export function nextWords({ next, channel }: Pick<TodoItem, 'next' | 'channel'>): (typeof NEXT)[TodoItem['next']] {
  const [words, tone, sign, who] = NEXT[next]
  return [saidOf(channel, words), tone, sign, saidOf(channel, who)]
}
