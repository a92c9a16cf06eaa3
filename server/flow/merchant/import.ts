import {
  CHANNEL_LABELS,
  type ChannelName,
  sameWalletAccounts,
  WALLETS,
  type WalletAccounts,
} from '../../domain/channel'
import { addFault, bothFaults, type FileFaultCode, type FileFaults, noFaults } from '../../domain/file-fault'
import { textFault, textFaultMessage, tidied } from '../../domain/text'
import { newChangeId } from '../change/ask'
import type { Channel, Clock, ImportCount, Imported, MerchantBook, MerchantEntry, Random } from '../ports'
import { isBookable } from './account'

/** Merchants by the thousand, from a table. All of it is taken or, with a single fault, none. */

export interface ImportDeps {
  desk: { merchantBook: MerchantBook }
  channels: ReadonlyMap<string, Channel>
  clock: Clock
  random: Random
}

/**
 * A line of the table: its number in the file, counted from 1, and its cells by field. A wallet whose column is missing stays as
 * it is; an empty cell says that there is none.
 */
export interface ImportLine extends WalletAccounts {
  line: number
  code: string
  name: string
  branch: string
  account: string
}

export interface ImportFile {
  /** Each page is judged and looked up by itself, so that nobody waits for a long file. */
  pages(): Iterable<readonly ImportLine[]> | AsyncIterable<readonly ImportLine[]>
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
  /** why, for whoever reviews what moves money */
  note: string | null
}

export type ImportResult =
  | { kind: 'imported'; count: Imported }
  | { kind: 'faulty'; faults: FileFaults }
  | { kind: 'refused'; code: 'change-open' }

/**
 * Checks every line, then takes them all, in one transaction with its deed: names at once, and what moves money — new merchants,
 * other accounts and branches — as a change that another operator reviews (I12). A dry run only counts.
 */
export async function importMerchants(
  deps: ImportDeps,
  file: ImportFile,
  options: ImportOptions,
): Promise<ImportResult> {
  const { by, branchCode, dryRun, note } = options
  const { lines, sha256 } = file
  const { entries, count, faults } = await judged(deps, file, branchCode)
  const all = bothFaults(file.faults, faults)
  if (all.count > 0) return { kind: 'faulty', faults: all }
  if (dryRun) return { kind: 'imported', count: { ...count, review: null } }
  const at = deps.clock.now()
  const subject = `merchants/${sha256.slice(0, 12)}`
  const deed = {
    at,
    username: by,
    action: 'merchants.import',
    subject,
    after: { lines, sha256 },
  }
  const review = { changeId: newChangeId(deps), askedBy: by, askedAt: at, note, subject, sha256 }
  const imported = await deps.desk.merchantBook.import(entries, deed, review)
  // Somebody's change since has made a fault of it, which judging it anew will name.
  if (imported === 'overtaken') return importMerchants(deps, file, options)
  if (imported === 'change-open') return { kind: 'refused', code: imported }
  return { kind: 'imported', count: imported }
}

interface Judged {
  entries: MerchantEntry[]
  count: ImportCount
  faults: FileFaults
}

async function judged(deps: ImportDeps, { pages }: ImportFile, branchCode: string | null): Promise<Judged> {
  const book = deps.desk.merchantBook
  const all = await book.branches({ branchCode: null })
  const own = all.filter((branch) => branchCode === null || branch.branchCode === branchCode)
  const against = {
    branches: new Set(own.map((branch) => branch.branchCode)),
    glAccounts: new Set(all.map((branch) => branch.glAccount)),
    isBookable: (account: string, name?: ChannelName) => isBookable(deps.channels, account, name),
    first: new Map<string, { code: string; line: number }>(),
  }
  const found: Judged = { entries: [], count: { added: 0, changed: 0, unchanged: 0 }, faults: noFaults() }
  for await (const page of pages()) {
    const codes = page.map((line) => line.code)
    const known = new Map((await book.known(codes)).map((one) => [one.merchantCode, one]))
    const alike = new Map((await book.alike(codes)).map((one) => [one.merchantCode, one.alike]))
    for (const line of page) {
      const was = known.get(line.code)
      lineFaults(line, { ...against, was, alike: alike.get(line.code) }, found.faults)
      if (!against.first.has(folded(line.code))) against.first.set(folded(line.code), line)
      const entry = entryOf(line, was)
      found.entries.push(entry)
      found.count[fate(entry, was)]++
    }
  }
  return found
}

/** Codes that differ only by case, or by noughts at the front, are one code that somebody or a spreadsheet wrote otherwise. */
const folded = (code: string) => code.toLowerCase().replace(/^0+/, '')

interface Against {
  /** those the operator may change; a merchant of another one is not theirs to take */
  branches: ReadonlySet<string>
  /** the whole bank's */
  glAccounts: ReadonlySet<string>
  isBookable(account: string, name?: ChannelName): boolean
  /** of the lines before it, by {@link folded} code */
  first: ReadonlyMap<string, { code: string; line: number }>
  /** as the book has it */
  was: MerchantEntry | undefined
  /** what the book has instead */
  alike: string | undefined
}

type Tell = (field: keyof ImportLine, code: FileFaultCode, message: string) => void

function lineFaults(cells: ImportLine, against: Against, faults: FileFaults): void {
  const tell: Tell = (field, code, message) => addFault(faults, cells.line, field, code, message)
  if (cells.code === '') tell('code', 'missing', 'code is empty')
  else if (!CODE.test(cells.code)) tell('code', 'malformed', '1 to 32 letters, digits, dashes or underscores')
  nameFaults(cells, tell)
  accountFaults(cells, against, tell)
  walletFaults(cells, against, tell)
  branchFaults(cells, against, tell)
  if (cells.code !== '') codeFaults(cells, against, tell)
}

function nameFaults({ name }: ImportLine, tell: Tell): void {
  const fault = textFault(tidied(name), 1, NAME_CHARS)
  if (fault === 'too-short') tell('name', 'missing', 'name is empty')
  else if (fault) tell('name', fault === 'too-long' ? 'malformed' : fault, textFaultMessage(fault, 1, NAME_CHARS))
}

function accountFaults({ account }: ImportLine, { glAccounts, isBookable, was }: Against, tell: Tell): void {
  if (account === '') tell('account', 'missing', 'account is empty')
  else if (!isBookable(account)) tell('account', 'account-refused', 'the bank books no account of that name')
  else if (glAccounts.has(account)) tell('account', 'account-is-gl', 'it is a branch’s GL account')
  else if (was && lostNoughts(was.account, account))
    tell('account', 'alike', `it was ${was.account}: noughts were lost`)
}

const lostNoughts = (was: string, now: string) =>
  was.endsWith(now) && /^0+$/.test(was.slice(0, was.length - now.length))

/** Numbers at wallets are their own; who has none there leaves it empty. */
function walletFaults(cells: ImportLine, { isBookable, was }: Against, tell: Tell): void {
  for (const name of WALLETS) {
    const account = cells[name]
    if (!account) continue
    const before = was?.walletAccounts[name]
    if (!WALLET_ACCOUNT.test(account) || !isBookable(account, name))
      tell(name, 'account-refused', `${CHANNEL_LABELS[name]} has no merchant number of that form`)
    else if (before && lostNoughts(before, account)) tell(name, 'alike', `it was ${before}: noughts were lost`)
  }
}

function branchFaults({ branch }: ImportLine, { branches }: Against, tell: Tell): void {
  const alike = () => [...branches].find((one) => folded(one) === folded(branch))
  if (branch === '') tell('branch', 'missing', 'branch is empty')
  else if (branches.has(branch)) return
  else if (alike()) tell('branch', 'alike', `there is ${alike()}: written otherwise, or noughts were lost`)
  else tell('branch', 'branch-not-found', 'there is no such branch')
}

function codeFaults({ code }: ImportLine, { branches, first, was, alike }: Against, tell: Tell): void {
  const before = first.get(folded(code))
  if (before?.code === code) tell('code', 'duplicate', `line ${before.line} has the same code`)
  else if (!was && (before || alike))
    tell('code', 'alike', `there is ${before?.code ?? alike}: written otherwise, or noughts were lost`)
  if (was && !branches.has(was.branchCode)) tell('code', 'code-taken', 'another branch has a merchant of this code')
}

const CODE = /^[A-Za-z0-9_-]{1,32}$/
/** What any of them gives out is within this. */
const WALLET_ACCOUNT = /^[A-Za-z0-9]{1,32}$/
const NAME_CHARS = 60

function entryOf({ code, name, branch, account, ...cells }: ImportLine, was: MerchantEntry | undefined): MerchantEntry {
  const walletAccounts: WalletAccounts = {}
  for (const wallet of WALLETS) {
    const to = cells[wallet] ?? was?.walletAccounts[wallet]
    if (to) walletAccounts[wallet] = to
  }
  return { merchantCode: code, name: tidied(name), branchCode: branch, account, walletAccounts }
}

function fate(entry: MerchantEntry, was: MerchantEntry | undefined): keyof ImportCount {
  if (!was) return 'added'
  const same = was.name === entry.name && was.branchCode === entry.branchCode && was.account === entry.account
  return same && sameWalletAccounts(was.walletAccounts, entry.walletAccounts) ? 'unchanged' : 'changed'
}
