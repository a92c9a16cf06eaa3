import { type Difference, type DifferenceState, nextOf, SUSPENSE_ACCOUNT } from '../../domain/difference'
import { type DifferenceClass, dayName, type Legs, type Side } from '../../domain/match'
import { formatYuan } from '../../domain/money'
import type { Posting } from '../../domain/posting'
import { isSettled, standingOf } from '../../domain/standing'
import type { Reconciliation, Reconciliations } from '../ports'
import { BYTE_ORDER_MARK, type Cell, csvLine } from '../report/csv'

/** The report of a day's reconciliation, for a bookkeeper to read and sign. Given out in pieces: differences may be many. */

type Books = Pick<Reconciliations, 'differences'>

const CLASS: Record<DifferenceClass, string> = {
  long: '长款',
  short: '短款',
  amountMismatch: '金额不符',
  stateMismatch: '状态不符',
  glMismatch: '科目不符',
  duplicate: '重复入账',
}
const STATE: Record<DifferenceState, string> = {
  open: '待处理',
  accepted: '已调账',
  rejected: '已驳回，待银行更正',
  cleared: '已核销',
  mended: '已驳回，银行已更正',
}
const STANDING = [
  ['matched', '平账'],
  ['carried', '结转次日'],
  ['waiting', '待处理'],
  ['short', '短款'],
] as const
const LEGS = ['付款方', '科目', '商户']

/** Nothing of it is left, it was issued once, and the sums are proven: it may be signed. */
export function isSigned({ result, reissued, left }: Reconciliation): boolean {
  return isSettled({ proven: result.proven, reissued: reissued?.by === null, left })
}

/** Differences that nobody has decided. */
export function openCount({ differences }: Pick<Reconciliation, 'differences'>): number {
  return differences.reduce((sum, one) => sum + (one.state === 'open' ? one.count : 0), 0)
}

/** Decided, and the channel has not put it right, or the payer hasn't got it back. */
export function waitingCount(day: Pick<Reconciliation, 'differences' | 'left'>): number {
  return day.left.short.count + day.left.others.count - openCount(day)
}

export async function* reportMarkdown(day: Reconciliation, books: Books): AsyncGenerator<string> {
  const { manifest, result, differences } = day
  const says = standingOf(result, day.left)
  const total = differences.reduce((sum, one) => sum + one.count, 0)
  yield `${[
    `# 对账报告 ${dayName({ channel: day.channel, date: manifest.date })}`,
    '',
    `**结论：${conclusion(day)}**`,
    '',
    `- 银行对账单：${manifest.lines} 行，${manifest.bytes} 字节，SHA-256 \`${manifest.sha256}\``,
    `- 总额核对（对账单 = 平账 + 差错；我方 = 入单 + 结转 + 短款）：${result.proven ? '相符' : '**不符**'}`,
    `- 本日：${STANDING.map(([part, name]) => `${name} ${says[part].count} 笔 ${formatYuan(says[part].fen)} 元`).join('；')}`,
    `- 由对账单置终态 ${result.ended} 笔；两日均无、在银行关单 ${result.closed} 笔；银行未答复 ${result.unanswered} 笔`,
    '',
    '## 汇总（元）',
    '',
    row('项目', '笔数', ...LEGS),
    row('---', '--:', '--:', '--:', '--:'),
    sideRow('银行：清算', manifest.totals.clearing),
    sideRow('银行：退款', manifest.totals.refund),
    sideRow('我方当日：清算', result.own.clearing),
    sideRow('我方当日：退款', result.own.refund),
    sideRow('结转次日（日切）：清算', result.carried.clearing),
    sideRow('结转次日（日切）：退款', result.carried.refund),
    sideRow('短款（应在本单而无）：清算', result.short.clearing),
    sideRow('短款（应在本单而无）：退款', result.short.refund),
    sideRow('我方他日、入本单：清算', result.ownOtherDays.clearing),
    sideRow('我方他日、入本单：退款', result.ownOtherDays.refund),
    sideRow('平账：清算', result.balanced.clearing),
    sideRow('平账：退款', result.balanced.refund),
    '',
    `## 差错 ${total} 笔`,
    '',
    ...differences.map(({ class: named, state, count }) => `- ${CLASS[named]}，${STATE[state]}：${count} 笔`),
    '',
  ].join('\n')}\n`
  if (total > 0) {
    const heads = ['编号', '类别', '订单号', '退款单号', '我方（付款方 / 科目 / 商户）', '银行', '建议', '状态']
    yield `${row(...heads)}\n${row(...heads.map(() => '---'))}\n`
    for await (const one of differencesOf(day, books)) yield `${differenceRow(one)}\n`
  }
  yield `\n经办：__________________　　复核：__________________　　日期：__________________\n`
}

function conclusion(day: Reconciliation): string {
  if (isSigned(day)) return day.differences.length === 0 ? '平账' : '平账（差错均已处理）'
  if (!day.result.proven) return '总额不符，不可签字'
  const open = openCount(day)
  if (open > 0) return `不平，${open} 笔差错待处理`
  if (day.reissued?.by === null) return '银行重发了内容不同的对账单，待处理'
  const waiting = waitingCount(day)
  return waiting > 0
    ? `不平，${waiting} 笔差错待银行更正或退回付款人`
    : `${day.left.open.count} 笔支付或退款还没有结果，不可签字`
}

function differenceRow(one: Difference): string {
  const { differenceId, orderNo, refundNo } = one
  const kind = `${CLASS[one.class]} \`${one.detail}\``
  const state = one.resolvedBy
    ? `${stateText(one)}（${one.resolvedBy}${one.note ? `：${one.note}` : ''}）`
    : stateText(one)
  return row(
    differenceId,
    kind,
    orderNo,
    refundNo ?? '',
    legsText(one.own),
    legsText(one.line),
    proposalText(one),
    state,
  )
}

/** An accepted one says where its money is. */
function stateText(one: Difference): string {
  if (one.payment) return `${STATE[one.state]}，已由 ${one.payment.glAccount} 垫付（凭证 ${one.payment.voucherNo}）`
  switch (nextOf(one)) {
    case 'refunding':
      return `${STATE[one.state]}，退款中（${one.refund?.refundNo}）`
    case 'retry':
      return `${STATE[one.state]}，退款失败（${one.refund?.failReason}），付款人未退回`
    case 'pay':
      return `${STATE[one.state]}，付款人待查，未退回`
    default:
      return STATE[one.state]
  }
}

function legsText(legs: Legs | null): string {
  return legs ? [legs.payerFen, legs.glFen, legs.merchantFen].map(formatYuan).join(' / ') : '无'
}

function proposalText({ proposal }: Difference): string {
  const entries = proposal.entries.map(({ what, postings }) => {
    const legs = postings.map((posting) => `${accountText(posting)} ${formatYuan(posting.amountFen)}`)
    return `${what === 'reversal' ? '红冲' : '补记'}：${legs.join('，')}`
  })
  const refund = proposal.refund ? [`向付款方退款 ${formatYuan(proposal.refund.payerFen)}`] : []
  return [...entries, ...refund].join('；') || '无需分录，请核实'
}

/** A payer's account is theirs and the bank's: the order number is enough to find it. */
function accountText({ role, account }: Posting): string {
  return role === 'payer' && account !== SUSPENSE_ACCOUNT ? '付款方账户' : account
}

function sideRow(name: string, { count, payerFen, glFen, merchantFen }: Side): string {
  return row(name, String(count), formatYuan(payerFen), formatYuan(glFen), formatYuan(merchantFen))
}

/** A cell can't break its table, whatever a note or an account holds. */
function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`
}

const CSV_HEADS = [
  '编号',
  '渠道',
  '对账日期',
  '类别',
  '原因',
  '订单号',
  '退款单号',
  ...LEGS.map((leg) => `我方${leg}`),
  ...LEGS.map((leg) => `银行${leg}`),
  '我方科目号',
  '银行科目号',
  '银行流水号',
  '付款账户尾号',
  '建议',
  '状态',
  '处理人',
  '说明',
]

export async function* reportCsv(day: Reconciliation, books: Books): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(CSV_HEADS)
  for await (const one of differencesOf(day, books)) {
    const { own, line } = one
    const cells: Cell[] = [
      one.differenceId,
      one.channel,
      one.statementDate,
      CLASS[one.class],
      one.detail,
      one.orderNo,
      one.refundNo ?? '',
      ...legCells(own),
      ...legCells(line),
      own?.glAccount ?? '',
      line?.glAccount ?? '',
      line?.channelTradeNo ?? '',
      line?.payerTail ?? '',
      proposalText(one),
      stateText(one),
      one.resolvedBy ?? '',
      one.note ?? '',
    ]
    yield csvLine(cells)
  }
}

function legCells(legs: Legs | null): Cell[] {
  return legs ? [legs.payerFen, legs.glFen, legs.merchantFen].map((fen) => ({ fen })) : ['', '', '']
}

export async function* reportJson(day: Reconciliation, books: Books): AsyncGenerator<string> {
  const { differences: counts, ...rest } = day
  yield `${JSON.stringify({ ...rest, settled: isSigned(day), says: standingOf(rest.result, rest.left), counts }).slice(0, -1)},"differences":[`
  let comma = ''
  for await (const one of differencesOf(day, books)) {
    yield comma + JSON.stringify(one)
    comma = ','
  }
  yield ']}\n'
}

const PAGE = 500

async function* differencesOf(
  { channel, manifest: { date } }: Reconciliation,
  books: Books,
): AsyncGenerator<Difference> {
  for (let after: string | undefined; ; ) {
    const page = await books.differences({ channel, date }, after, PAGE)
    yield* page
    if (page.length < PAGE) return
    after = page.at(-1)!.differenceId
  }
}
