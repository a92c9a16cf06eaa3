import type { SuspicionView } from '@contract'
import { useCallback } from 'react'
import { yuan } from '../../../money'
import { dayText, timeOfDay } from '../../dates'
import { Card, Empty } from '../../ui'
import { Chart, type Ink } from '../../ui/chart'

type Order = SuspicionView['orders'][number]

/** Minutes of the day in Shanghai. */
const minuteOf = ({ createdAt }: Order) => {
  const [hours, minutes, seconds] = timeOfDay(createdAt).split(':').map(Number)
  return hours! * 60 + minutes! + seconds! / 60
}
const hourText = (minute: number | string) =>
  `${Math.floor(Number(minute) / 60)}:${String(Number(minute) % 60).padStart(2, '0')}`

/** When the cards went and for how much: a farmed day is a clump or a line, an honest one a cloud. */
export function CardsOfDay({ orders, date }: { orders: readonly Order[]; date: string }) {
  const busiest = mostOf(orders)
  const draw = useCallback(
    (ink: Ink) => {
      const axis = hoursOf(orders)
      const points = (of: readonly Order[]) =>
        of.map((order) => ({ x: minuteOf(order), y: order.amountFen, at: order.createdAt }))
      const dots = (label: string, of: readonly Order[], colour: string) => ({
        label,
        data: points(of),
        showLine: false,
        pointRadius: 4,
        borderColor: colour,
        backgroundColor: colour,
      })
      const ticks = { color: ink.quiet, font: { family: 'inherit', size: 12 } }
      return {
        type: 'line' as const,
        data: {
          datasets: [
            dots(
              '其他付款人',
              orders.filter(({ payer }) => payer !== busiest.payer),
              ink.quiet,
            ),
            dots(
              `付款人 ${busiest.payer}`,
              orders.filter(({ payer }) => payer === busiest.payer),
              ink.accent,
            ),
          ],
        },
        options: {
          responsive: true,
          maintainAspectRatio: false,
          animation: false as const,
          plugins: {
            legend: { display: false },
            tooltip: {
              displayColors: false,
              callbacks: {
                title: () => '',
                label: ({ raw, dataset }: { raw: unknown; dataset: { label?: string } }) => {
                  const { at, y } = raw as { at: string; y: number }
                  return `${timeOfDay(at)}，¥${yuan(y)}，${dataset.label}`
                },
              },
            },
          },
          scales: {
            x: {
              type: 'linear' as const,
              ...axis,
              grid: { display: false },
              border: { color: ink.line },
              ticks: { ...ticks, stepSize: (axis.max - axis.min) / 4, callback: hourText },
            },
            y: {
              beginAtZero: true,
              grid: { color: ink.line },
              border: { display: false },
              ticks: { ...ticks, maxTicksLimit: 5, callback: (fen: number | string) => yuan(Number(fen)) },
            },
          },
        },
      }
    },
    [orders, busiest.payer],
  )
  const first = orders[0]
  if (!first)
    return (
      <Card title="当天的时间与金额">
        <Empty title="这一天的订单都不在了：可能已经冲正" />
      </Card>
    )
  const one = busiest.count > 1 ? `；付款人 ${busiest.payer} 一人有 ${busiest.count} 笔（红点）` : ''
  const said = `第一笔 ${timeOfDay(first.createdAt)}，最后一笔 ${timeOfDay(orders.at(-1)!.createdAt)}${one}`
  return (
    <Card title="当天的时间与金额" aside="横轴时间，纵轴金额（元）">
      <Chart label={`${dayText(date)} 每笔订单的时间与金额。${said}`} heightPx={220} draw={draw} />
      <p className="suspicion__but">{said}</p>
    </Card>
  )
}

/** Whole hours around the orders, in minutes of the day, so that the ticks are times one would say. */
function hoursOf(orders: readonly Order[]): { min: number; max: number } {
  const minutes = orders.map(minuteOf)
  return { min: Math.floor(Math.min(...minutes) / 60) * 60, max: Math.ceil((Math.max(...minutes) + 1) / 60) * 60 }
}

/** Who had the most of the cards; nobody stands out with one. */
function mostOf(orders: readonly Order[]): { payer: number; count: number } {
  const counts = new Map<number, number>()
  for (const { payer } of orders) counts.set(payer, (counts.get(payer) ?? 0) + 1)
  return [...counts].reduce((most, [payer, count]) => (count > most.count ? { payer, count } : most), {
    payer: 0,
    count: 1,
  })
}
