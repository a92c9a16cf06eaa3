import { CURRENCY, ourNo } from '../../domain/channel'
import type { StatementLine } from '../../domain/match'
import { momentOf } from './time'

/**
 * A day's rows (对账文件, ZM): fixed width, one blank between. Positions as in the public sample of 2015; source of their meaning:
 * 平台接入接口规范, 第4部分 文件接口.
 */
const WIDTHS = [
  3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13,
  8, 32, 13, 13, 12, 2, 1, 32, 98,
] as const
/** counted from 1, as the standard does */
const AT = { time: 5, amount: 7, queryId: 10, orderId: 12, fee: 16, net: 17, type: 20, merId: 28, origOrderId: 41 }

/** A payment, a refund, an undoing. A row of any other type would be money that we don't understand. */
const KINDS: Readonly<Record<string, StatementLine['kind']>> = { '01': 'clearing', '04': 'refund', '31': 'refund' }

export interface Row {
  line: StatementLine
  /** what UnionPay keeps, positive, or gives back of it */
  feeFen: number
  /** what the merchant gets, or returns */
  netFen: number
}

/** Undefined: a row isn't one, or doesn't come to what it says. `date`: of the statement. */
export function rowsOf(text: string, date: string): Row[] | undefined {
  const lines = text.split('\r\n')
  if (lines.pop() !== '') return undefined
  const rows: Row[] = []
  for (const line of lines) {
    const row = rowOf(line, date, rows.length + 1)
    if (!row) return undefined
    rows.push(row)
  }
  return rows
}

function rowOf(text: string, date: string, lineNo: number): Row | undefined {
  const cells = cellsOf(text)
  if (!cells) return undefined
  const cell = (name: keyof typeof AT) => cells[AT[name] - 1]!
  const kind = KINDS[cell('type')]
  const [feeFen, netFen] = [signedFen(cell('fee')), signedFen(cell('net'))]
  const known = /^\d{12}$/.test(cell('amount')) && /^\d{10}$/.test(cell('time')) && /^\d{1,21}$/.test(cell('queryId'))
  if (!kind || feeFen === undefined || netFen === undefined || !known) return undefined
  const amountFen = Number(cell('amount'))
  // What the merchant pays is D here, what it gets is C.
  if ((kind === 'clearing' ? amountFen : -amountFen) + feeFen !== netFen) return undefined
  const [own, orig] = [cell('orderId'), cell('origOrderId')]
  const line = {
    lineNo,
    kind,
    orderNo: numberOf(kind === 'clearing' ? own : orig),
    refundNo: kind === 'clearing' ? null : numberOf(own),
    channelTradeNo: cell('queryId'),
    bookedAt: momentOf(cell('time'), date),
    payerFen: kind === 'clearing' ? -amountFen : amountFen,
    glFen: 0,
    merchantFen: kind === 'clearing' ? amountFen : -amountFen,
    glAccount: null,
    merchantAccount: cell('merId'),
    payerTail: null,
    currency: CURRENCY,
  }
  return Number.isFinite(line.bookedAt) ? { line, feeFen, netFen } : undefined
}

/** ASCII, so a character is a byte. */
function cellsOf(text: string): string[] | undefined {
  const cells: string[] = []
  let at = 0
  for (const width of WIDTHS) {
    if (at > 0 && text[at++] !== ' ') return undefined
    cells.push(text.slice(at, at + width).trim())
    at += width
  }
  // The last one is kept for later, and is as long as it likes.
  return /^[\x20-\x7e]+$/.test(text) && text.length >= at - 98 ? cells : undefined
}

/** `C000000473939`, `D…`: in the merchant's favour or against it. */
function signedFen(text: string): number | undefined {
  const [, side, digits] = /^([CD])(\d{12})$/.exec(text) ?? []
  if (!side) return undefined
  return side === 'C' ? Number(digits) : 0 - Number(digits)
}

const numberOf = (theirs: string) => ourNo(theirs) ?? theirs

export interface Sums {
  count: number
  paidFen: number
  backFen: number
  feeFen: number
  netFen: number
}

export function sumsOf(rows: readonly Row[]): Sums {
  const sum = (of: (row: Row) => number) => rows.reduce((fen, row) => fen + of(row), 0)
  return {
    count: rows.length,
    paidFen: sum(({ line }) => (line.kind === 'clearing' ? line.merchantFen : 0)),
    backFen: sum(({ line }) => (line.kind === 'refund' ? line.payerFen : 0)),
    feeFen: sum(({ feeFen }) => feeFen),
    netFen: sum(({ netFen }) => netFen),
  }
}

export interface Report {
  merId: string
  /** 清算日期, `2026-11-20` */
  date: string
  sums: Sums
}

/** The report beside the rows (商户交易汇总表, GBK): whose and which day's they are, and what they come to. Undefined: it is none. */
export function reportOf(text: string): Report | undefined {
  const merId = /^商户代码:(\w{15})\s/m.exec(text)?.[1]
  const [, year, month, day] = /清算日期:(\d{4})(\d{2})(\d{2})\s*$/m.exec(text) ?? []
  const totals = [...text.matchAll(/^总计\s+(\d+)((?:\s+-?\d+\.\d{2}){6})\s*$/gm)].map(([, count, cells]) => {
    const [back, paid, feeOut, feeIn, netOut, netIn] = cells!.trim().split(/\s+/).map(fenOf) as [number, ...number[]]
    return { count: Number(count), paidFen: paid!, backFen: back, feeFen: feeIn! - feeOut!, netFen: netIn! - netOut! }
  })
  // By kind of trade and by kind of card: the same money.
  const [sums, ...others] = totals
  if (!merId || !year || !sums || others.some((other) => !sameSums(other, sums))) return undefined
  return { merId, date: `${year}-${month}-${day}`, sums }
}

export function sameSums(a: Sums, b: Sums): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** `13227.00` → fen, without a float. */
const fenOf = (yuan: string) => Number(yuan.replace('.', ''))
