import { createHash } from 'node:crypto'
import { addFault, type FileFaults, noFaults } from '../domain/file-fault'
import { wouldRun } from '../flow/report/csv'
import { textOf } from './csv-text'

/**
 * The one reader of tables that people send (RFC 4180). Nothing is guessed: what isn't a whole and plain table is refused with
 * its line and field. A pure function of bytes, for another thread than the one that serves.
 */

/** What a file may hold. */
export interface Columns<Field extends string, Extra extends string = never> {
  /** what the heading of each may be called, in small letters; others may stand beside them */
  names: Record<Field | Extra, readonly string[]>
  /** a table needn't have them */
  extra?: readonly Extra[]
  /** of these a spreadsheet may have made numbers and dates */
  codes: readonly (Field | Extra)[]
  /** a file of this column alone needs no heading */
  bare?: Field
}

export type Line<Field extends string, Extra extends string = never> = { line: number } & Record<Field, string> &
  Partial<Record<Extra, string>>

/** Lines come in pages, each as JSON: a string is handed from thread to thread, and read, without keeping others waiting. */
export interface Table<Field extends string, Extra extends string = never> {
  /** below the heading, empty ones apart */
  lines: number
  pages: readonly JsonOf<Line<Field, Extra>[]>[]
  faults: FileFaults
  /** of the file, hex */
  sha256: string
}
type JsonOf<T> = string & { readonly of?: T }

/** A page is judged, looked up and written in a few ms: so long a payment waits at each of its steps. */
const PAGE_LINES = 200

export function* pagesOf<Field extends string, Extra extends string>({
  pages,
}: Table<Field, Extra>): Generator<Line<Field, Extra>[]> {
  for (const page of pages) yield JSON.parse(page)
}

export function readTable<Field extends string, Extra extends string = never>(
  bytes: Uint8Array,
  columns: Columns<Field, Extra>,
  mostLines: number,
): Table<Field, Extra> {
  const faults = noFaults()
  const pages: string[] = []
  const table = { lines: 0, pages, faults, sha256: createHash('sha256').update(bytes).digest('hex') }
  const text = textOf(bytes, mostLines)
  if (typeof text !== 'string') {
    addFault(faults, text.line, text.field, text.code, text.message)
    return table
  }
  let heading: Heading<Field | Extra> | undefined
  let page: Line<Field | Extra>[] = []
  for (const row of rowsOf(text)) {
    if (row.cells.every((cell) => cell === '') && !row.broken) continue
    if (!heading) {
      heading = headingOf(row, columns, faults)
      if (!heading) return table
      if (!heading.bare) continue
    }
    table.lines++
    const line = lineOf(row, heading, faults)
    if (line && page.push(line) === PAGE_LINES) {
      pages.push(JSON.stringify(page))
      page = []
    }
  }
  if (page.length > 0) pages.push(JSON.stringify(page))
  if (heading) roundedFaults(heading, faults)
  if (table.lines === 0) addFault(faults, 1, 'file', 'empty', heading ? 'nothing is below the heading' : 'it is empty')
  return table
}

interface Heading<Field extends string> {
  at: Map<Field, number>
  width: number
  codes: readonly Field[]
  /** numbers longer than a spreadsheet's 15 digits, by field: how many, how many end in noughts from there on, the first one's line */
  long: Map<Field, { count: number; rounded: number; line: number }>
  /** there is none: the first line is a line already */
  bare: boolean
}

const plain = (text: string) => text.toLowerCase().replace(/[\s_-]/g, '')

function headingOf<Field extends string, Extra extends string>(
  { line, cells, broken }: Row,
  { names, codes, bare, extra }: Columns<Field, Extra>,
  faults: FileFaults,
): Heading<Field | Extra> | undefined {
  const before = faults.count
  const fields = Object.keys(names) as (Field | Extra)[]
  const at = new Map<Field | Extra, number>()
  const heads = cells.map(plain)
  for (const field of fields) {
    const found = heads.flatMap((head, i) => (names[field].includes(head) ? [i] : []))
    if (found[0] !== undefined) at.set(field, found[0])
    if (found.length > 1)
      addFault(faults, line, field, 'column-twice', `${found.map((i) => cells[i]).join(' and ')} both mean ${field}`)
  }
  if (broken) addFault(faults, broken.line, 'line', 'quote', broken.message)
  else if (at.size === 0 && cells.length === 1 && /[;\t；，]/.test(cells[0]!))
    addFault(faults, line, 'line', 'separator', 'columns are separated by commas, and by nothing else')
  else if (bare && at.size === 0 && cells.length === 1 && /^[\w-]+$/.test(cells[0]!))
    return { at: new Map([[bare, 0]]), width: 1, codes, bare: true, long: new Map() }
  else
    for (const field of fields)
      if (!at.has(field) && !extra?.includes(field as Extra))
        addFault(faults, line, field, 'column-missing', `no column is called ${names[field].join(' or ')}`)
  return faults.count > before ? undefined : { at, width: cells.length, codes, bare: false, long: new Map() }
}

/** What a spreadsheet makes of a code that looks like a number or a date. Its own errors are no text either. */
const REWRITTEN = /^(#+|\d+\.0+|[\d.,]+E\+\d+|\d{1,2}月\d{1,2}日|\d{1,4}\/\d{1,2}(\/\d{1,4})?)$/
const MONTH = /^(\d{1,2}-)?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(-\d{1,4})?$/
const ERROR = /^#(##+|N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NUM!|NULL!)$/

function lineOf<Field extends string>(
  { line, cells, broken }: Row,
  heading: Heading<Field>,
  faults: FileFaults,
): Line<Field> | undefined {
  const { at, width, codes } = heading
  const before = faults.count
  if (broken) {
    const field = [...at].find(([, i]) => i === broken.at)?.[0] ?? 'line'
    addFault(faults, broken.line, field, 'quote', broken.message)
  } else if (cells.length !== width)
    addFault(faults, line, 'line', 'cell-count', `${cells.length} cells, and the heading has ${width}`)
  else
    for (const [field, i] of at) {
      const cell = cells[i]!
      if (ERROR.test(cell) || (codes.includes(field) && (REWRITTEN.test(cell) || MONTH.test(cell))))
        addFault(faults, line, field, 'rewritten', `a spreadsheet has rewritten it to ${cell.slice(0, 24)}`)
    }
  if (faults.count > before) return undefined
  for (const field of codes) {
    const cell = cells[at.get(field) ?? -1]
    if (!cell || !/^\d{16,}$/.test(cell)) continue
    const long = heading.long.get(field) ?? { count: 0, rounded: 0, line }
    heading.long.set(field, long)
    long.count++
    if (/^\d{15}0+$/.test(cell)) long.rounded++
  }
  return { line, ...Object.fromEntries([...at].map(([field, i]) => [field, cells[i]!])) } as Line<Field>
}

/** Three by chance are one file in a thousand: in the last of sixteen digits a nought is as likely as any other. */
const LEAST_ROUNDED = 3

/** A spreadsheet keeps fifteen digits of a number; an account of sixteen that went through one ends in a nought, like all others. */
function roundedFaults({ long }: Heading<string>, faults: FileFaults): void {
  for (const [field, { count, rounded, line }] of long)
    if (count >= LEAST_ROUNDED && rounded === count)
      addFault(faults, line, field, 'rewritten', 'a spreadsheet has rounded all long numbers to 15 digits')
}

interface Row {
  line: number
  cells: string[]
  /** a quote that opens or closes no cell; `at` is the cell's place, `line` where it begins */
  broken?: { line: number; at: number; message: string }
}

/** A quoted cell of several lines; a quote that is never closed would take the rest of the file for one. */
const CELL_LINES = 50

/** The rows of a text and the line that each begins in. */
function* rowsOf(text: string): Generator<Row> {
  const lines = text.split(/\r\n|[\r\n]/)
  for (let at = 0; at < lines.length; ) {
    if (!lines[at]!.includes('"')) yield { line: at + 1, cells: lines[at++]!.split(',').map(unguarded) }
    else {
      const { taken, row } = quoted(lines, at)
      yield row
      at += taken
    }
  }
}

/** Where a cell in quotes ends: at the first quote that isn't doubled; -1 when at none. No expression, which could try for ever. */
function closing(text: string): number {
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at
  return -1
}

/** A row with quotes in it, and how many lines it takes. */
function quoted(lines: readonly string[], first: number): { taken: number; row: Row } {
  const row: Row = { line: first + 1, cells: [] }
  let at = first
  let rest: string | undefined = lines[at]!
  const broken = (line: number, message: string) => {
    row.broken ??= { line, at: row.cells.length, message }
  }
  while (rest !== undefined) {
    const opens = /^\s*"/.exec(rest)
    if (opens) {
      const begin = at
      let inside = rest.slice(opens[0].length)
      let closed = closing(inside)
      while (closed < 0 && at - begin < CELL_LINES && at + 1 < lines.length) {
        inside += `\n${lines[++at]}`
        closed = closing(inside)
      }
      if (closed < 0) {
        broken(begin + 1, 'a quote is opened and not closed')
        return { taken: lines.length - first, row }
      }
      const after = inside.slice(closed + 1)
      const comma = after.indexOf(',')
      if (/\S/.test(comma < 0 ? after : after.slice(0, comma))) broken(begin + 1, 'a quote stands inside a cell')
      row.cells.push(unguarded(inside.slice(0, closed).replaceAll('""', '"')))
      rest = comma < 0 ? undefined : after.slice(comma + 1)
    } else {
      const comma: number = rest.indexOf(',')
      const cell = comma < 0 ? rest : rest.slice(0, comma)
      if (cell.includes('"')) broken(at + 1, 'a quote stands inside a cell')
      row.cells.push(unguarded(cell))
      rest = comma < 0 ? undefined : rest.slice(comma + 1)
    }
  }
  return { taken: at - first + 1, row }
}

/** Without blanks around it, and without the mark that keeps a spreadsheet from running it as a formula (report/csv.ts). */
const unguarded = (cell: string) => {
  const text = cell.trim()
  return text.startsWith("'") && wouldRun(text) ? text.slice(1) : text
}
