import { constants, crc32, deflateRawSync } from 'node:zlib'
import type { Task } from '../flow/ports'
import { BYTE_ORDER_MARK, type Cell, csvLine } from '../flow/report/csv'
import { type Column, sheetEnd, sheetHead, sheetRows } from '../flow/report/xlsx'

/** Rows to bytes, a page at a time, beside the event loop. */

export type SheetFormat = 'csv' | 'xlsx'

export interface SheetPage {
  format: SheetFormat
  columns: readonly Column[]
  /** `Cell[][]` as JSON: a string is quickly handed over */
  rows: string
  /** how many rows came before */
  before: number
  last: boolean
  /** of the pages before */
  crc: number
}

export interface SheetPiece {
  bytes: Uint8Array
  /** of xlsx: what it unpacks to, with the pages before as the checksum goes on */
  size: number
  crc: number
}

export const sheetTask: Task<SheetPage, SheetPiece> = {
  name: 'write-sheet',
  run(page) {
    const rows = JSON.parse(page.rows) as Cell[][]
    if (page.format === 'csv') return { bytes: Buffer.from(csvPage(page, rows)), size: 0, crc: 0 }
    const text = Buffer.from(xlsxPage(page, rows))
    // Pieces that end at a byte and don't end the stream stand one behind the other as one; the last of them ends it.
    const bytes = deflateRawSync(text, { finishFlush: page.last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH })
    return { bytes, size: text.length, crc: crc32(text, page.crc) }
  },
}

const csvPage = ({ columns, before }: SheetPage, rows: readonly Cell[][]) =>
  (before === 0 ? BYTE_ORDER_MARK + csvLine(columns.map(({ head }) => head)) : '') + rows.map(csvLine).join('')

const xlsxPage = ({ columns, before, last }: SheetPage, rows: readonly Cell[][]) =>
  (before === 0 ? sheetHead(columns) : '') +
  sheetRows(rows, before + 2) +
  (last ? sheetEnd(columns, before + rows.length) : '')
