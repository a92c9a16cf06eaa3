import type { CampaignToday, HomeView } from '@contract'
import { yuan } from '../../../money'
import { dayText } from '../../dates'
import { count, percentText, yuanText } from '../../format'
import { Link } from '../../router'
import { Bar, Card, type Column, Empty, Notice, Pill, StatePill, Table } from '../../ui'
import { daysTo, endsSoon, endWords, shareOf } from './figures'
import { campaignLinks } from './links'

/** The campaigns that are on, side by side. */
export function Campaigns({ home: { campaigns, more, today } }: { home: HomeView }) {
  return (
    <Card title="进行中的活动" aside="先结束的在前">
      {more && <Notice>{`进行中的活动很多，这里只列出先结束的 ${campaigns.length} 个。`}</Notice>}
      {campaigns.length === 0 ? (
        <Empty title="今天没有进行中的活动">
          <Link to="campaigns" className="c-button c-button--plain">
            看全部活动
          </Link>
        </Empty>
      ) : (
        <Table
          caption="进行中的活动"
          columns={columnsOf(today.businessDate)}
          rows={campaigns}
          keyOf={({ campaignId }) => campaignId}
        />
      )}
    </Card>
  )
}

const columnsOf = (today: string): Column<CampaignToday>[] => [
  {
    name: 'name',
    head: '活动',
    className: 'c-table__wrap',
    cell: (one) => (
      <>
        <Link to={campaignLinks(one, today).campaign} className="c-table__name">
          {one.name}
        </Link>
        {one.state === 'paused' && (
          <span className="c-table__under">
            <StatePill state="paused" />
          </span>
        )}
      </>
    ),
  },
  {
    name: 'orders',
    head: '订单',
    right: true,
    cell: (one) => <Link to={campaignLinks(one, today).orders}>{count(one.orderCount)}</Link>,
  },
  {
    name: 'share',
    head: '本行占比',
    right: true,
    cell: (one) => (
      <>
        {percentText(shareOf(one))}
        <span className="c-table__under">
          <Link to={campaignLinks(one, today).own}>{`${count(one.ownCount)} 笔`}</Link>
        </span>
      </>
    ),
  },
  {
    name: 'cost',
    head: '今日补贴（元）',
    right: true,
    cell: (one) => (
      <span className="home__cost">
        <span>
          <Link to={campaignLinks(one, today).discounts}>{yuan(one.discountFen)}</Link>
          <span className="c-quiet">{` / 最多 ${yuan(one.mostFen)}`}</span>
        </span>
        <Bar
          part={one.discountFen}
          whole={one.mostFen}
          words={`${one.discountCount} 笔优惠共 ${yuanText(one.discountFen)}，发出的牌最多 ${yuanText(one.mostFen)}`}
        />
      </span>
    ),
  },
  { name: 'cards', head: '剩余名额', right: true, cell: (one) => <Cards campaign={one} today={today} /> },
  {
    name: 'budget',
    head: '预算可支撑',
    right: true,
    cell: (one) => {
      const { daysLeft, runsShort } = one
      if (daysLeft === null) return <span className="c-quiet">还不能算</span>
      const words = daysLeft < 1 ? '不到 1 天' : `${Math.floor(daysLeft)} 天`
      return runsShort ? (
        <Pill tone="accent" sign="!">
          {words}
        </Pill>
      ) : (
        words
      )
    },
  },
  {
    name: 'end',
    head: '结束',
    right: true,
    cell: (one) => {
      const words = endWords(daysTo(one.endDate, today))
      return (
        <>
          {dayText(one.endDate)}
          <span className={`c-table__under ${endsSoon(one, today) ? 'home__soon' : ''}`}>{words}</span>
        </>
      )
    },
  },
]

function Cards({ campaign, today }: { campaign: CampaignToday; today: string }) {
  const { slots, used, soldOut } = campaign
  const links = campaignLinks(campaign, today)
  if (slots === 0) return <span className="c-quiet">还没有发牌</span>
  return (
    <>
      {`${count(slots - used)} / ${count(slots)}`}
      <span className="c-table__under">
        {soldOut > 0 ? <Link to={links.soldOut}>{`${count(soldOut)} 户售罄`}</Link> : '没有售罄的'}
      </span>
    </>
  )
}
