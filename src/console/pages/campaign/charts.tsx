import type { CampaignDetail, CampaignEffect, Report } from '@contract'
import { useCallback, useMemo } from 'react'
import { dayText, monthDay } from '../../dates'
import { count, percentText, yuanText } from '../../format'
import { Card, Empty } from '../../ui'
import { Chart, type Ink, shade } from '../../ui/chart'

const FONT = { family: 'inherit', size: 12 }

/** Does the share rise, and does it rise against the merchants left out? */
export function ShareChart({ campaign, effect }: { campaign: CampaignDetail; effect: CampaignEffect }) {
  const { points, treated, control } = effect
  const draw = useCallback(
    (ink: Ink) => {
      const dates = points.map((point) => point.businessDate)
      const inside = dates.map((date) => date >= campaign.startDate && date <= campaign.endDate)
      const line = (label: string, key: 'treated' | 'control') => ({
        label,
        data: points.map((point) => (point[key] === null ? null : Math.round(point[key] * 1_000) / 10)),
        // a day between days without orders has no line, so a few points are dots too
        pointRadius: points.length > 10 ? 0 : 3,
        pointHitRadius: 8,
        borderWidth: 2,
        tension: 0.25,
      })
      const tip: Tip = {
        title: (at) => dayText(dates[at]!),
        label: (at, series) => {
          const key = series === 0 ? 'treated' : 'control'
          return `${series === 0 ? '参与商户' : '对照商户'} ${percentText(points[at]![key])}`
        },
      }
      return {
        type: 'line' as const,
        data: {
          labels: dates.map(monthDay),
          datasets: [
            { ...line('参与商户', 'treated'), borderColor: ink.accent, backgroundColor: ink.accent },
            { ...line('对照商户', 'control'), borderColor: ink.quiet, backgroundColor: ink.quiet, borderDash: [5, 4] },
          ],
        },
        options: {
          ...plain(ink, (value) => `${value}%`, tip),
          interaction: { mode: 'index' as const, intersect: false },
        },
        plugins: [shade(inside.indexOf(true), inside.lastIndexOf(true), ink.soft, false)],
      }
    },
    [points, campaign.startDate, campaign.endDate],
  )
  const words = [
    `参与商户：活动前 ${percentText(treated.before.share)}，活动中 ${percentText(treated.during.share)}，活动后 ${percentText(treated.after.share)}`,
    `对照商户：活动前 ${percentText(control.before.share)}，活动中 ${percentText(control.during.share)}，活动后 ${percentText(control.after.share)}`,
  ]
  return (
    <Card title="本行渠道占比" aside="底色为活动期　—— 参与商户　- - 对照商户">
      {points.filter((point) => point.treated !== null).length > 1 ? (
        <Chart label={`本行渠道占比，按天。${words.join('；')}`} heightPx={200} draw={draw} />
      ) : (
        <Empty title="有两天以上、知道所有渠道笔数的订单，才看得出占比的变化" />
      )}
      <ul className="campaign__words">
        {words.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Card>
  )
}

/** How the promise of the band looks in the cards dealt. */
export function CardsChart({ campaign, report }: { campaign: CampaignDetail; report: Report }) {
  const { cards } = report
  const inBand = useMemo(() => cards.map((bin) => bin.inBand), [cards])
  const draw = useCallback(
    (ink: Ink) => ({
      type: 'bar' as const,
      data: {
        labels: cards.map(({ fromFen }) => String(Math.round(fromFen / 10) / 10)),
        datasets: [
          { label: '张数', data: cards.map((bin) => bin.count), backgroundColor: ink.accent, categoryPercentage: 0.9 },
        ],
      },
      options: plain(ink, (value) => String(value), {
        // a card's amount lies in a range, of which the axis has only the beginning
        title: (at) => `${yuanText(cards[at]!.fromFen)} 至 ${yuanText(cards[at]!.toFen)}`,
        label: (at) => `${count(cards[at]!.count)} 张${inBand[at] ? '，在承诺区间内' : ''}`,
      }),
      plugins: [shade(inBand.indexOf(true), inBand.lastIndexOf(true), ink.soft, true)],
    }),
    [cards, inBand],
  )
  const { bandMinFen, bandMaxFen, bandPercent } = campaign.rule
  const total = cards.reduce((sum, bin) => sum + bin.count, 0)
  const kept = cards.reduce((sum, bin) => sum + (bin.inBand ? bin.count : 0), 0)
  const band = `${yuanText(bandMinFen)}–${yuanText(bandMaxFen)}`
  const said = `${total} 张牌中 ${kept} 张在 ${band}，占 ${percentText(total > 0 ? kept / total : null)}`
  return (
    <Card title="牌面分布" aside={`承诺：${band} 不少于 ${bandPercent}%`}>
      {total > 0 ? (
        <>
          <Chart label={`按金额（元）的牌数。${said}`} heightPx={200} draw={draw} />
          <p className="campaign__words">
            {`${said}（底色）。今天的牌只计已用的；承诺按整副牌算，每副牌发出时就做到。`}
          </p>
        </>
      ) : (
        <Empty title="还没有可以公开的牌；当天的牌用掉一张计一张" />
      )}
    </Card>
  )
}

/** What a chart says of the place that is pointed at: with units, and with ranges where a place is one. */
export interface Tip {
  title(at: number): string
  label(at: number, series: number): string
  /** series that say nothing of their own */
  hides?: readonly number[]
}

/** The look of them all: quiet axes, no legend (the words beside it are one), no movement. */
export function plain(ink: Ink, tick: (value: number | string) => string, { title, label, hides = [] }: Tip) {
  const ticks = { color: ink.quiet, font: FONT }
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: false as const,
    plugins: {
      legend: { display: false },
      tooltip: {
        displayColors: false,
        filter: ({ datasetIndex }: { datasetIndex: number }) => !hides.includes(datasetIndex),
        callbacks: {
          title: (items: { dataIndex: number }[]) => (items[0] ? title(items[0].dataIndex) : ''),
          label: ({ dataIndex, datasetIndex }: { dataIndex: number; datasetIndex: number }) =>
            label(dataIndex, datasetIndex),
        },
      },
    },
    scales: {
      x: {
        grid: { display: false },
        border: { color: ink.line },
        ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 18 },
      },
      y: {
        beginAtZero: true,
        grid: { color: ink.line },
        border: { display: false },
        ticks: { ...ticks, maxTicksLimit: 5, precision: 0, callback: tick },
      },
    },
  }
}
