import type { Report } from '@contract'
import { useCallback } from 'react'
import { CHANNEL_WORDS } from '../../../sentences'
import { dayText, monthDay } from '../../dates'
import { count, percentText } from '../../format'
import { Card } from '../../ui'
import { Chart, type Ink } from '../../ui/chart'
import { plain } from './charts'

type Channel = Report['channels'][number]['channel']
const CHANNELS: readonly Channel[] = ['bank', 'wechatpay', 'alipay', 'unionpay']

/** How people paid, day by day, out of all paid orders; nothing as long as everybody pays at the bank. */
export function ChannelsChart({ report }: { report: Report }) {
  const { channels } = report
  const draw = useCallback(
    (ink: Ink) => {
      const dates = [...new Set(channels.map((one) => one.businessDate))]
      const of = (date: string, channel?: Channel) =>
        channels
          .filter((one) => one.businessDate === date && (!channel || one.channel === channel))
          .reduce((sum, { orders }) => sum + orders, 0)
      const share = (channel: Channel) => dates.map((date) => Math.round((of(date, channel) / of(date)) * 1_000) / 10)
      const inks = { bank: ink.accent, wechatpay: ink.ink, alipay: ink.quiet, unionpay: ink.line }
      const { scales, ...options } = plain(ink, (value) => `${value}%`, {
        title: (at) => dayText(dates[at]!),
        label: (at, series) => {
          const orders = of(dates[at]!, CHANNELS[series])
          return `${CHANNEL_WORDS[CHANNELS[series]!]} ${count(orders)} 笔，${percentText(orders / of(dates[at]!))}`
        },
      })
      return {
        type: 'bar' as const,
        data: {
          labels: dates.map(monthDay),
          datasets: CHANNELS.map((channel) => ({
            label: CHANNEL_WORDS[channel],
            data: share(channel),
            backgroundColor: inks[channel],
            maxBarThickness: 28,
          })),
        },
        options: {
          ...options,
          plugins: {
            ...options.plugins,
            legend: { display: true, position: 'bottom' as const, labels: { color: ink.quiet, boxWidth: 12 } },
          },
          scales: { x: { ...scales.x, stacked: true }, y: { ...scales.y, stacked: true, max: 100 } },
        },
      }
    },
    [channels],
  )
  const total = channels.reduce((sum, { orders }) => sum + orders, 0)
  const words = CHANNELS.flatMap((channel) => {
    const orders = channels.filter((one) => one.channel === channel).reduce((sum, one) => sum + one.orders, 0)
    return orders > 0 ? [`${CHANNEL_WORDS[channel]} ${count(orders)} 笔（${percentText(orders / total)}）`] : []
  })
  if (channels.every(({ channel }) => channel === 'bank')) return null
  return (
    <Card title="各渠道占比" aside="参与商户的已付订单，按笔数">
      <Chart label={`各渠道占比，按天。${words.join('，')}`} heightPx={200} draw={draw} />
      <p className="campaign__words">{`合计 ${words.join('，')}`}</p>
    </Card>
  )
}
