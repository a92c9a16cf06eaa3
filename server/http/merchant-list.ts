import { parse } from 'csv-parse/sync'

export interface ListFault {
  line: number
  field: string
  code: string
  message: string
}

export interface MerchantList {
  /** without the heading and empty lines */
  lines: number
  /** those without a fault, in their order, and the line of each */
  codes: Map<string, number>
  faults: ListFault[]
}

/** A merchant's code as a campaign may name it, the same as the contract's. */
const CODE = /^[A-Za-z0-9_-]{1,32}$/
/** What stands above a column of codes. Only the first line may be one: a code with a fault is no heading. */
const HEADING = /^((merchant|shop)[ _-]?)?(code|id|no)$|^merchant$|^商户(编号|编码|代码|号)?$/i

/** The first column of a CSV file as merchant codes; other columns are ignored, whatever their encoding. */
export function merchantList(csv: Buffer): MerchantList {
  const list: MerchantList = { lines: 0, codes: new Map(), faults: [] }
  const fault = (line: number, code: string, message: string) =>
    list.faults.push({ line, field: 'merchantCode', code, message })
  const rows = rowsOf(csv, (line, message) => fault(line, 'malformed-csv', message))
  rows.forEach(({ line, cell }, i) => {
    if (i === 0 && HEADING.test(cell)) return
    list.lines++
    const before = list.codes.get(cell)
    if (!CODE.test(cell)) fault(line, 'invalid-code', 'a code is 1 to 32 letters, digits, dashes and underscores')
    else if (before !== undefined) fault(line, 'duplicate', `the same as line ${before}`)
    else list.codes.set(cell, line)
  })
  return list
}

function rowsOf(csv: Buffer, broken: (line: number, message: string) => void): { line: number; cell: string }[] {
  try {
    const options = { bom: true, trim: true, info: true, relax_column_count: true, skip_empty_lines: true } as const
    const rows = parse(csv, options) as unknown as { record: string[]; info: { lines: number } }[]
    return rows.map(({ record, info }) => ({ line: info.lines, cell: record[0] ?? '' }))
  } catch (error) {
    const { lines = 1, code = '' } = error as { lines?: number; code?: string }
    // Any other error is a bug of ours and not of the file.
    if (!code.startsWith('CSV_')) throw error
    broken(lines, `not CSV from here on (${code})`)
    return []
  }
}
