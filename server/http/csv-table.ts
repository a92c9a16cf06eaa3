import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'

/** A table that somebody made in a spreadsheet: a line of headings, in any order, and lines below it. */

export interface TableFault {
  /** counted from 1; the headings are line 1 */
  line: number
  field: string
  code: string
  message: string
}

export interface Table<Field extends string> {
  lines: ({ line: number } & Record<Field, string>)[]
  /** of the table itself; with one of these the lines mean nothing */
  faults: TableFault[]
}

/** Read a megabyte at a time, so that a long file doesn't keep everybody else waiting. */
const PIECE_BYTES = 1 << 20

/**
 * Reads CSV bytes: UTF-8, or GB18030 as Chinese spreadsheets save it. `headings` says what each column may be called; case,
 * spaces and unknown columns are of no account, and empty lines are skipped.
 */
export async function readTable<Field extends string>(
  bytes: Buffer,
  headings: Record<Field, readonly string[]>,
  maxLines: number,
): Promise<Table<Field>> {
  const table: Table<Field> = { lines: [], faults: [] }
  const fault = (line: number, field: string, code: string, message: string) => {
    table.faults.push({ line, field, code, message })
    return table
  }
  const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true }
  let columns: Map<Field, number> | undefined
  try {
    for await (const { info, record } of Readable.from(pieces(decoded(bytes))).pipe(parse(options)) as Records) {
      if (record.every((cell) => cell === '')) continue
      if (!columns) {
        columns = columnsOf(record, headings)
        for (const field of Object.keys(headings) as Field[])
          if (!columns.has(field))
            fault(info.lines, field, 'column-missing', `no column is called ${headings[field].join(' or ')}`)
        if (table.faults.length > 0) return table
        continue
      }
      if (table.lines.length === maxLines)
        return fault(info.lines, 'file', 'too-many-lines', `at most ${maxLines} lines`)
      const cells = [...columns].map(([field, at]) => [field, record[at] ?? ''])
      table.lines.push({ line: info.lines, ...Object.fromEntries(cells) })
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return fault(Number(error.lines ?? 0), 'file', 'malformed', error.message)
  }
  return columns ? table : fault(1, 'file', 'empty', 'the file is empty')
}

type Records = AsyncIterable<{ info: { lines: number }; record: string[] }>

/** Windows spreadsheets in China save CSV as GBK, whose bytes are hardly ever valid UTF-8. */
function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

function* pieces(text: string): Generator<string> {
  for (let from = 0; from < text.length; from += PIECE_BYTES) yield text.slice(from, from + PIECE_BYTES)
}

function columnsOf<Field extends string>(record: readonly string[], headings: Record<Field, readonly string[]>) {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_]/g, '')
  const columns = new Map<Field, number>()
  for (const [field, names] of Object.entries(headings) as [Field, readonly string[]][]) {
    const at = record.findIndex((cell) => names.includes(plain(cell)))
    if (at >= 0) columns.set(field, at)
  }
  return columns
}
