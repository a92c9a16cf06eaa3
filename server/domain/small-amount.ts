import { createHash } from 'node:crypto'
import { plainYuan } from './money'

/** Small amounts without a challenge (小额免密): what a payer may allow, and the words they allow it by. */

/** The most that one payment without a challenge may come to, fen, by the payer's own choice. */
export const SMALL_CHOICES_FEN = [5_000, 10_000, 20_000] as const
export const MOST_SMALL_FEN = 20_000
/** So many of them a business day, unless the payer says fewer. */
export const SMALL_PER_DAY = 5

export interface SmallAmount {
  /** at most so much each, fen */
  maxFen: number
  /** so often a business day */
  perDay: number
}

export interface Terms {
  /** changes with every change of the words */
  version: string
  /** of the lines joined by LF, UTF-8, hex: kept with each consent, so that what was agreed to can be proved */
  sha256: string
  title: string
  lines: readonly string[]
}

const LINES = [
  '开通后，在本服务内用该账户付款，单笔不超过您选择的金额、且当日免密笔数未用完时，银行可以不再要求您输入验证码，直接扣款。',
  `单笔最高可选 ${plainYuan(MOST_SMALL_FEN)} 元，每日最多 ${SMALL_PER_DAY} 笔；超过单笔金额或当日笔数的付款，仍须您输入验证码确认。`,
  '银行认为有风险时，即使在上述范围内，也可以要求您输入验证码确认，或者拒绝付款。',
  '开通须由您本人用银行发送到预留手机的验证码确认；不开通不影响您正常付款。',
  '每笔免密付款完成后，付款结果页都会注明“免密支付”，您也可以在“我的付款”中随时查看。',
  '您可以随时在“付款账户”中关闭，关闭立即生效，之后的每笔付款都须您确认；解除签约时免密一并关闭。',
  '请妥善保管您的手机。发现不是本人所为的付款，请立即关闭免密，并联系银行。',
]

export const SMALL_TERMS: Terms = {
  version: '2026-11-28',
  sha256: createHash('sha256').update(LINES.join('\n')).digest('hex'),
  title: '小额免密支付服务说明',
  lines: LINES,
}
