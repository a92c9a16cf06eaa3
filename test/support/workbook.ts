import { unzip } from '../../server/channel/zip'

/** Reads the workbooks of flow/report/xlsx.ts as a spreadsheet would: cells by their place, with how they look. */

export interface ReadCell {
  /** of `cellXfs` */
  style: number
  kind: 'text' | 'number'
  value: string
}

export interface Workbook {
  names: string[]
  /** each row by its columns' letters */
  rows: Record<string, ReadCell>[]
  sheet: string
  styles: string
}

export async function readWorkbook(bytes: Buffer): Promise<Workbook> {
  const entries = await unzip(bytes, { entries: 20, bytes: 100_000_000 })
  const part = (name: string) => String(entries.find((one) => String(one.name) === name)!.data)
  const sheet = part('xl/worksheets/sheet1.xml')
  const rows = [...sheet.matchAll(/<row r="(\d+)">(.*?)<\/row>/gs)].map(([, number, cells]) =>
    Object.fromEntries([...cells!.matchAll(CELL)].map((found) => cellOf(found, number!))),
  )
  return { names: entries.map(({ name }) => String(name)), rows, sheet, styles: part('xl/styles.xml') }
}

const CELL =
  /<c r="([A-Z]+)(\d+)" s="(\d)"(?: t="inlineStr"><is><t xml:space="preserve">(.*?)<\/t><\/is>|><v>(.*?)<\/v>)<\/c>/gs

function cellOf([, column, row, style, text, number]: RegExpMatchArray, of: string): [string, ReadCell] {
  if (row !== of) throw new Error(`${column}${row} stands in row ${of}`)
  const kind = text === undefined ? 'number' : 'text'
  return [column!, { style: Number(style), kind, value: text === undefined ? number! : plain(text) }]
}

/** As XML says it, then as a cell says characters by their numbers. */
const plain = (text: string) =>
  text
    .replace(/&#13;/g, '\r')
    .replace(/&quot;/g, '"')
    .replace(/&gt;/g, '>')
    .replace(/&lt;/g, '<')
    .replace(/&amp;/g, '&')
    .replace(/_x([\dA-Fa-f]{4})_/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))

export const texts = (row: Record<string, ReadCell>) => Object.values(row).map(({ value }) => value)
