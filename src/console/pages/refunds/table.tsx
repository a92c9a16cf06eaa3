import type { AdminRefund } from '@contract'
import { yuan } from '../../../money'
import { serverNow } from '../../../server-time'
import { dateTime } from '../../dates'
import { Link } from '../../router'
import { type Column, Pill, Table, type Tone } from '../../ui'
import { channelWord, codeWords } from '../orders/words'
import './index.scss'

type State = AdminRefund['state']

export const REFUND_STATE_WORDS: Record<State, string> = {
  refunding: '结果未定',
  refunded: '已退款',
  failed: '退款失败',
}

const LOOKS: Record<State, [Tone, string]> = {
  refunding: ['wait', '…'],
  refunded: ['ok', '✓'],
  failed: ['accent', '!'],
}

/** The channel is asked again within seconds; a refund without an answer for so long needs a person. */
const STUCK_AFTER_MS = 10 * 60_000

/** How long the channel has left a refund open, ms; null when that is no reason to look. */
export function stuckMs({ state, createdAt }: AdminRefund): number | null {
  const forMs = serverNow() - Date.parse(createdAt)
  return state === 'refunding' && forMs >= STUCK_AFTER_MS ? forMs : null
}

/** `5_400_000` ms → `1 小时 30 分`: the age of what should have taken seconds. */
export function ageText(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.floor(hours / 24)} 天`
  return hours > 0 ? `${hours} 小时 ${minutes % 60} 分` : `${minutes} 分钟`
}

const FAIL_WORDS: Record<string, string> = {
  'insufficient-merchant-funds': '商户账户余额不足',
  'account-frozen': '商户账户已冻结',
  'refund-above-paid': '超过可退金额',
  'not-booked': '两天的对账单里都没有，已了结',
}

/** What no waiting mends: who is to do what, where. */
const TO_DO: Record<string, string> = {
  'refund-abnormal': '顾客的收款卡不可用，钱在渠道处：请在渠道的商户平台指定退到哪里',
  'refund-number-reused': '渠道说这个退款号用在了别的退款上：请向渠道核实',
  'bad-signature': '答复的签名不对，没有采信：请核对密钥',
  ...Object.fromEntries(
    ['key-unknown', 'signature-invalid', 'signature-refused', 'misconfigured', 'unsigned-refusal'].map((code) => [
      code,
      '渠道不认我们的密钥或应用：请技术同事核对配置',
    ]),
  ),
  'clock-skew': '与渠道的时钟差得太多：请技术同事核对时间',
}
const toDoOf = ({ lastCode }: AdminRefund) => TO_DO[lastCode ?? '']

/** Why it failed, with the channel's own code where we have no words for it. */
export const failWords = (failReason: string, channel: AdminRefund['channel']) =>
  FAIL_WORDS[failReason] ?? `${channel === 'bank' ? '银行' : channelWord(channel)}没有受理（${codeWords(failReason)}）`

function StateCell({ refund }: { refund: AdminRefund }) {
  const { state, failReason, channel } = refund
  const [tone, sign] = LOOKS[state]
  const stuck = stuckMs(refund)
  return (
    <>
      <Pill tone={stuck === null && !toDoOf(refund) ? tone : 'accent'} sign={sign}>
        {REFUND_STATE_WORDS[state]}
      </Pill>
      {stuck !== null && <span className="c-refund__stuck">{`已等 ${ageText(stuck)}`}</span>}
      {toDoOf(refund) && <span className="c-table__under">{toDoOf(refund)}</span>}
      {failReason && <span className="c-table__under">{failWords(failReason, channel)}</span>}
    </>
  )
}

/** Refunds as a table; `ofOrder`: of one order, which need not be named then. */
export function RefundTable({ refunds, ofOrder }: { refunds: readonly AdminRefund[]; ofOrder?: boolean }) {
  return (
    <Table
      caption="退款"
      columns={ofOrder ? COLUMNS.filter(({ name }) => name !== 'merchant' && name !== 'order') : COLUMNS}
      rows={refunds}
      keyOf={({ refundNo }) => refundNo}
    />
  )
}

const COLUMNS: readonly Column<AdminRefund>[] = [
  {
    name: 'refund',
    head: '退款号',
    cell: ({ refundNo, createdAt, payerFen }) => (
      <>
        <span className="c-table__name">{refundNo}</span>
        <span className="c-table__under">{dateTime(createdAt)}</span>
        {payerFen === 0 && <span className="c-table__under">收回商户奖励，不涉及顾客</span>}
      </>
    ),
  },
  {
    name: 'order',
    head: '订单 / 商户',
    cell: ({ orderNo, merchantName, merchantCode }) => (
      <>
        <Link to={`orders/${orderNo}`}>{orderNo}</Link>
        <span className="c-table__under">{`${merchantName} ${merchantCode}`}</span>
      </>
    ),
  },
  { name: 'state', head: '状态', cell: (refund) => <StateCell refund={refund} /> },
  { name: 'payer', head: '退顾客（元）', right: true, cell: ({ payerFen }) => yuan(payerFen) },
  { name: 'merchantFen', head: '商户退出（元）', right: true, cell: ({ merchantFen }) => yuan(merchantFen) },
  { name: 'gl', head: '收回补贴（元）', right: true, cell: ({ glFen }) => yuan(glFen) },
  {
    name: 'reason',
    head: '原因',
    className: 'c-table__wrap',
    cell: ({ reason }) => reason ?? <span className="c-quiet">没有填写</span>,
  },
]
