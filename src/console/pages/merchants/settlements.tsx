import type { SettlementList } from '@contract'
import { CHANNEL_WORDS } from '../../../sentences'
import { serverNow } from '../../../server-time'
import { get } from '../../client'
import { dateOf, dayText } from '../../dates'
import { DateFilter } from '../../filters'
import { count, sumYuan } from '../../format'
import { Link, usePlace } from '../../router'
import { Card, type Column, Empty, Ready, Table } from '../../ui'
import { useRead } from '../../use-read'

/** What of a day each channel brought to which account of the merchant. */
export function Settlements({ code }: { code: string }) {
  const date = usePlace().query.date ?? dateOf(serverNow())
  const { reading, again } = useRead(
    () => get<SettlementList>(`/admin/merchants/${code}/settlements`, { date }),
    `${code} ${date}`,
  )
  return (
    <Card title="按渠道结算" aside={<DateFilter date={date} />}>
      <Ready reading={reading} again={again} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="这一天没有收款和退款。" />
          ) : (
            <Table
              caption={`${dayText(date)} 按渠道结算，元`}
              columns={columnsOf(code, date)}
              rows={items}
              keyOf={({ channel, account }) => `${channel} ${account}`}
            />
          )
        }
      </Ready>
    </Card>
  )
}

type Row = SettlementList['items'][number]

/** A day's sums of a channel and account, each count leading to what it counts. */
function columnsOf(merchantCode: string, date: string): readonly Column<Row>[] {
  const led = (list: 'orders' | 'refunds', state: string, { channel, account }: Row, n: number) => {
    const of = { merchantCode, date, state, channel, account, ...(list === 'refunds' && { asked: 'true' }) }
    return n === 0 ? count(n) : <Link to={`${list}?${new URLSearchParams(of)}`}>{count(n)}</Link>
  }
  return [
    {
      name: 'channel',
      head: '渠道与入账账户',
      cell: ({ channel, account }) => (
        <>
          <span className="c-table__name">{CHANNEL_WORDS[channel]}</span>
          <span className="c-table__under">{account}</span>
        </>
      ),
    },
    { name: 'orders', head: '收款笔数', right: true, cell: (row) => led('orders', 'paid', row, row.orderCount) },
    { name: 'amount', head: '收款（元）', right: true, cell: ({ amountFen }) => sumYuan(amountFen) },
    { name: 'reward', head: '奖励（元）', right: true, cell: ({ rewardFen }) => sumYuan(rewardFen) },
    { name: 'refunds', head: '退款笔数', right: true, cell: (row) => led('refunds', 'refunded', row, row.refundCount) },
    { name: 'refunded', head: '退回（元）', right: true, cell: ({ refundedFen }) => sumYuan(refundedFen) },
    { name: 'received', head: '入账（元）', right: true, cell: ({ receivedFen }) => sumYuan(receivedFen) },
  ]
}
