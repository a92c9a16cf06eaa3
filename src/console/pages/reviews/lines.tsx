import type { ChangeLineList } from '@contract'
import { get } from '../../client'
import { count } from '../../format'
import { type Column, Empty, Listed, Table } from '../../ui'
import { usePages } from '../../use-pages'
import { type Change, valueWords } from './words'

type Line = ChangeLineList['items'][number]

type Side = Line['after']
const textOf = (side: Side, field: keyof Side) => valueWords(field, side[field])

const beforeAfter = (field: keyof Side, head: string): Column<Line> => ({
  name: field,
  head,
  className: 'c-table__wrap',
  cell: ({ before, after }) => {
    const to = textOf(after, field)
    if (before === null) return <span className="c-strong">{to}</span>
    const from = textOf(before, field)
    if (from === to) return <span className="c-quiet">{to}</span>
    return (
      <>
        <span className="c-quiet">{`${from} → `}</span>
        <span className="c-strong">{to}</span>
      </>
    )
  },
})

const COLUMNS: readonly Column<Line>[] = [
  {
    name: 'merchant',
    head: '商户号',
    cell: ({ merchantCode, before }) => (
      <>
        <span className="c-table__name">{merchantCode}</span>
        {before === null && <span className="c-table__under">新增</span>}
      </>
    ),
  },
  beforeAfter('name', '名称'),
  beforeAfter('branchCode', '网点'),
  beforeAfter('account', '结算账户'),
  beforeAfter('walletAccounts', '钱包商户号'),
]

/** Every merchant of a file whose money would go elsewhere, page by page. */
export function Lines({ change }: { change: Change }) {
  const { changeId, lineCount, after } = change
  const path = `/admin/changes/${changeId}/lines`
  const pages = usePages((cursor) => get<ChangeLineList>(path, { cursor }), changeId)
  const { added, moved } = after as { added: number; moved: number }
  return (
    <>
      <p>{`共 ${count(lineCount)} 家：新增 ${count(added)} 家，变更账户或网点 ${count(moved)} 家`}</p>
      <Listed pages={pages} empty={<Empty title="没有商户" />}>
        {(items) => <Table caption="商户" columns={COLUMNS} rows={items} keyOf={({ line }) => String(line)} />}
      </Listed>
    </>
  )
}
