import type { HomeView } from '@contract'
import { Money } from '../../../components/money'
import { get } from '../../client'
import { dayText, timeOfDay } from '../../dates'
import { count, percentText, yuanText } from '../../format'
import { Link } from '../../router'
import { Figure, Figures, PageHead, Ready } from '../../ui'
import { useRead } from '../../use-read'
import { ageText } from '../refunds/table'
import { Campaigns } from './campaigns'
import { Closing } from './closing'
import { shareOf } from './figures'
import { dayLinks, STUCK } from './links'
import { ToDo } from './to-do'
import './index.scss'

/** The server reads it once in two seconds, however many look. */
const LIVE_MS = 10_000

/** 今天: how today is going across campaigns, what waits for somebody, and how yesterday closed. */
export default function HomePage() {
  const { reading, again } = useRead(() => get<HomeView>('/admin/home'), 'home', LIVE_MS)
  const meta =
    reading.kind === 'ready'
      ? `${dayText(reading.value.today.businessDate)} · ${timeOfDay(reading.value.at)} 的数字`
      : ''
  return (
    <>
      <PageHead title="今天" meta={meta} />
      <Ready reading={reading} again={again} lines={8}>
        {(home) => (
          <div className="c-stack">
            <Today home={home} />
            <Campaigns home={home} />
            <div className="c-columns home__below">
              <ToDo home={home} />
              <Closing home={home} />
            </div>
          </div>
        )}
      </Ready>
    </>
  )
}

function Today({ home: { at, today, cards, stuck } }: { home: HomeView }) {
  const links = dayLinks(today)
  const left = cards.slots - cards.used
  return (
    <Figures>
      <Figure
        title="今日订单（笔）"
        value={<Link to={links.orders}>{count(today.orderCount)}</Link>}
        note={`成交 ${yuanText(today.amountFen)}`}
      />
      <Figure
        title="今日补贴"
        value={
          <Link to={links.discounts}>
            <Money fen={today.discountFen} />
          </Link>
        }
        note={`${count(today.discountCount)} 笔有优惠，发出的牌最多 ${yuanText(cards.mostFen)}`}
      />
      <Figure
        title="剩余名额"
        value={cards.slots === 0 ? '—' : `${count(left)} / ${count(cards.slots)}`}
        note={cards.slots === 0 ? '今天还没有发牌' : `${count(cards.merchants)} 副牌，${count(cards.soldOut)} 副已售罄`}
      />
      <Figure
        title="本行渠道占比"
        value={percentText(shareOf(today))}
        note={<Link to={links.own}>{`${count(today.ownCount)} 笔走本行渠道`}</Link>}
      />
      <Figure
        title="未了结付款（笔）"
        value={<Link to={STUCK}>{count(stuck.count)}</Link>}
        note={
          stuck.since === null
            ? '没有超过一刻钟的'
            : `${yuanText(stuck.fen)}，最久 ${ageText(Date.parse(at) - Date.parse(stuck.since))}`
        }
      />
    </Figures>
  )
}
