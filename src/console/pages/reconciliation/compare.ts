import type { DifferenceView } from '@contract'
import { dateTime } from '../../dates'
import { sumYuan } from '../../format'
import { OWN_STATE_WORDS } from './words'

type Own = DifferenceView['own']
type Bank = DifferenceView['bank']

/** A line of the comparison: what each side says. Null: that side has nothing to say about it. */
export interface Compared {
  name: string
  own: string | null
  bank: string | null
  differs: boolean
}

const money = (fen: number | undefined) => (fen === undefined ? null : sumYuan(fen))

/** Ours beside the bank's, field by field. A side that is missing differs as a whole, which is said elsewhere. */
export function compare({ own, bank }: Pick<DifferenceView, 'own' | 'bank'>): Compared[] {
  const both = own !== null && bank !== null
  const line = (name: string, ours: string | null, theirs: string | null, same = ours === theirs): Compared => ({
    name,
    own: own ? (ours ?? '—') : null,
    bank: bank ? (theirs ?? '—') : null,
    differs: both && !same,
  })
  return [
    line('状态', stateOf(own), bank ? `已入账，第 ${bank.lineNo} 行` : null, own?.state === 'booked'),
    ...(own && bank && own.currency !== bank.currency ? [line('货币', own.currency, bank.currency)] : []),
    line('付款方（元）', money(own?.payerFen), money(bank?.payerFen)),
    line('科目（元）', money(own?.glFen), money(bank?.glFen)),
    line('商户（元）', money(own?.merchantFen), money(bank?.merchantFen)),
    line(
      '科目号',
      own?.glAccount ?? null,
      bank?.glAccount ?? null,
      noGl(own, bank) || own?.glAccount === bank?.glAccount,
    ),
    line('商户账户', own?.merchantAccount ?? null, bank?.merchantAccount ?? null),
    line('渠道流水号', own?.channelTradeNo ?? null, bank?.channelTradeNo ?? null),
    ...(bank?.payerTail ? [line('付款账户尾号', null, bank.payerTail, true)] : []),
    line('入账时间', null, bank ? dateTime(bank.bookedAt) : null, true),
  ]
}

const stateOf = (own: Own) => (own ? OWN_STATE_WORDS[own.state] : null)

/** Without a subsidy there is no GL leg, and the bank names no account. */
const noGl = (own: Own, bank: Bank) => bank?.glFen === 0 && own?.glFen === 0
