import { Readable } from 'node:stream'
import type { Operator } from '../domain/operator'
import type { Work } from '../flow/ports'
import type { Sheet } from '../flow/report/sheet'
import { packageOf, SHEET } from '../flow/report/xlsx'
import { Stream } from './route'
import { type SheetFormat, sheetTask } from './sheet-task'
import { zipWriter } from './zip-writer'

export const SHEET_TYPES = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const satisfies Record<SheetFormat, string>

/**
 * The sheet as a file, a page in memory at a time: the next is read when the one before has left. Whoever goes away ends it.
 * Errors half-way break the answer off, so that no file is taken for whole that isn't.
 */
export function fileOf({ work }: { work: Work }, by: Operator, sheet: Sheet, format: SheetFormat, signal: AbortSignal) {
  const bytes = format === 'xlsx' ? workbook(work, by, sheet, signal) : plain(work, by, sheet, signal)
  return new Stream(sheet.fileName, Readable.from(bytes), sheet.total)
}

async function* plain(work: Work, by: Operator, sheet: Sheet, signal: AbortSignal) {
  for await (const { bytes } of piecesOf(work, by, sheet, 'csv', signal)) yield bytes
}

async function* workbook(work: Work, by: Operator, sheet: Sheet, signal: AbortSignal) {
  const zip = zipWriter()
  for (const { name, text } of packageOf(sheet.title)) yield zip.stored(name, text)
  yield zip.begin(SHEET)
  const sum = { size: 0, packed: 0, crc: 0 }
  for await (const { bytes, size, crc } of piecesOf(work, by, sheet, 'xlsx', signal)) {
    sum.size += size
    sum.packed += bytes.length
    sum.crc = crc
    yield bytes
  }
  yield zip.end(sum)
  yield zip.directory()
}

async function* piecesOf(work: Work, by: Operator, sheet: Sheet, format: SheetFormat, signal: AbortSignal) {
  const { columns } = sheet
  const owner = by.username
  let [before, crc] = [0, 0]
  for await (const { rows, last } of sheet.pages()) {
    const page = { format, columns, rows: JSON.stringify(rows), before, last, crc }
    const piece = await work.run(sheetTask, page, { owner, signal })
    // a copy from another thread is an array of bytes, and no Buffer
    yield { ...piece, bytes: Buffer.from(piece.bytes.buffer, piece.bytes.byteOffset, piece.bytes.byteLength) }
    before += rows.length
    crc = piece.crc
  }
}
