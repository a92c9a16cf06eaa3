import type { DifferenceList, DifferenceView } from '@contract'
import { get } from '../../client'
import { dayText } from '../../dates'
import { Link } from '../../router'
import { Card, type Column, Listed, Pill, Table } from '../../ui'
import { usePages } from '../../use-pages'
import { channelWord } from '../orders/words'
import { CLASS_WORDS, dayPlace, detailWords, standingOf } from './words'

/**
 * What is left of any day and any channel: undecided, or rejected and not yet put right. The oldest first; nothing of it leaves
 * the list with time alone.
 */
export function Unsettled({ channels, at }: { channels: number; at: string }) {
  const pages = usePages((cursor) => get<DifferenceList>('/admin/differences', { cursor }), at)
  if (pages.kind !== 'failed' && pages.items.length === 0) return null
  return (
    <Card title="未了结的差错">
      <Listed pages={pages} empty={null}>
        {(items) => (
          <Table
            caption="未了结的差错"
            columns={channels > 1 ? [CHANNEL, ...COLUMNS] : COLUMNS}
            rows={items}
            keyOf={({ differenceId }) => differenceId}
          />
        )}
      </Listed>
    </Card>
  )
}

const CHANNEL: Column<DifferenceView> = { name: 'channel', head: '渠道', cell: ({ channel }) => channelWord(channel) }

const COLUMNS: readonly Column<DifferenceView>[] = [
  {
    name: 'date',
    head: '清算日期',
    cell: ({ date, channel, differenceId }) => (
      <Link to={dayPlace(date, channel, differenceId)} aria-label={`${dayText(date)} 的差错 ${differenceId}`}>
        {dayText(date)}
      </Link>
    ),
  },
  {
    name: 'class',
    head: '差错',
    className: 'c-table__wrap',
    cell: (one) => (
      <>
        <span className="c-table__name">{CLASS_WORDS[one.class]}</span>
        <span className="c-table__under">{detailWords(one)}</span>
      </>
    ),
  },
  { name: 'order', head: '订单 / 退款', cell: ({ orderNo, refundNo }) => refundNo ?? orderNo },
  {
    name: 'state',
    head: '处理',
    cell: (one) => {
      const [words, tone, sign] = standingOf(one)
      return (
        <Pill tone={tone} sign={sign}>
          {words}
        </Pill>
      )
    },
  },
]
