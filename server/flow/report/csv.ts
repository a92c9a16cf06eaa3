import { timeText } from '../../domain/business-date'
import { formatYuan } from '../../domain/money'

/** CSV as spreadsheets take it (RFC 4180), for people who open it in one. */

/** Spreadsheets take Chinese for something else without it. */
export const BYTE_ORDER_MARK = '\ufeff'

/** A text, which stays the text it is; a count; an amount, written in yuan; a date; a moment in ms; or nothing. */
export type Cell = string | number | { fen: number } | { date: string } | { at: number } | null

/** A line of quoted cells. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map((cell) => `"${written(cell).replaceAll('"', '""')}"`).join(',')}\r\n`
}

function written(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  if (typeof cell === 'string') return inert(cell)
  if ('fen' in cell) return formatYuan(cell.fen)
  // as spreadsheets of any language read a date, which then write it as theirs do
  return 'date' in cell ? cell.date : timeText(cell.at)
}

/** What nobody sees, before what a spreadsheet would run; quotes are those that guarded it before. */
const FORMULA = /^'*(?:[\t\r\n]|[\s\p{Cf}']*[=+@-])/u
/** A code that a spreadsheet takes for a number: nought, more digits than it shows, or an exponent; for a date, a time, a truth. */
const NUMBER = /^(?:0\d+|\d{12,}|\d+(?:\.\d*)?e[+-]?\d+)$/i
const DATE =
  /^(?:\d{1,4}[-/.:]\d{1,4}(?:[-/.:]\d{1,4})?|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*[- ]?\d+|\d+[- ]?(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)|true|false)$/i
const DAY = /^\d{4}-\d\d-\d\d$/

/**
 * What a spreadsheet would run as a formula stays a text by a mark before it, and what it would rewrite by a tab, which nobody
 * sees. Full-width letters are the same to it. http/csv-table.ts takes both off again.
 */
function inert(text: string): string {
  if (wouldRun(text)) return `'${text}`
  const plain = text.normalize('NFKC')
  return !DAY.test(plain) && (NUMBER.test(plain) || DATE.test(plain)) ? `\t${text}` : text
}

/** A spreadsheet would take it for a formula, with or without marks before it; full-width letters are the same to it. */
export const wouldRun = (text: string): boolean => FORMULA.test(text.normalize('NFKC'))
