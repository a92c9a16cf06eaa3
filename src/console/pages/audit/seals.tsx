import type { SealList } from '@contract'
import { get } from '../../client'
import { dateTime, dayText } from '../../dates'
import { count } from '../../format'
import { Card, type Column, Copy, Empty, Ready, Table } from '../../ui'
import { useRead } from '../../use-read'

type Seal = SealList['items'][number]

const COLUMNS: readonly Column<Seal>[] = [
  { name: 'date', head: '清算日期', cell: ({ date }) => dayText(date) },
  { name: 'at', head: '封存时间', cell: ({ at }) => dateTime(at) },
  { name: 'link', head: '环号', right: true, cell: ({ link }) => count(link) },
  {
    name: 'mac',
    head: '校验值',
    cell: ({ mac }) => (
      <span className="c-row">
        <code className="c-code" title={mac}>{`${mac.slice(0, 16)}…`}</code>
        <Copy text={mac} label="校验值" />
      </span>
    ),
  },
]

/** 账本日封: the last days of the books' chain, to compare with what was given out. */
export function Seals() {
  const { reading, again } = useRead(() => get<SealList>('/admin/audit/seals'), 'seals')
  return (
    <Card title="账本日封" aside="与当天留存的校验值不同，就说明这天或之前的账被改过或删过">
      <Ready reading={reading} again={again} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="还没有封存过。每天零点十分后封存前一天。" />
          ) : (
            <Table caption="账本日封" columns={COLUMNS} rows={items} keyOf={({ date }) => date} />
          )
        }
      </Ready>
    </Card>
  )
}
