import { addFault, bothFaults, type FileFaultCode, type FileFaults, noFaults } from '../../domain/file-fault'
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

export interface ImportFile {
  /** Each page is judged and looked up by itself, so that nobody waits for a long file. */
  pages: Iterable<readonly ImportLine[]>
  /** in all, those that can't be read included */
  lines: number
  /** what can't be read of it */
  faults: FileFaults
  /** for the log */
  sha256: string
}

export interface ImportOptions {
  by: string
  /** the only branch the operator may change; null is the whole bank */
  branchCode: string | null
  dryRun: boolean
}

export type ImportResult = { kind: 'imported'; count: ImportCount } | { kind: 'faulty'; faults: FileFaults }

/** Checks every line, then takes them all, in one transaction with its deed; a dry run only counts. */
export async function importMerchants(
  deps: ImportDeps,
  file: ImportFile,
  { by, branchCode, dryRun }: ImportOptions,
): Promise<ImportResult> {
  const { lines, sha256 } = file
  const { entries, count, faults } = await judged(deps.desk.merchantBook, file, branchCode)
  const all = bothFaults(file.faults, faults)
  if (all.count > 0) return { kind: 'faulty', faults: all }
  if (dryRun) return { kind: 'imported', count }
  const deed = {
    at: deps.clock.now(),
    username: by,
    action: 'merchants.import',
    subject: `merchants/${sha256.slice(0, 12)}`,
    after: { lines, sha256 },
  }
  return { kind: 'imported', count: await deps.desk.merchantBook.import(entries, deed) }
}

interface Judged {
  entries: MerchantEntry[]
  count: ImportCount
  faults: FileFaults
}

async function judged(book: MerchantBook, { pages }: ImportFile, branchCode: string | null): Promise<Judged> {
  const branches = new Set((await book.branches({ branchCode })).map((branch) => branch.branchCode))
  const firstLines = new Map<string, number>()
  const found: Judged = { entries: [], count: { added: 0, changed: 0, unchanged: 0 }, faults: noFaults() }
  for (const page of pages) {
    const known = new Map((await book.known(page.map((line) => line.code))).map((one) => [one.merchantCode, one]))
    for (const line of page) {
      const was = known.get(line.code)
      lineFaults(line, { firstLine: firstLines.get(line.code), branches, was }, found.faults)
      if (!firstLines.has(line.code)) firstLines.set(line.code, line.line)
      const entry = entryOf(line)
      found.entries.push(entry)
      found.count[fate(entry, was)]++
    }
  }
  return found
}

interface Against {
  /** the line before it that has the same code */
  firstLine: number | undefined
  /** those the operator may change; a merchant of another one is not theirs to take */
  branches: ReadonlySet<string>
  /** as the book has it */
  was: MerchantEntry | undefined
}

function lineFaults(cells: ImportLine, { firstLine, branches, was }: Against, faults: FileFaults): void {
  const fault = (field: keyof ImportLine, code: FileFaultCode, message: string) =>
    addFault(faults, cells.line, field, code, message)
  const shape = (field: keyof typeof SHAPES) => {
    if (cells[field] === '') fault(field, 'missing', `${field} is empty`)
    else if (!SHAPES[field].shape.test(cells[field])) fault(field, 'malformed', SHAPES[field].message)
  }
  shape('code')
  const unclean = textFault(tidied(cells.name), 1, NAME_CHARS)
  if (unclean === 'too-short') fault('name', 'missing', 'name is empty')
  else if (unclean)
    fault('name', unclean === 'too-long' ? 'malformed' : unclean, textFaultMessage(unclean, 1, NAME_CHARS))
  shape('account')
  if (cells.branch === '') fault('branch', 'missing', 'branch is empty')
  else if (!branches.has(cells.branch)) fault('branch', 'branch-not-found', 'there is no such branch')
  if (firstLine !== undefined && cells.code !== '') fault('code', 'duplicate', `line ${firstLine} has the same code`)
  if (was && !branches.has(was.branchCode)) fault('code', 'code-taken', 'another branch has a merchant of this code')
}

const NAME_CHARS = 60
const SHAPES = {
  code: { shape: /^[A-Za-z0-9_-]{1,32}$/, message: '1 to 32 letters, digits, dashes or underscores' },
  account: { shape: /^[A-Za-z0-9_-]{1,40}$/, message: '1 to 40 letters, digits, dashes or underscores' },
}

function entryOf({ code, name, branch, account }: ImportLine): MerchantEntry {
  return { merchantCode: code, name: tidied(name), branchCode: branch, account }
}

function fate(entry: MerchantEntry, was: MerchantEntry | undefined): keyof ImportCount {
  if (!was) return 'added'
  const same = was.name === entry.name && was.branchCode === entry.branchCode && was.account === entry.account
  return same ? 'unchanged' : 'changed'
}
