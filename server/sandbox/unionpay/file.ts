import { deflateSync } from 'node:zlib'
import { gbkOf } from '../alipay/gbk'
import { zipOf } from '../alipay/zip'
import { type Book, dayAfter, type Movement, settleDateOf } from './book'
import type { Fields } from './keys'

/** How the day's file may be wrong. The first five keep its totals right: only our books tell. */
export const FILE_FAULTS = [
  'none',
  'leave-out',
  'wrong-amount',
  'twice',
  'stranger',
  'other-merchant',
  /** a row has a fen more than the report says */
  'tamper',
  /** the report leaves the last row out */
  'totals',
  'truncate',
  /** the report is of another day, another group; there is none */
  'other-day',
  'other-group',
  'no-report',
] as const
export type FileFault = (typeof FILE_FAULTS)[number]

/**
 * The days' files: what was paid and what went back, ready when the day is over or was cut by hand. The same two that UnionPay's public
 * sample has: rows of fixed width, and a report in GBK of what they come to.
 */
export class Files {
  /** days that were ended early, in turn, and how many movements there were by then */
  readonly cuts: { date: string; movements: number }[] = []
  /** each makes one mistake, in its turn */
  faults: FileFault[] = []

  constructor(
    private readonly book: Book,
    private readonly now: () => number,
  ) {}

  /** Ends the present day now, or the one it has got to: what moves from now on belongs to the next. Answers the date. */
  cut(): string {
    const last = this.cuts.at(-1)?.date ?? ''
    const today = settleDateOf(this.now())
    const date = last >= today ? dayAfter(last) : today
    this.cuts.push({ date, movements: this.book.movements.length })
    return date
  }

  /** The answer to a request for a day's: `98`, there is no such file. */
  answer({ settleDate = '', merId = '' }: Fields): Fields {
    const today = settleDateOf(this.now())
    const days = [...this.cuts.map(({ date }) => date), ...pastOf(today)]
    const date = days.find((day) => day.slice(5).replace('-', '') === settleDate)
    if (!date) return { respCode: '98', settleDate }
    const deflated = deflateSync(this.zip(date, merId)).toString('base64')
    return { respCode: '00', settleDate, fileName: `${merId}_${date.replaceAll('-', '')}.zip`, fileContent: deflated }
  }

  private zip(date: string, merId: string): Buffer {
    const moved = this.book.movements.filter((one, i) => this.dayOf(one, i) === date)
    const has = (fault: FileFault) => this.faults.includes(fault)
    const rows = mistaken(moved, has)
    const report = reportOf(has('totals') ? rows.slice(0, -1) : rows, {
      date: has('other-day') ? dayAfter(date) : date,
      merId: has('other-group') ? OTHER : merId,
    })
    const day = date.slice(2).replaceAll('-', '')
    const text = rows.map((row) => `${rowOf(row, merId)}\r\n`).join('')
    const changed = has('tamper')
      ? text.replace(/ \d{12} 4899/, (found) => found.replace(/\d /, (digit) => `${(Number(digit[0]) + 1) % 10} `))
      : text
    const all = {
      [`INN${day}88ZM_${merId}`]: Buffer.from(has('truncate') ? changed.slice(0, -300) : changed, 'latin1'),
    }
    const files = has('no-report') ? all : { ...all, [`RD2010${day}01_${merId}`]: gbkOf(report) }
    return zipOf(Object.entries(files).map(([name, data]) => ({ name: Buffer.from(name), data })))
  }

  private dayOf({ at }: Movement, index: number): string {
    return this.cuts.reduce(
      (date, cut) => (cut.movements <= index && cut.date >= date ? dayAfter(cut.date) : date),
      settleDateOf(at),
    )
  }
}

const OTHER = '999999999999999'

/** Mistakes of whole rows, each at a place of its own, so that one day can have them all. */
function mistaken(moved: readonly Movement[], has: (fault: FileFault) => boolean): Movement[] {
  const rows = [...moved]
  const [first, second, third, fourth] = moved
  const put = (old: Movement | undefined, ...now: Movement[]) => {
    const at = old ? rows.indexOf(old) : -1
    if (at >= 0) rows.splice(at, 1, ...now)
  }
  if (has('leave-out')) put(first)
  if (has('wrong-amount') && second) put(second, { ...second, amountFen: second.amountFen + 1 })
  if (has('twice') && third) put(third, third, third)
  if (has('other-merchant') && fourth) put(fourth, { ...fourth, merId: OTHER })
  if (has('stranger') && first)
    rows.push({ ...first, orderId: 'F20260101AAAAAAAAAAAA', queryId: '2026010100000000000001'.slice(1) })
  return rows
}

/** The last days before today. */
function pastOf(today: string): string[] {
  return Array.from({ length: 60 }, (_, i) =>
    new Date(Date.parse(today) - (i + 1) * 86_400_000).toISOString().slice(0, 10),
  )
}

/** What UnionPay keeps of a payment: 0.60 %, and gives back of an undone one. */
const feeOf = ({ amountFen, type }: Movement) => (type === '04' ? 0 : Math.floor((amountFen * 6) / 1_000))

function rowOf(row: Movement, group: string): string {
  const paid = row.type === '01'
  const digits = (fen: number, width = 12) => String(fen).padStart(width, '0')
  const [favour, against] = paid ? ['C', 'D'] : ['D', 'C']
  const net = `${favour}${digits(row.amountFen - feeOf(row))}`
  const cells: [width: number, text: string][] = [
    ...([
      [3, paid ? 'S22' : 'S30'],
      [11, '88022900'],
      [11, '00049993'],
      [6, row.queryId.slice(-6)],
    ] as [number, string][]),
    ...([
      [10, momentOf(row.at)],
      [19, '622609******0048'],
      [12, digits(row.amountFen)],
      [4, '4899'],
    ] as [number, string][]),
    ...([
      [2, '07'],
      [21, row.queryId],
      [2, '01'],
      [32, row.orderId],
      [2, '01'],
      [6, ''],
      [10, ''],
    ] as [number, string][]),
    ...([
      [13, `${against}${digits(feeOf(row))}`],
      [13, net],
      [4, '0001'],
      [15, group],
      [2, row.type],
      [2, ''],
    ] as [number, string][]),
    ...([
      [6, '000201'],
      [2, ''],
      [4, ''],
      [32, ''],
      [1, ''],
      [21, ''],
      [15, row.merId],
      [1, ''],
    ] as [number, string][]),
    ...([
      [15, '000000000000000'],
      [32, ''],
      [13, digits(0)],
      [13, net],
      [8, '01080209'],
      [32, ''],
    ] as [number, string][]),
    ...([
      [13, ` ${digits(0)}`],
      [13, ` ${digits(0)}`],
      [12, digits(0, 11)],
      [2, ''],
      [1, '7'],
      [32, row.origOrderId],
      [98, ''],
    ] as [number, string][]),
  ]
  return cells.map(([width, text]) => text.padEnd(width)).join(' ')
}

const momentOf = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(5, 19).replace(/\D/g, '')

const yuan = (fen: number) =>
  `${fen < 0 ? '-' : ''}${Math.floor(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, '0')}`

function reportOf(rows: readonly Movement[], { date, merId }: { date: string; merId: string }): string {
  const sum = (of: (row: Movement) => number) => rows.reduce((fen, row) => fen + of(row), 0)
  const paid = (row: Movement) => row.type === '01'
  const [paidFen, backFen] = [
    sum((row) => (paid(row) ? row.amountFen : 0)),
    sum((row) => (paid(row) ? 0 : row.amountFen)),
  ]
  const [feeFen, feeBackFen] = [sum((row) => (paid(row) ? feeOf(row) : 0)), sum((row) => (paid(row) ? 0 : feeOf(row)))]
  const netFen = paidFen - backFen - feeFen + feeBackFen
  const net = netFen < 0 ? [-netFen, 0] : [0, netFen]
  const cells = [backFen, paidFen, feeFen, feeBackFen, ...net].map((fen) => yuan(fen).padStart(16))
  const total = `总计${String(rows.length).padStart(24)}${cells.join('')}`
  const day = date.replaceAll('-', '')
  return [
    `${' '.repeat(70)}中国银联全渠道商户交易汇总表`,
    '',
    `商户代码:${merId}                                        清算币种:人民币`,
    `收单机构:88022900                                               清算日期:${day}`,
    `商户名称:沙箱                                               生成日期:${day}`,
    '',
    total,
    total,
    '',
  ].join('\r\n')
}
