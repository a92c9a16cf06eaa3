import type { Draft } from './draft'

/** What two people, or two tabs of one, made of the same form. */

export type Field = keyof Draft
export const FIELDS = [
  'name',
  'organiser',
  'startDate',
  'endDate',
  'windows',
  'branchCode',
  'threshold',
  'slots',
  'maxPerPayer',
  'maxPerPayerInAll',
  'min',
  'max',
  'payerPercent',
  'bandMin',
  'bandMax',
  'bandPercent',
  'budget',
  'dailyBudget',
  'branchBudgets',
  'priority',
  'merchantCodes',
  'controlCodes',
] as const satisfies readonly Field[]

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** The fields that are not as they were; a list that nobody looked at is as it was. */
export const touched = (base: Draft, mine: Draft): Field[] =>
  FIELDS.filter((field) => mine[field] !== null && !same(base[field], mine[field]))

export interface Line {
  field: Field
  /** the other one touched it too, and left it otherwise */
  clash: boolean
}

/** The fields that one touched and that the other hasn't left the same: what is to be decided, or to be known. */
export function mergeLines(base: Draft, theirs: Draft, mine: Draft): Line[] {
  return touched(base, mine).flatMap((field) => {
    if (same(theirs[field], mine[field])) return []
    return [{ field, clash: theirs[field] !== null && !isList(field) && !same(base[field], theirs[field]) }]
  })
}

/** Theirs, with what one touched; of fields that both touched theirs where `yielded` says so. Lists take in what was added and removed. */
export function merged(base: Draft, theirs: Draft, mine: Draft, yielded: ReadonlySet<Field> = new Set()): Draft {
  const next: Draft = { ...theirs }
  for (const { field } of mergeLines(base, theirs, mine)) {
    if (yielded.has(field)) continue
    const value = isList(field) ? mergedList(base[field], theirs[field], mine[field]!) : mine[field]
    Object.assign(next, { [field]: value })
  }
  return next
}

const isList = (field: Field): field is 'merchantCodes' | 'controlCodes' =>
  field === 'merchantCodes' || field === 'controlCodes'

type Codes = readonly string[]

/** What was added to a list and taken from it. */
export function listChange(base: Codes | null, mine: Codes): { added: string[]; removed: string[] } {
  const [was, is] = [new Set(base ?? []), new Set(mine)]
  return { added: mine.filter((code) => !was.has(code)), removed: (base ?? []).filter((code) => !is.has(code)) }
}

function mergedList(base: Codes | null, theirs: Codes | null, mine: Codes): Codes {
  if (theirs === null) return mine
  const { added, removed } = listChange(base, mine)
  const gone = new Set(removed)
  return [...new Set([...theirs.filter((code) => !gone.has(code)), ...added])]
}
