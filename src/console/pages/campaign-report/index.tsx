import type { CampaignDetail, Report, ReportRow } from '@contract'
import { useRef, useState } from 'react'
import { yuan } from '../../../money'
import { download, get } from '../../client'
import { dateTime, dayRange, dayText } from '../../dates'
import { DateFilter } from '../../filters'
import { count, yuanText } from '../../format'
import type { PageProps } from '../../page-props'
import { Link, setQuery, usePlace } from '../../router'
import { Button, Card, Choices, type Column, Empty, Figure, Figures, PageHead, Ready, Table, toast } from '../../ui'
import { useRead } from '../../use-read'
import { linksOf } from './links'

type By = Report['by']

const BYS: readonly (readonly [By, string])[] = [
  ['day', '按天'],
  ['branch', '按网点'],
  ['merchant', '按商户'],
  ['account', '按科目'],
]

/** 报表: what the campaign did, cut four ways; every figure from the ledger, the same as the merchants see. */
export default function CampaignReportPage({ params: { id = '' } }: PageProps) {
  return <ReportOf id={id} headed />
}

/** The same on a page of its own (`headed`), or on the campaign's. */
export function ReportOf({ id, headed = false }: { id: string; headed?: boolean }) {
  const { query } = usePlace()
  const { from, to } = query
  const by = (BYS.find(([value]) => value === query.by)?.[0] ?? 'day') satisfies By
  const path = `/admin/campaigns/${id}/report`
  const campaign = useRead(() => get<CampaignDetail>(`/admin/campaigns/${id}`), id)
  const { reading, again } = useRead(() => get<Report>(path, { by, from, to }), JSON.stringify([id, by, from, to]))
  // what isn't chosen is the campaign's own period, which the server knows
  const known = useRef<Partial<Report>>({})
  if (reading.kind === 'ready') known.current = reading.value
  const shown = { from: from ?? known.current.from, to: to ?? known.current.to }
  const name = campaign.reading.kind === 'ready' ? campaign.reading.value.name : '活动'
  const exported = <Export path={`${path}.csv`} query={{ by, from, to }} fileName={`${id}-${by}.csv`} />
  return (
    <>
      {headed && (
        <PageHead
          title={`报表：${name}`}
          trail={[
            ['活动', 'campaigns'],
            [name, `campaigns/${id}`],
          ]}
          keys={exported}
        />
      )}
      <div className="c-filters">
        <Choices label="怎样分" options={BYS} chosen={by} onChoose={(chosen) => setQuery({ by: chosen })} />
        <DateFilter name="from" label="从" date={shown.from ?? ''} max={shown.to} />
        <DateFilter name="to" label="到" date={shown.to ?? ''} min={shown.from} />
        {!headed && exported}
      </div>
      <Ready reading={reading} again={again} lines={8}>
        {(report) => (
          <div className="c-stack">
            <Totals id={id} report={report} />
            <Card title="明细" aside={dayRange(report.from, report.to)}>
              {report.rows.length === 0 ? (
                <Empty title="这段时间还没有订单" />
              ) : (
                <Table
                  caption={`报表${BYS.find(([value]) => value === report.by)![1]}`}
                  columns={columnsOf(id, report)}
                  rows={report.rows}
                  keyOf={(row) => row.key}
                />
              )}
            </Card>
          </div>
        )}
      </Ready>
    </>
  )
}

function Export({
  path,
  query,
  fileName,
}: {
  path: string
  query: Record<string, string | undefined>
  fileName: string
}) {
  const [busy, setBusy] = useState(false)
  async function save() {
    setBusy(true)
    await download(path, query, fileName).then(
      () => toast.ok('已导出'),
      (fault) => toast.fault(fault),
    )
    setBusy(false)
  }
  return (
    <Button onClick={() => void save()} busy={busy}>
      导出 CSV
    </Button>
  )
}

function Totals({ id, report }: { id: string; report: Report }) {
  const { total } = report
  const links = linksOf(id, report)
  return (
    <Figures>
      <Figure
        title="订单"
        value={<Link to={links.orders}>{count(total.orderCount)}</Link>}
        note={<Link to={links.discounts}>{`其中 ${count(total.discountCount)} 笔有优惠`}</Link>}
      />
      <Figure
        title="优惠"
        value={yuanText(total.discountFen)}
        note={`付款方 ${yuanText(total.payerDiscountFen)}，商户 ${yuanText(total.merchantRewardFen)}`}
      />
      <Figure title="退款收回" value={yuanText(total.refundedSubsidyFen)} note="按比例收回的补贴" />
      <Figure title="科目净支出" value={yuanText(total.costFen)} note={netNote(total.correctedFen)} />
      <Figure
        title="名额"
        value={`${count(total.slotsDealt - total.slotsLeft)} / ${count(total.slotsDealt)}`}
        note="已用 / 已发"
      />
    </Figures>
  )
}

const netNote = (correctedFen: number) =>
  correctedFen === 0
    ? '优惠减退款收回'
    : `优惠减退款收回，差错更正 ${correctedFen > 0 ? '+' : '−'}${yuan(Math.abs(correctedFen))} 元`

const HEADS: Record<By, string> = { day: '日期', branch: '网点', merchant: '商户', account: '科目' }

function columnsOf(id: string, report: Report): readonly Column<ReportRow>[] {
  const { by } = report
  const counted = (row: ReportRow, which: 'orders' | 'discounts', n: number) =>
    // Orders of wallets have no account, and are no list of their own.
    n === 0 || row.key === '' ? count(n) : <Link to={linksOf(id, report, row)[which]}>{count(n)}</Link>
  return [
    { name: 'label', head: HEADS[by], cell: (row) => <Label by={by} row={row} /> },
    { name: 'orders', head: '订单', right: true, cell: (row) => counted(row, 'orders', row.orderCount) },
    { name: 'discounts', head: '有优惠', right: true, cell: (row) => counted(row, 'discounts', row.discountCount) },
    { name: 'payer', head: '付款方得（元）', right: true, cell: (row) => yuan(row.payerDiscountFen) },
    { name: 'reward', head: '商户得（元）', right: true, cell: (row) => yuan(row.merchantRewardFen) },
    { name: 'refunded', head: '退款收回（元）', right: true, cell: (row) => yuan(row.refundedSubsidyFen) },
    { name: 'cost', head: '净支出（元）', right: true, cell: (row) => yuan(row.costFen) },
    {
      name: 'slots',
      head: '名额 已用/已发',
      right: true,
      cell: (row) => `${count(row.slotsDealt - row.slotsLeft)} / ${count(row.slotsDealt)}`,
    },
    {
      name: 'soldOut',
      head: '售罄',
      right: true,
      cell: (row) => (row.soldOutAt ? dateTime(row.soldOutAt).replace(/^\d{4}年|:\d\d$/g, '') : '—'),
    },
  ]
}

function Label({ by, row }: { by: By; row: ReportRow }) {
  if (by !== 'merchant') return <span>{dayText(row.label)}</span>
  return (
    <>
      <Link to={`merchants/${encodeURIComponent(row.key)}`}>{row.label}</Link>
      <span className="c-table__under">{row.key}</span>
    </>
  )
}
