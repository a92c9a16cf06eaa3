import { type Column, Table } from '../../ui'
import { type Change, fieldWord, valueWords } from './words'

interface Line {
  field: string
  before: unknown
  after: unknown
}

const COLUMNS: readonly Column<Line>[] = [
  { name: 'field', head: '项目', cell: ({ field }) => fieldWord(field) },
  {
    name: 'before',
    head: '之前',
    className: 'c-table__wrap change__before',
    cell: ({ field, before }) => valueWords(field, before),
  },
  {
    name: 'after',
    head: '之后',
    className: 'c-table__wrap change__after',
    cell: ({ field, after }) => valueWords(field, after),
  },
]

/** What is asked for, field by field; what stays as it is isn't there. */
export function Diff({ change }: { change: Change }) {
  const before = (change.before ?? {}) as Record<string, unknown>
  const after = change.after as Record<string, unknown>
  // Where nothing was, nothing that is left open says anything; and what is only true now stands beside what is asked for.
  const fields = [...new Set([...Object.keys(after), ...Object.keys(before).filter((field) => field === 'owners')])]
  const rows = fields
    .map((field) => ({ field, before: before[field], after: field in after ? after[field] : before[field] }))
    .filter((line) => JSON.stringify(line.before) !== JSON.stringify(line.after) || line.field === 'owners')
    .filter((line) => change.before !== null || line.after !== null)
  return <Table caption="变更内容" keyOf={({ field }) => field} rows={rows} columns={COLUMNS} />
}
