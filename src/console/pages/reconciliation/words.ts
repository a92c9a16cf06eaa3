import type { DifferenceView, Problem, ReconciliationDay } from '@contract'
import { ConsoleError } from '../../client'
import { sentenceOf } from '../../sentences'
import type { Tone } from '../../ui'
import { channelWord } from '../orders/words'

/** The words of reconciliation (docs/GLOSSARY.md) in Chinese. */

export type Channel = DifferenceView['channel']
/** The bank's own, whose books are shown to who asks for none. */
export const OWN: Channel = 'bank'

/** Who is on the other side: the bank, or another channel by its name. */
export const sideWord = (channel: Channel) => (channel === OWN ? '银行' : channelWord(channel))

/** A sentence that is written of the bank, said of the channel. */
export const saidOf = (channel: Channel, sentence: string) => sentence.replaceAll('银行', sideWord(channel))

/** How a file was believed, beside being read to its end. */
export const PROOF_WORDS: Record<Channel, string> = {
  bank: '银行签名的清单核对无误',
  wechatpay: '与微信支付给的摘要、合计核对无误',
  alipay: '与账单自己的合计核对无误',
  unionpay: '与云闪付的汇总表核对无误',
}

/** Where a day is: its channel is named unless it is the one that is shown to who asks for none. */
export function dayPlace(date: string, channel: Channel, difference?: string): string {
  const named = { ...(channel !== OWN && { channel }), ...(difference !== undefined && { difference }) }
  const query = String(new URLSearchParams(named))
  return query ? `reconciliation/${date}?${query}` : `reconciliation/${date}`
}

export const DAY_STATES: Record<ReconciliationDay['state'], [words: string, tone: Tone, sign: string]> = {
  none: ['无需对账', 'quiet', '·'],
  missing: ['未对账', 'quiet', '○'],
  running: ['对账中', 'wait', '…'],
  balanced: ['已平账', 'ok', '✓'],
  differences: ['有差错', 'accent', '!'],
}

export const CLASS_WORDS: Record<DifferenceView['class'], string> = {
  long: '长款',
  short: '短款',
  amountMismatch: '金额不符',
  stateMismatch: '状态不符',
  glMismatch: '科目不符',
  duplicate: '重复入账',
}

const DETAILS: Record<string, string> = {
  'no-such-order': '银行有这笔付款，我方没有这个订单',
  'order-archived': '银行有这笔付款，订单号所在日期的订单已归档，请查归档文件',
  'no-such-refund': '银行有这笔退款，我方没有这个退款号',
  'reversed-as-short': '当初按短款红冲了，银行后来又入了账',
  'not-in-statement': '我方已记账，应有它的对账单里没有',
  'payer-amount': '付款方金额与银行不同',
  currency: '银行记的是另一种货币',
  'booked-after-end': '我方已关闭或退款失败，银行却动了账',
  'still-open': '银行已动账，我方还没有完结',
  'other-trade-no': '渠道流水号与银行不同',
  'gl-amount': '科目金额与银行不同',
  'gl-account': '科目号与银行不同',
  'merchant-account': '商户账户与银行不同',
  'booked-twice': '同一笔在对账单里出现两次',
}

/** Why, within the class; one that isn't known is shown by its code. */
export const detailWords = ({ detail, channel }: Pick<DifferenceView, 'detail' | 'channel'>) =>
  saidOf(channel, DETAILS[detail] ?? detail)

const STATES: Record<DifferenceView['state'], [words: string, tone: Tone, sign: string]> = {
  open: ['待处理', 'accent', '!'],
  accepted: ['已认可', 'ok', '✓'],
  rejected: ['待银行更正', 'wait', '…'],
  cleared: ['后来到账', 'ok', '✓'],
  mended: ['银行已更正', 'ok', '✓'],
}

export const stateWords = (state: DifferenceView['state'], channel: Channel) => saidOf(channel, STATES[state][0])

/** Of an accepted one whose money isn't back with the payer. */
const OWING: Partial<Record<DifferenceView['next'], [words: string, tone: Tone, sign: string]>> = {
  refunding: ['退款中', 'wait', '…'],
  retry: ['退款失败', 'accent', '!'],
  pay: ['付款人待查', 'accent', '!'],
}

/** How it stands, in a word or two: what gives money back waits for a second person once it is proposed. */
export function standingOf(one: DifferenceView): [words: string, tone: Tone, sign: string] {
  const { state, proposedBy, channel, next, payment } = one
  if (state === 'open' && proposedBy) return ['待复核', 'wait', '…']
  if (payment) return ['已垫付', 'ok', '✓']
  const owing = OWING[next]
  if (owing) return owing
  const [words, tone, sign] = STATES[state]
  return [saidOf(channel, words), tone, sign]
}

export const KIND_WORDS: Record<DifferenceView['kind'], string> = { clearing: '付款', refund: '退款' }

export const OWN_STATE_WORDS: Record<NonNullable<DifferenceView['own']>['state'], string> = {
  booked: '已记账',
  open: '未完结',
  void: '已完结，没有动账',
}

const REFUSALS: Record<string, string> = {
  'statement-not-ready': '银行还没有出这一天的对账单，请稍后再对',
  'statement-unavailable': '银行连不上，对账单取不到，请稍后再对',
  'statement-manifest-malformed': '银行的对账单清单读不懂，请联系银行',
  'statement-wrong-date': '银行给的是另一天的对账单，没有采用，请联系银行',
  'statement-truncated': '对账单没有传完整，没有采用，请再对一次',
  'statement-too-long': '对账单比清单说的长，没有采用，请联系银行',
  'statement-tampered': '对账单与银行签名的摘要不一致，没有采用，请联系银行',
  'statement-malformed': '对账单里有读不懂的行，没有采用，请联系银行',
  'statement-wrong-totals': '对账单的合计与银行签名的清单不一致，没有采用，请联系银行',
  'reconciliation-running': '另一位同事或定时任务正在对这一天的账，请稍候',
  'day-before-missing': '账要一天一天地对，前面还有没对账的日子',
  'before-first-day': '这一天还没有这个渠道的订单，不用对账',
  'day-passed': '后面的日子已经对过账，这一天不能再补对',
  'no-statements': '这个渠道没有接对账单',
  'statement-changed':
    '银行换了这一天的对账单，与当初对账的不是同一份；原结果保留，已记在这一天，请向银行问明原因后处理',
}

/** Earlier days that come first, when that is why a day could not be reconciled. */
export const daysFirst = (fault: unknown): string[] =>
  (fault instanceof ConsoleError && (fault.body as Problem | undefined)?.days) || []

/** Why the day could not be reconciled. */
export function refusalWords(fault: unknown, channel: Channel): string {
  const reason = fault instanceof ConsoleError && (fault.body as Problem | undefined)?.reason
  const words = reason && REFUSALS[reason]
  return words ? `${saidOf(channel, words)}。` : sentenceOf(fault)
}

const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六']

/** 0 is Sunday. */
export const weekdayOf = (date: string) => new Date(`${date}T00:00:00Z`).getUTCDay()
export const weekdayWord = (date: string) => `周${WEEKDAYS[weekdayOf(date)]}`
