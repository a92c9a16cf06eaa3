import type { ReportRow, SheetOfReport } from '@contract'
import { yuan } from '../../../money'
import { post } from '../../client'
import { dayRange, dayText } from '../../dates'
import { count, signedYuan } from '../../format'
import type { PageProps } from '../../page-props'
import { usePlace } from '../../router'
import { type Column, Facts, Table } from '../../ui'
import { Paper } from './paper'

/** A campaign's report to sign: as the report's page was cut when one came from it. */
export default function ReportSheetPage({ params: { id = '' } }: PageProps) {
  const { by, from, to } = usePlace().query
  const given = { ...(by && { by }), ...(from && { from }), ...(to && { to }) }
  return (
    <Paper
      title="活动报表签字件"
      trail={[
        ['活动', 'campaigns'],
        ['报表', `campaigns/${id}/report?${new URLSearchParams(given)}`],
      ]}
      make={() => post<SheetOfReport>(`/admin/campaigns/${id}/report/sheet`, given)}
    >
      {({ sheet: { campaign, report } }) => (
        <>
          <Facts
            rows={[
              ['活动', `${campaign.name}（${campaign.campaignId}），第 ${campaign.version} 版`],
              ['主办方', campaign.organiser],
              ['活动期', dayRange(campaign.startDate, campaign.endDate)],
              ['报表期间', dayRange(report.from, report.to)],
            ]}
          />
          <Table
            caption="活动报表，元"
            columns={COLUMNS}
            rows={report.rows}
            keyOf={(row) => row.key}
            foot={COLUMNS.map((column, i) => (i === 0 ? '合计' : column.cell({ ...report.total, ...NO_NAME })))}
          />
          {report.nextCursor && <p>{`明细列出前 ${count(report.rows.length)} 行，其余见导出文件；合计为全部。`}</p>}
          <p>净支出 = 付款方得 + 商户得 − 退款收回 + 差错更正。</p>
        </>
      )}
    </Paper>
  )
}

const NO_NAME = { key: '', label: '', soldOutAt: null }

const COLUMNS: readonly Column<ReportRow>[] = [
  { name: 'label', head: '明细', cell: ({ key, label }) => (label === key ? dayText(label) : `${label} ${key}`) },
  { name: 'orders', head: '订单', right: true, cell: (row) => count(row.orderCount) },
  { name: 'discounts', head: '有优惠', right: true, cell: (row) => count(row.discountCount) },
  { name: 'payer', head: '付款方得', right: true, cell: (row) => yuan(row.payerDiscountFen) },
  { name: 'reward', head: '商户得', right: true, cell: (row) => yuan(row.merchantRewardFen) },
  { name: 'refunded', head: '退款收回', right: true, cell: (row) => yuan(row.refundedSubsidyFen) },
  { name: 'corrected', head: '差错更正', right: true, cell: (row) => signedYuan(row.correctedFen) },
  { name: 'cost', head: '净支出', right: true, cell: (row) => yuan(row.costFen) },
  {
    name: 'slots',
    head: '名额 已用/已发',
    right: true,
    cell: (row) => `${count(row.slotsDealt - row.slotsLeft)} / ${count(row.slotsDealt)}`,
  },
]
