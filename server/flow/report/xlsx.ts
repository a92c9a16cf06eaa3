import { DAY_MS, shanghaiMs } from '../../domain/business-date'
import type { Cell } from './csv'

/**
 * A workbook of one sheet as spreadsheets open it (ECMA-376, SpreadsheetML): texts as texts, so that none is run or rewritten,
 * amounts as numbers of yuan, dates as dates in Chinese form. Pieces of text, for whoever packs them.
 */

export interface Column {
  head: string
  /** in characters */
  width: number
}

/** How a cell looks, by its place in `cellXfs`. */
const STYLE = { head: 1, text: 2, count: 3, yuan: 4, date: 5, moment: 6 } as const

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** Where the rows are, in the package. */
export const SHEET = 'xl/worksheets/sheet1.xml'

/** The other files of the package. A sheet's name has 31 characters at the most, and none of `[]:*?/\`. */
export function packageOf(sheetName: string): { name: string; text: string }[] {
  const part = (name: string, text: string) => ({ name, text: DECLARATION + text })
  const relation = (id: number, type: string, target: string) =>
    `<Relationship Id="rId${id}" Type="${RELS}/${type}" Target="${target}"/>`
  const relations = (...all: string[]) =>
    `<Relationships xmlns="${PACKAGE}/relationships">${all.join('')}</Relationships>`
  const override = (name: string, type: string) => `<Override PartName="/${name}" ContentType="${TYPE}.${type}+xml"/>`
  return [
    part(
      '[Content_Types].xml',
      `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
        `<Default Extension="xml" ContentType="application/xml"/>${override('xl/workbook.xml', 'sheet.main')}` +
        `${override(SHEET, 'worksheet')}${override('xl/styles.xml', 'styles')}</Types>`,
    ),
    part('_rels/.rels', relations(relation(1, 'officeDocument', 'xl/workbook.xml'))),
    part(
      'xl/workbook.xml',
      `<workbook xmlns="${MAIN}" xmlns:r="${RELS}"><sheets><sheet name="${textOf(sheetName)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ),
    part(
      'xl/_rels/workbook.xml.rels',
      relations(relation(1, 'worksheet', 'worksheets/sheet1.xml'), relation(2, 'styles', 'styles.xml')),
    ),
    part('xl/styles.xml', styles()),
  ]
}

function styles(): string {
  const format = (numFmtId: number, more = '') =>
    `<xf numFmtId="${numFmtId}" fontId="0" fillId="0" borderId="0" xfId="0" ${more}/>`
  const font = (more = '') => `<font>${more}<sz val="11"/><name val="等线"/></font>`
  return (
    `<styleSheet xmlns="${MAIN}"><numFmts count="2">` +
    '<numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>' +
    '<numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot; hh:mm:ss"/></numFmts>' +
    `<fonts count="2">${font()}${font('<b/>')}</fonts>` +
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
    `<cellXfs count="7">${format(0)}${format(49, 'applyNumberFormat="1"').replace('fontId="0"', 'fontId="1" applyFont="1"')}` +
    // 49 is text: edited, a code stays a code
    `${[49, 3, 4, 164, 165].map((id) => format(id, 'applyNumberFormat="1"')).join('')}</cellXfs></styleSheet>`
  )
}

/** All before the first row that isn't the heading. */
export function sheetHead(columns: readonly Column[]): string {
  const cols = columns.map(({ width }, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`)
  const heads = columns.map(({ head }, i) => textCell(`${letters(i)}1`, head, STYLE.head))
  return (
    `${DECLARATION}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">` +
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>' +
    `<cols>${cols.join('')}</cols><sheetData><row r="1">${heads.join('')}</row>`
  )
}

/** Rows; `first`: the number of the first of them, 2 being the one below the heading. */
export function sheetRows(rows: readonly (readonly Cell[])[], first: number): string {
  return rows
    .map(
      (cells, i) =>
        `<row r="${first + i}">${cells.map((cell, at) => cellOf(cell, letters(at) + (first + i))).join('')}</row>`,
    )
    .join('')
}

/** All after the last row; `rows`: how many there are below the heading. */
export function sheetEnd(columns: readonly Column[], rows: number): string {
  return `</sheetData><autoFilter ref="A1:${letters(columns.length - 1)}${rows + 1}"/></worksheet>`
}

function cellOf(cell: Cell, at: string): string {
  if (cell === null || cell === '') return ''
  if (typeof cell === 'string') return textCell(at, cell, STYLE.text)
  if (typeof cell === 'number') return numberCell(at, String(cell), STYLE.count)
  if ('fen' in cell) return numberCell(at, yuanOf(cell.fen), STYLE.yuan)
  if ('date' in cell) return numberCell(at, String(serialOf(Date.parse(`${cell.date}T00:00:00Z`))), STYLE.date)
  return numberCell(at, serialOf(shanghaiMs(cell.at)).toFixed(8), STYLE.moment)
}

const numberCell = (at: string, value: string, style: number) => `<c r="${at}" s="${style}"><v>${value}</v></c>`
const textCell = (at: string, text: string, style: number) =>
  `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${textOf(text)}</t></is></c>`

/** Days since the last of 1899, as spreadsheets count them, with a 29 February 1900 that never was. */
const serialOf = (ms: number) => ms / DAY_MS + 25_569

/** `-105` → `-1.05`, in whole numbers. */
function yuanOf(fen: number): string {
  const abs = Math.abs(fen)
  return `${fen < 0 ? '-' : ''}${(abs - (abs % 100)) / 100}.${String(abs % 100).padStart(2, '0')}`
}

/** A cell holds no more. */
const MOST_CHARACTERS = 32_767
/** What XML can't say at all. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' }

function textOf(text: string): string {
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text
  return (
    short
      .replace(UNSAYABLE, '\ufffd')
      // `_x000D_` is how a cell says a character by its number
      .replace(/_(?=x[\dA-Fa-f]{4}_)/g, '_x005F_')
      .replace(/[&<>"\r]/g, (one) => ESCAPES[one]!)
  )
}

/** `0` → `A`, `26` → `AA` */
function letters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26))
  return column < 26 ? last : letters(Math.floor(column / 26) - 1) + last
}
