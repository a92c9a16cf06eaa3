import type { AdminMerchantDays } from '@contract'
import { serverNow } from '../../../server-time'
import { get } from '../../client'
import { addDays, dateOf, dayText } from '../../dates'
import { DateFilter } from '../../filters'
import { count, percentText, sumYuan } from '../../format'
import { Link, usePlace } from '../../router'
import { Card, type Column, Ready, Table } from '../../ui'
import { useRead } from '../../use-read'

/** As many as fit a screen; the server gives a month at most. */
const SHOWN = 14

/** A merchant's last days: each count leads to exactly the rows that it counts. */
export function Days({ code }: { code: string }) {
  const to = usePlace().query.until || dateOf(serverNow())
  const { reading, again } = useRead(
    () => get<AdminMerchantDays>(`/admin/merchants/${code}/days`, { from: addDays(to, 1 - SHOWN), to }),
    `${code} ${to}`,
  )
  return (
    <Card title="按日" aside={<DateFilter name="until" label="截至" date={to} />}>
      <Ready reading={reading} again={again} lines={6}>
        {({ from, items, total, archivedBefore }) => (
          <>
            {archivedBefore && (
              <p className="c-quiet c-small">{`${archivedBefore} 之前的订单已归档：已付的仍计入，没有付成的不再计入，也不再逐笔列出。`}</p>
            )}
            <Table
              caption={`${from} 至 ${to} 每日经营，金额元`}
              columns={columnsOf(code)}
              rows={items}
              keyOf={({ date }) => date}
              foot={[
                '合计',
                count(total.orders),
                count(total.paid),
                count(total.discounted),
                sumYuan(total.amountFen),
                sumYuan(total.costFen),
                sumYuan(total.rewardFen),
                shareText(total),
                '',
              ]}
            />
          </>
        )}
      </Ready>
    </Card>
  )
}

type Day = AdminMerchantDays['items'][number]

const shareText = ({ own, all }: Pick<Day, 'own' | 'all'>) => percentText(all ? own / all : null)

/** `query`: what of the day's orders it counts. */
function Orders({ code, day, n, query = '' }: { code: string; day: Day; n: number; query?: string }) {
  if (n === 0) return <span className="c-quiet">0</span>
  return <Link to={`orders?merchantCode=${code}&date=${day.date}${query}`}>{count(n)}</Link>
}

const columnsOf = (code: string): readonly Column<Day>[] => [
  { name: 'date', head: '清算日期', cell: ({ date }) => dayText(date) },
  { name: 'orders', head: '订单', right: true, cell: (day) => <Orders {...{ code, day }} n={day.orders} /> },
  {
    name: 'paid',
    head: '已付',
    right: true,
    cell: (day) => <Orders {...{ code, day }} n={day.paid} query="&state=paid" />,
  },
  {
    name: 'discounted',
    head: '有优惠',
    right: true,
    cell: (day) => <Orders {...{ code, day }} n={day.discounted} query="&state=paid&discounted=true" />,
  },
  { name: 'amount', head: '已付金额', right: true, cell: ({ amountFen }) => sumYuan(amountFen) },
  { name: 'cost', head: '优惠成本', right: true, cell: ({ costFen }) => sumYuan(costFen) },
  { name: 'reward', head: '商户奖励', right: true, cell: ({ rewardFen }) => sumYuan(rewardFen) },
  {
    name: 'share',
    head: '本行占比',
    right: true,
    cell: (day) => (
      <>
        {shareText(day)}
        {day.all !== null && <span className="c-table__under">{`${count(day.own)} / ${count(day.all)} 笔`}</span>}
      </>
    ),
  },
  {
    name: 'decks',
    head: '剩余名额',
    right: true,
    cell: ({ date, decks }) =>
      decks.length === 0 ? (
        <span className="c-quiet">没有发牌</span>
      ) : (
        decks.map(({ campaignId, cards, left }) => (
          <div key={campaignId}>
            <Link to={`campaigns/${campaignId}/decks/${code}/${date}`}>{`${count(left)} / ${count(cards)}`}</Link>
          </div>
        ))
      ),
  },
]
