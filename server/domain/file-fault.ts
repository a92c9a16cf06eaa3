/** Stable: the contract lists them, and the console has a sentence for each. */
export const FILE_FAULTS = [
  // of the file as it is
  'empty',
  'not-csv',
  'utf-16',
  'encoding',
  'too-many-lines',
  'line-too-long',
  'too-many-columns',
  // of it as a table
  'separator',
  'column-missing',
  'column-twice',
  'quote',
  'cell-count',
  'rewritten',
  // of a cell
  'missing',
  'malformed',
  'invalid-code',
  'hidden-character',
  'odd-blank',
  // of a line beside others, and beside what is in the book
  'duplicate',
  'code-taken',
  'alike',
  'account-is-gl',
  'account-refused',
  'branch-not-found',
  'merchant-unknown',
  'both-roles',
] as const
export type FileFaultCode = (typeof FILE_FAULTS)[number]

/** What is wrong with a file that an operator sent. */
export interface FileFault {
  /** counted from 1, as the file's own lines are, empty ones included; 0 is the whole file */
  line: number
  /** the column's name of ours, or `line`, or `file` */
  field: string
  code: FileFaultCode
  message: string
}

/** The first of them, and how many there are in all. */
export interface FileFaults {
  named: FileFault[]
  count: number
}

/** More than that are one mistake many times. */
const MOST_NAMED = 1_000

export const noFaults = (): FileFaults => ({ named: [], count: 0 })

export function addFault(faults: FileFaults, line: number, field: string, code: FileFaultCode, message: string): void {
  faults.count++
  if (faults.named.length < MOST_NAMED) faults.named.push({ line, field, code, message })
}

/** Both, in the order of the lines. */
export function bothFaults(some: FileFaults, others: FileFaults): FileFaults {
  const named = [...some.named, ...others.named].sort((a, b) => a.line - b.line)
  return { named: named.slice(0, MOST_NAMED), count: some.count + others.count }
}
