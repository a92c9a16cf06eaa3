import type { CampaignDetail, Report } from '@contract'
import { useCallback } from 'react'
import { dayText, monthDay } from '../../dates'
import { percentText, yuanText } from '../../format'
import { Link } from '../../router'
import { Card, Empty } from '../../ui'
import { Chart, type Ink } from '../../ui/chart'
import { plain } from './charts'

/** What was spent in all, and day by day: discounts of paid orders, without what went back. */
export function SpentChart({ campaign, report }: { campaign: CampaignDetail; report: Report }) {
  const { rows, total } = report
  const { budgetFen, campaignId, dailyBudgetFen } = campaign
  const draw = useCallback(
    (ink: Ink) => ({
      type: 'bar' as const,
      data: {
        labels: rows.map(({ key }) => monthDay(key)),
        datasets: [
          {
            label: '花费（元，四舍五入）',
            data: rows.map(({ costFen }) => Math.round(costFen / 100)),
            backgroundColor: ink.accent,
            maxBarThickness: 28,
          },
        ],
      },
      options: plain(ink, (value) => `¥${value}`, {
        title: (at) => dayText(rows[at]!.key),
        label: (at) => yuanText(rows[at]!.costFen),
      }),
    }),
    [rows],
  )
  const share = percentText(budgetFen > 0 ? total.costFen / budgetFen : null)
  const most = rows.reduce<Report['rows'][number] | null>(
    (found, row) => (row.costFen > (found?.costFen ?? 0) ? row : found),
    null,
  )
  const said = `合计 ${yuanText(total.costFen)}，占预算 ${share}${most ? `；最多的一天 ${monthDay(most.key)}，${yuanText(most.costFen)}` : ''}${dailyBudgetFen === null ? '' : `；每日预算 ${yuanText(dailyBudgetFen)}`}`
  return (
    <Card title="已花" aside={<Link to={`campaigns/${campaignId}/report`}>按天看明细</Link>}>
      {rows.length > 0 ? (
        <Chart label={`每天花费。${said}`} heightPx={200} draw={draw} />
      ) : (
        <Empty title="还没有花费" />
      )}
      <p className="campaign__words">{said}</p>
    </Card>
  )
}
