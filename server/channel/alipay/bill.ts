import { CURRENCY, ourNo } from '../../domain/channel'
import type { StatementLine } from '../../domain/match'
import type { StatementRefusal } from '../../flow/ports'
import { ACCOUNT, yuan } from './schema'
import { ofBeijing } from './sign'

/**
 * The text of a day's trade detail (业务明细): four lines of whose and when, the names of the columns, rows with a tab behind many a cell,
 * and what they come to. Merchants get 25 columns, service providers and banks 27, so cells are found by their column's name.
 */

export class BillRefused extends Error {
  override name = 'BillRefused'
  constructor(
    readonly code: StatementRefusal,
    message: string,
  ) {
    super(message)
  }
}

const NEEDED = [
  '支付宝交易号',
  '商户订单号',
  '业务类型',
  '完成时间',
  '订单金额（元）',
  '商家实收（元）',
  '退款批次号/请求号',
] as const
/** The sub-merchant's id, in the longer form; the shorter one says only whose bill it is. */
const MERCHANT = '商户识别号'

type Cells = (column: (typeof NEEDED)[number] | typeof MERCHANT) => string

const END = /^#-+业务明细列表结束-+$/

/** Its lines, when all of it fits: the seller, the date, each row, the sums. @throws BillRefused */
export function billLines(text: string, { sellerId, date }: { sellerId: string; date: string }): StatementLine[] {
  const rows = text.split(/\r?\n/)
  const [title, account, period, begin, names = ''] = rows
  if (title !== '#支付宝业务明细查询' || !/^#-+业务明细列表-+$/.test(begin ?? '')) throw malformed(0, 'it is no bill')
  if (!account?.startsWith(`#账号：[${sellerId}`)) throw malformed(2, 'it is another account’s')
  checkPeriod(period ?? '', date)
  const columns = names.split(',').map((name) => name.trim())
  const absent = NEEDED.find((name) => !columns.includes(name))
  if (absent) throw malformed(5, `it has no ${absent}`)
  const end = rows.findIndex((row) => END.test(row))
  if (end < 0) throw new BillRefused('statement-truncated', 'it has no end')
  const lines: StatementLine[] = []
  const sums = { 交易: { count: 0, fen: 0 }, 退款: { count: 0, fen: 0 } }
  for (let i = 5; i < end; i++) {
    const cells = rows[i]!.split(',').map((cell) => cell.trim())
    if (cells.length !== columns.length) throw malformed(i + 1, `it has ${cells.length} cells, not ${columns.length}`)
    const cell: Cells = (column) => cells[columns.indexOf(column)] ?? ''
    const kind = cell('业务类型')
    if (kind !== '交易' && kind !== '退款') throw malformed(i + 1, 'it is neither a trade nor a refund')
    lines.push(lineOf(cell, kind, i + 1, lines.length + 1, sellerId))
    sums[kind].count++
    sums[kind].fen += fenOf(cell('商家实收（元）'), i + 1)
  }
  checkSum(rows[end + 1] ?? '', /^#交易合计：(\d+)笔，商家实收共(-?[\d.]+)元/, sums.交易)
  checkSum(rows[end + 2] ?? '', /^#退款合计：(\d+)笔，商家实收退款共(-?[\d.]+)元/, sums.退款)
  return lines
}

/** Without the moment at which it was exported: the same day asked for again is the same bill. */
export function withoutExportTime(text: string): string {
  return text.replace(/^#导出时间：.*$/m, '')
}

function checkPeriod(period: string, date: string): void {
  const [, year, month, day] = /^#起始日期：\[(\d{4})年(\d{2})月(\d{2})日 00:00:00\]/.exec(period) ?? []
  const of = `${year}-${month}-${day}`
  if (of !== date) throw new BillRefused('statement-wrong-date', `asked for ${date}, the bill is of ${of}`)
}

function checkSum(row: string, pattern: RegExp, { count, fen }: { count: number; fen: number }): void {
  const [, told, total = ''] = pattern.exec(row) ?? []
  if (told === undefined) throw new BillRefused('statement-truncated', 'it has no sums')
  if (Number(told) !== count || yuan.safeParse(total).data !== fen)
    throw new BillRefused('statement-wrong-totals', `it says ${row}, its rows come to ${count} and ${fen} fen`)
}

function lineOf(cell: Cells, kind: '交易' | '退款', row: number, lineNo: number, sellerId: string): StatementLine {
  const [number, tradeNo, at] = [cell('商户订单号'), cell('支付宝交易号'), ofBeijing(cell('完成时间'))]
  const fen = fenOf(cell('订单金额（元）'), row)
  const request = cell('退款批次号/请求号')
  const merchant = cell(MERCHANT) || sellerId
  const isRefund = kind === '退款'
  if (!/^[\w.|*@-]{1,64}$/.test(number) || !/^\d{16,64}$/.test(tradeNo)) throw malformed(row, 'its numbers')
  if (isRefund ? !/^[\w.|*@-]{1,64}$/.test(request) : request !== '') throw malformed(row, 'its refund’s number')
  if (Number.isNaN(at) || !ACCOUNT.test(merchant)) throw malformed(row, 'its time or merchant')
  if (isRefund ? fen >= 0 : fen <= 0) throw malformed(row, 'its amount')
  return {
    lineNo,
    kind: isRefund ? 'refund' : 'clearing',
    orderNo: ourNo(number) ?? number,
    refundNo: isRefund ? (ourNo(request) ?? request) : null,
    channelTradeNo: tradeNo,
    bookedAt: at,
    payerFen: 0 - fen,
    glFen: 0,
    merchantFen: fen,
    glAccount: null,
    merchantAccount: merchant,
    payerTail: null,
    currency: CURRENCY,
  }
}

function fenOf(text: string, row: number): number {
  const fen = yuan.safeParse(text)
  if (!fen.success) throw malformed(row, 'an amount')
  return fen.data
}

function malformed(row: number, what: string): BillRefused {
  return new BillRefused('statement-malformed', `row ${row}: ${what}`)
}
