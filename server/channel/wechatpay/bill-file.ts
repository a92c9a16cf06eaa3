import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { EntryKind, StatementLine } from '../../domain/match'
import type { StatementRefusal } from '../../flow/ports'

/** Reads the text of a trade bill (交易账单, bill_type ALL) in constant memory, each column by its name. */

export class BillRefused extends Error {
  override name = 'BillRefused'
  constructor(
    readonly code: StatementRefusal,
    message: string,
  ) {
    super(message)
  }
}

/** Each total by the column whose sum it is; those of older forms too. A total that isn't here isn't looked at. */
const TOTALS: Record<string, string> = {
  应结订单总金额: '应结订单金额',
  退款总金额: '退款金额',
  充值券退款总金额: '充值券退款金额',
  手续费总金额: '手续费',
  订单总金额: '订单金额',
  申请退款总金额: '申请退款金额',
  总交易额: '总金额',
  总退款金额: '退款金额',
}
const COUNT = '总交易单数'
/** Without these no row can be read; amounts and refunds have several names. */
const NEEDED = ['交易时间', '商户号', '微信订单号', '商户订单号', '交易状态', '货币种类']

/** Lines given out at once: one insert of some 100 ms. */
const BATCH_LINES = 5_000

type Row = ReadonlyMap<string, string>

/** The lines of a file, in batches. What doesn't add up is only known at its end: whoever acts on lines has read all of it once. @throws BillRefused */
export async function* linesOf(file: string, mchId: string): AsyncGenerator<StatementLine[]> {
  let batch: StatementLine[] = []
  let lineNo = 0
  for await (const row of rowsOf(file)) {
    const line = lineOf(row, ++lineNo, mchId)
    if (!line) continue
    batch.push(line)
    if (batch.length < BATCH_LINES) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** The rows, and after the last one that they add up to the totals. */
async function* rowsOf(file: string): AsyncGenerator<Row> {
  const sums = new Map<string, number>()
  let count = 0
  let names: string[] | undefined
  let totals: string[] | undefined
  let told: string[] | undefined
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!names) names = headerOf(text)
    else if (totals && told) throw malformed(count, 'it goes on after its totals')
    else if (totals) told = cellsOf(text, totals.length, count)
    else if (text.startsWith(COUNT)) totals = text.split(',')
    else {
      const cells = cellsOf(text, names.length, ++count)
      const row = new Map(names.map((name, i) => [name, cells[i]!]))
      for (const column of new Set(Object.values(TOTALS)))
        if (row.has(column)) sums.set(column, (sums.get(column) ?? 0) + amountOf(row, column, count))
      yield row
    }
  }
  if (!totals || !told) throw malformed(count, 'it has no totals')
  for (const [i, name] of totals.entries())
    checkTotal(name, told[i]!, name === COUNT ? count : sums.get(TOTALS[name] ?? ''))
}

function headerOf(text: string): string[] {
  const names = text.replace(/^\uFEFF/, '').split(',')
  const missing = NEEDED.find((name) => !names.includes(name))
  if (missing) throw malformed(0, `its header has no ${missing}`)
  return names
}

/** Each cell stands behind a backtick; it may hold commas and quotes. */
function cellsOf(text: string, columns: number, lineNo: number): string[] {
  const cells = text.startsWith('`') ? text.slice(1).split(',`') : []
  if (cells.length !== columns) throw malformed(lineNo, `it has ${cells.length} cells of ${columns}`)
  return cells
}

/** Hundred-thousandths of a yuan, as fees are written. */
const UNITS = 100_000
const NUMBER = /^(-?)(\d{1,10})(?:\.(\d{1,5}))?$/

function unitsOf(text: string): number | undefined {
  const [, minus, whole, rest = ''] = NUMBER.exec(text) ?? []
  if (whole === undefined) return undefined
  const units = Number(whole) * UNITS + Number(rest.padEnd(5, '0'))
  return minus ? 0 - units : units
}

function amountOf(row: Row, column: string, lineNo: number): number {
  const units = unitsOf(row.get(column) ?? '')
  if (units === undefined) throw malformed(lineNo, `its ${column}`)
  return units
}

/** Totals are told in whole fen at the finest, and some as `45.0`: numbers, not texts. */
function checkTotal(name: string, text: string, sum: number | undefined): void {
  if (sum === undefined) return
  const told = unitsOf(text)
  const same = name === COUNT ? told === sum * UNITS : told !== undefined && Math.abs(told - sum) * 2 <= UNITS / 100
  if (!same) throw new BillRefused('statement-wrong-totals', `${name} is ${text}, and isn't the sum of its rows`)
}

const KINDS: Record<string, EntryKind | undefined> = { SUCCESS: 'clearing', REFUND: 'refund', REVOKED: 'refund' }
const TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/

/** Undefined: a refund that has not moved anything, or not yet. */
function lineOf(row: Row, lineNo: number, mchId: string): StatementLine | undefined {
  const cell = (name: string) => row.get(name) ?? ''
  const kind = KINDS[cell('交易状态')]
  if (!kind) throw malformed(lineNo, 'its state')
  if (cell('商户号') !== mchId) throw malformed(lineNo, 'another service provider')
  if (!TIME.test(cell('交易时间'))) throw malformed(lineNo, 'its time')
  const bookedAt = Date.parse(`${cell('交易时间').replace(' ', 'T')}+08:00`)
  if (Number.isNaN(bookedAt)) throw malformed(lineNo, 'its time')
  if (kind === 'refund' && !['', 'SUCCESS'].includes(cell('退款状态'))) return undefined
  const amount = (column: string) => amountOf(row, column, lineNo)
  const sum = (whole: string[], parts: string[]) => {
    const name = whole.find((one) => row.has(one))
    return name ? amount(name) : parts.filter((one) => row.has(one)).reduce((units, one) => units + amount(one), 0)
  }
  const units =
    kind === 'clearing'
      ? sum(['订单金额', '总金额'], ['应结订单金额', '代金券金额'])
      : sum(['申请退款金额'], ['退款金额', '充值券退款金额'])
  if (units <= 0 || units % (UNITS / 100) !== 0) throw malformed(lineNo, 'its amount')
  const amountFen = Math.round(units / (UNITS / 100))
  const [orderNo, refundNo] = [cell('商户订单号'), cell('商户退款单号')]
  const channelTradeNo = cell(kind === 'clearing' ? '微信订单号' : '微信退款单号')
  if (!orderNo || !channelTradeNo) throw malformed(lineNo, 'its numbers')
  const payerFen = kind === 'clearing' ? -amountFen : amountFen
  const sub = cell('特约商户号')
  return {
    lineNo,
    kind,
    orderNo,
    refundNo: kind === 'clearing' || refundNo === '' || refundNo === '0' ? null : refundNo,
    channelTradeNo,
    bookedAt,
    payerFen,
    glFen: 0,
    merchantFen: -payerFen,
    glAccount: null,
    merchantAccount: sub === '' || sub === '0' ? mchId : sub,
    payerTail: null,
    currency: cell('货币种类'),
  }
}

function malformed(lineNo: number, what: string): BillRefused {
  return new BillRefused('statement-malformed', `row ${lineNo}: ${what}`)
}
