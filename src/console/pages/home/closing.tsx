import type { HomeView, ReconciliationDay } from '@contract'
import { dayText } from '../../dates'
import { count, percentText, yuanText } from '../../format'
import { Link } from '../../router'
import { Card, Facts, Pill } from '../../ui'
import { channelWord } from '../orders/words'
import { DAY_STATES, dayPlace } from '../reconciliation/words'
import { shareOf } from './figures'
import { dayLinks } from './links'

/** Yesterday: what it came to, and for whom sees the books whether each channel's day closed. */
export function Closing({ home: { yesterday, books } }: { home: HomeView }) {
  const links = dayLinks(yesterday)
  return (
    <Card title="昨日结账" aside={dayText(yesterday.businessDate)}>
      <Facts
        rows={[
          ['订单', <Orders key="orders" home={yesterday} to={links.orders} />],
          [
            '补贴',
            <Link key="discounts" to={links.discounts}>
              {`${yuanText(yesterday.discountFen)}（${count(yesterday.discountCount)} 笔）`}
            </Link>,
          ],
          ['本行占比', percentText(shareOf(yesterday))],
          ...(books?.closing ?? []).map(
            (day) => [channelWord(day.channel), <Day key={day.channel} day={day} />] as const,
          ),
        ]}
      />
    </Card>
  )
}

function Orders({ home, to }: { home: HomeView['yesterday']; to: string }) {
  return (
    <>
      <Link to={to}>{`${count(home.orderCount)} 笔`}</Link>
      {`，成交 ${yuanText(home.amountFen)}`}
    </>
  )
}

function Day({ day: { channel, date, state, openCount, waitingCount } }: { day: ReconciliationDay }) {
  const [words, tone, sign] = DAY_STATES[state]
  const left = (openCount ?? 0) + (waitingCount ?? 0)
  return (
    <span className="c-row">
      <Pill tone={tone} sign={sign}>
        {words}
      </Pill>
      {state !== 'none' && (
        <Link to={dayPlace(date, channel)}>{left > 0 ? `${count(left)} 条没有了结` : '看这一天'}</Link>
      )}
    </span>
  )
}
