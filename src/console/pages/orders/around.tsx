import type { AroundView } from '@contract'
import { get } from '../../client'
import { dateTime, timeOfDay } from '../../dates'
import { count } from '../../format'
import type { PageProps } from '../../page-props'
import { Link, setQuery, usePlace } from '../../router'
import { Archived, Card, Choices, type Column, Empty, Facts, Notice, PageHead, Pill, Ready, Table } from '../../ui'
import { useRead } from '../../use-read'
import { standingOf, stopWords, whereWords } from './stops'
import { ORDER_COLUMNS } from './table'

const MINUTES = [
  ['5', '前后 5 分钟'],
  ['15', '15 分钟'],
  ['60', '1 小时'],
] as const

type Minutes = (typeof MINUTES)[number][0]

/** 前后: what happened at the order's merchant around that minute, so that one sees why it went as it did. */
export default function AroundPage({ params: { orderNo = '' } }: PageProps) {
  const { minutes = '15' } = usePlace().query
  const { reading, again } = useRead(
    () => get<AroundView>(`/admin/orders/${orderNo}/around`, { minutes }),
    `${orderNo} ${minutes}`,
  )
  return (
    <>
      <PageHead
        title="前后发生了什么"
        trail={[
          ['订单', 'orders'],
          [orderNo, `orders/${orderNo}`],
        ]}
        keys={
          <Choices
            label="时间范围"
            options={MINUTES}
            chosen={minutes as Minutes}
            onChoose={(chosen) => setQuery({ minutes: chosen })}
          />
        }
      />
      <Ready reading={reading} again={again} lines={8}>
        {(around) => <Around around={around} orderNo={orderNo} />}
      </Ready>
    </>
  )
}

function Around({ around, orderNo }: { around: AroundView; orderNo: string }) {
  const { orders, whole, from, until } = around
  const here = orders.find((order) => order.orderNo === orderNo)
  return (
    <div className="c-stack">
      <div className="c-columns">
        <Card title="当时的牌" aside={here && `${dateTime(here.createdAt)} 下单时`}>
          <Decks {...around} />
        </Card>
        <Card title="暂停和恢复" aside="当天的，和之前最后一次">
          <Stops stops={around.stops} at={here?.createdAt ?? from} />
        </Card>
      </div>
      {!whole && (
        <Notice>
          <span>这段时间订单太多，只列出离这一笔最近的。请选更短的时间。</span>
        </Notice>
      )}
      {around.archivedBefore && <Archived before={around.archivedBefore} />}
      <Card
        title="这家商户的订单"
        aside={`${timeOfDay(from)} 至 ${timeOfDay(until)}，${count(orders.length)} 笔，早的在前`}
      >
        <Table caption="前后的订单" columns={columnsFor(orderNo)} rows={orders} keyOf={(order) => order.orderNo} />
      </Card>
    </div>
  )
}

/** Of one merchant, and with which of them was asked about. */
const columnsFor = (orderNo: string): Column<AroundView['orders'][number]>[] =>
  ORDER_COLUMNS.filter(({ name }) => name !== 'merchant').map((column) =>
    column.name === 'order'
      ? {
          ...column,
          cell: (order) => (
            <>
              {column.cell(order)}
              {order.orderNo === orderNo && (
                <Pill tone="wait" sign="→">
                  本单
                </Pill>
              )}
            </>
          ),
        }
      : column,
  )

function Decks({ decks, archivedBefore }: Pick<AroundView, 'decks' | 'archivedBefore'>) {
  if (decks.length === 0) return <Empty title="这家商户当天没有发过牌" />
  return (
    <>
      {decks.map(({ campaignId, campaignName, cards, used, open }) => (
        <Facts
          key={campaignId}
          rows={[
            [
              '活动',
              <Link key="c" to={`campaigns/${campaignId}`}>
                {campaignName}
              </Link>,
            ],
            [
              '牌',
              `共 ${cards} 张，已用 ${used}${open > 0 ? `（其中 ${open} 张还没有结果）` : ''}，剩 ${Math.max(0, cards - used)}`,
            ],
          ]}
        />
      ))}
      {archivedBefore && <p className="c-quiet c-small">当天有订单已经归档，没有算在已用里：实际用掉的更多。</p>}
      {decks.some(({ cards, used }) => used < cards) && (
        <p className="c-quiet c-small">剩下的里面，有些可能正被没付款的报价占着；那样的占用不入账，这里看不到。</p>
      )}
    </>
  )
}

function Stops({ stops, at }: Pick<AroundView, 'stops'> & { at: string }) {
  const held = standingOf(stops, at)
  return (
    <>
      <p className="c-row">
        {held.length === 0 ? (
          <Pill tone="ok" sign="✓">
            下单时没有暂停
          </Pill>
        ) : (
          held.map((subject) => (
            <Pill key={subject} tone="accent" sign="■">
              {`下单时已暂停：${whereWords(subject)}`}
            </Pill>
          ))
        )}
      </p>
      <ol className="c-life">
        {stops.map((stop) => (
          <li key={`${stop.at} ${stop.subject} ${stop.action}`} className="c-life__step">
            <span className="c-strong">{stopWords(stop)}</span>
            <span className="c-table__under">
              {[dateTime(stop.at), stop.by === 'system' ? '系统' : stop.by, stop.note].filter(Boolean).join(' · ')}
            </span>
          </li>
        ))}
      </ol>
      {stops.length === 0 && <p className="c-quiet">没有暂停或恢复过。</p>}
    </>
  )
}
