import type { ReconciliationDay, ReconciliationList } from '@contract'
import type { CSSProperties } from 'react'
import { serverNow } from '../../../server-time'
import { get } from '../../client'
import { addDays, dateOf, dayRange, dayText, monthDay } from '../../dates'
import { count } from '../../format'
import { Link, setQuery, usePlace } from '../../router'
import { Button, Card, Notice, PageHead, Pill, Ready } from '../../ui'
import { useRead } from '../../use-read'
import { Channels } from './channels'
import { Unsettled } from './unsettled'
import { type Channel, DAY_STATES, dayPlace, OWN, saidOf, weekdayOf, weekdayWord } from './words'
import './index.scss'

const DAYS = 14
/** A run by the clock, or of a colleague, is seen soon after it began. */
const EVERY_MS = 30_000

/** 对账: two weeks of business dates of a channel, and how each stands. */
export default function ReconciliationPage() {
  const { query } = usePlace()
  const yesterday = dateOf(serverNow(), -1)
  const to = /^\d{4}-\d{2}-\d{2}$/.test(query.to ?? '') && query.to! < yesterday ? query.to! : yesterday
  const { reading, again } = useRead(
    () => get<ReconciliationList>('/admin/reconciliations', { to, days: DAYS, channel: query.channel }),
    `${query.channel} ${to}`,
    EVERY_MS,
  )
  const latest = to === yesterday
  const move = (days: number) => {
    const next = addDays(to, days)
    setQuery({ to: next >= yesterday ? undefined : next })
  }
  return (
    <>
      <PageHead
        title="对账"
        meta={saidOf((query.channel ?? OWN) as Channel, '每个清算日期过后，与银行的对账单逐笔核对')}
        keys={
          <>
            <Button onClick={() => move(-DAYS)}>更早两周</Button>
            <Button onClick={() => move(DAYS)} disabled={latest}>
              更近两周
            </Button>
          </>
        }
      />
      <Ready reading={reading} again={again} lines={6}>
        {({ items, channels }) => {
          const days = [...items].reverse()
          return (
            <div className="c-stack">
              {channels.length > 1 && <Channels channels={channels} chosen={items[0]!.channel} />}
              <Open days={days} />
              <Card
                title={days.length > 0 ? dayRange(days[0]!.date, days.at(-1)!.date) : '没有日期'}
                aside={summaryOf(days)}
              >
                <Calendar days={days} />
              </Card>
              <Unsettled channels={channels.length} at={leftOf(days)} />
            </div>
          )
        }}
      </Ready>
    </>
  )
}

/** Changes with what is left, so that the list is read anew. */
const leftOf = (days: readonly ReconciliationDay[]) =>
  days.map(({ openCount, waitingCount }) => `${openCount} ${waitingCount}`).join()

const openOf = (days: readonly ReconciliationDay[]) => days.reduce((sum, { openCount }) => sum + (openCount ?? 0), 0)

function summaryOf(days: readonly ReconciliationDay[]): string {
  const number = (state: ReconciliationDay['state']) => days.filter((day) => day.state === state).length
  return `平账 ${number('balanced')} 天，有差错 ${number('differences')} 天，未对账 ${number('missing')} 天`
}

function Open({ days }: { days: readonly ReconciliationDay[] }) {
  const open = openOf(days)
  if (open === 0) return null
  const first = days.find(({ openCount }) => openCount)!
  return (
    <Notice>
      <span>{`有 ${count(open)} 条差错待处理。`}</span>
      <Link to={dayPlace(first.date, first.channel)}>{`从 ${dayText(first.date)} 开始`}</Link>
    </Notice>
  )
}

/** Weeks below one another, Monday first; on a narrow screen one day below the other. */
function Calendar({ days }: { days: readonly ReconciliationDay[] }) {
  const first = days[0]
  if (!first) return null
  const column = ((weekdayOf(first.date) + 6) % 7) + 1
  return (
    <ol className="c-days" style={{ '--first-column': column } as CSSProperties}>
      {days.map((day) => (
        <li key={day.date}>
          <Day day={day} />
        </li>
      ))}
    </ol>
  )
}

function Day({ day: { channel, date, state, lines, openCount, waitingCount, says } }: { day: ReconciliationDay }) {
  const [words, tone, sign] = DAY_STATES[state]
  return (
    <Link to={dayPlace(date, channel)} className={`c-day c-day--${state}`}>
      <span className="c-day__date">
        <span className="c-strong">{monthDay(date)}</span>
        <span className="c-quiet c-small">{weekdayWord(date)}</span>
      </span>
      {state === 'none' ? (
        <span className="c-quiet c-small">{words}</span>
      ) : (
        <Pill tone={tone} sign={sign}>
          {words}
        </Pill>
      )}
      <span className="c-day__note">
        {lines !== null && <span>{`${count(lines)} 笔`}</span>}
        {openCount ? <span className="c-day__open">{`${count(openCount)} 条待处理`}</span> : null}
        {waitingCount ? <span>{`${count(waitingCount)} 条待了结`}</span> : null}
        {says?.short.count ? <span className="c-day__open">{`短款 ${count(says.short.count)} 笔`}</span> : null}
      </span>
    </Link>
  )
}
