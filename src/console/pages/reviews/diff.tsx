import type { AdminMerchant } from '@contract'
import { type Column, Table } from '../../ui'
import { WALLETS } from '../../words'
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
    className: 'c-table__wrap review__before',
    cell: ({ field, before }) => valueWords(field, before),
  },
  {
    name: 'after',
    head: '之后',
    className: 'c-table__wrap review__after',
    cell: ({ field, after }) => valueWords(field, after),
  },
]

/** Whoever binds by the code is one owner more than there are now. */
const ONE_MORE: Record<string, unknown> = { owners: '再绑定 1 位' }

/** A line for each wallet: the one number of three that changes is what is reviewed. */
function byWallet(line: Line): Line[] {
  if (line.field !== 'walletAccounts') return [line]
  const before = (line.before ?? {}) as AdminMerchant['walletAccounts']
  const after = (line.after ?? {}) as AdminMerchant['walletAccounts']
  return WALLETS.map((name) => ({ field: name, before: before[name] ?? null, after: after[name] ?? null }))
}

/** What is asked for, field by field; what stays as it is isn't there. */
export function Diff({ change }: { change: Change }) {
  const before = (change.before ?? {}) as Record<string, unknown>
  const after = change.kind === 'merchant.owner' ? ONE_MORE : (change.after as Record<string, unknown>)
  const rows = Object.keys(after)
    .map((field) => ({ field, before: before[field], after: after[field] }))
    .flatMap(byWallet)
    .filter((line) => JSON.stringify(line.before) !== JSON.stringify(line.after))
    // Where nothing was, nothing that is left open says anything.
    .filter((line) => change.before !== null || line.after !== null)
  return <Table caption="变更内容" keyOf={({ field }) => field} rows={rows} columns={COLUMNS} />
}
