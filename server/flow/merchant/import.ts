import { textFault, textFaultMessage, tidied } from '../../domain/text'
import type { Clock, ImportCount, MerchantBook, MerchantEntry } from '../ports'

/** Merchants by the thousand, from a table. All of it is taken or, with a single fault, none. */

export interface ImportDeps {
  desk: { merchantBook: MerchantBook }
  clock: Clock
}

/** A line of the table: its number in the file, counted from 1, and its cells by field. */
export interface ImportLine {
  line: number
  code: string
  name: string
  branch: string
  account: string
}

export interface ImportFault {
  line: number
  field: string
  code: string
  message: string
}

export interface ImportOptions {
  by: string
  /** the only branch the operator may change; null is the whole bank */
  branchCode: string | null
  dryRun: boolean
  /** of the file, for the log */
  sha256: string
}

export type ImportResult = { kind: 'imported'; count: ImportCount } | { kind: 'faulty'; faults: ImportFault[] }

const NAME_CHARS = 60
const SHAPES = {
  code: { shape: /^[A-Za-z0-9_-]{1,32}$/, message: '1 to 32 letters, digits, dashes or underscores' },
  account: { shape: /^[A-Za-z0-9_-]{1,40}$/, message: '1 to 40 letters, digits, dashes or underscores' },
}

/** Checks every line, then takes them all, in one transaction with its deed; a dry run only counts. */
export async function importMerchants(
  deps: ImportDeps,
  lines: readonly ImportLine[],
  options: ImportOptions,
): Promise<ImportResult> {
  const { by, branchCode, dryRun, sha256 } = options
  const book = deps.desk.merchantBook
  const branches = new Set((await book.branches({ branchCode })).map((branch) => branch.branchCode))
  const known = new Map((await book.known(lines.map((line) => line.code))).map((one) => [one.merchantCode, one]))
  const firstLines = new Map<string, number>()
  const faults = lines.flatMap((line) => {
    const before = firstLines.get(line.code)
    if (before === undefined) firstLines.set(line.code, line.line)
    return lineFaults(line, before, branches, known.get(line.code))
  })
  if (faults.length > 0) return { kind: 'faulty', faults }
  const entries = lines.map(entryOf)
  if (dryRun) return { kind: 'imported', count: countOf(entries, known) }
  const deed = {
    at: deps.clock.now(),
    username: by,
    action: 'merchants.import',
    subject: `merchants/${sha256.slice(0, 12)}`,
    after: { lines: lines.length, sha256 },
  }
  return { kind: 'imported', count: await book.import(entries, deed) }
}

/** `branches`: those the operator may change; a merchant of another one is not theirs to take. */
function lineFaults(
  cells: ImportLine,
  firstLine: number | undefined,
  branches: ReadonlySet<string>,
  known: MerchantEntry | undefined,
): ImportFault[] {
  const { line } = cells
  const faults = [...shapeFaults(cells, 'code'), ...nameFaults(cells), ...shapeFaults(cells, 'account')]
  if (cells.branch === '') faults.push({ line, field: 'branch', code: 'missing', message: 'branch is empty' })
  else if (!branches.has(cells.branch))
    faults.push({ line, field: 'branch', code: 'branch-not-found', message: 'there is no such branch' })
  if (firstLine !== undefined && cells.code !== '')
    faults.push({ line, field: 'code', code: 'duplicate', message: `line ${firstLine} has the same code` })
  if (known && !branches.has(known.branchCode))
    faults.push({ line, field: 'code', code: 'code-taken', message: 'another branch has a merchant of this code' })
  return faults
}

function shapeFaults(cells: ImportLine, field: keyof typeof SHAPES): ImportFault[] {
  const { line } = cells
  const { shape, message } = SHAPES[field]
  if (cells[field] === '') return [{ line, field, code: 'missing', message: `${field} is empty` }]
  return shape.test(cells[field]) ? [] : [{ line, field, code: 'malformed', message }]
}

function nameFaults({ line, name }: ImportLine): ImportFault[] {
  const fault = textFault(tidied(name), 1, NAME_CHARS)
  if (!fault) return []
  if (fault === 'too-short') return [{ line, field: 'name', code: 'missing', message: 'name is empty' }]
  const code = fault === 'too-long' ? 'malformed' : fault
  return [{ line, field: 'name', code, message: textFaultMessage(fault, 1, NAME_CHARS) }]
}

function entryOf({ code, name, branch, account }: ImportLine): MerchantEntry {
  return { merchantCode: code, name: tidied(name), branchCode: branch, account }
}

function countOf(entries: readonly MerchantEntry[], known: ReadonlyMap<string, MerchantEntry>): ImportCount {
  const count: ImportCount = { added: 0, changed: 0, unchanged: 0 }
  for (const entry of entries) count[fate(entry, known.get(entry.merchantCode))]++
  return count
}

function fate(entry: MerchantEntry, was: MerchantEntry | undefined): keyof ImportCount {
  if (!was) return 'added'
  const same = was.name === entry.name && was.branchCode === entry.branchCode && was.account === entry.account
  return same ? 'unchanged' : 'changed'
}
