import type { CampaignDetail, Report, ReportRow, ReportRows } from '@contract'
import { useRef } from 'react'
import { yuan } from '../../../money'
import { get } from '../../client'
import { dateTime, dayRange, dayText } from '../../dates'
import { Export } from '../../export'
import { DateFilter } from '../../filters'
import { count, signedYuan, yuanText } from '../../format'
import type { PageProps } from '../../page-props'
import { Link, setQuery, usePlace } from '../../router'
import { Card, Choices, type Column, Empty, Figure, Figures, Listed, PageHead, Ready, Table } from '../../ui'
import { usePages } from '../../use-pages'
import { useRead } from '../../use-read'
import { type Links, linksOf } from './links'

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
  const given = { by, ...(from && { from }), ...(to && { to }) }
  const keys = (
    <>
      <Link to={`campaigns/${id}/report/sign?${new URLSearchParams(given)}`} className="c-button c-button--plain">
        签字件
      </Link>
      <Export path={path} query={{ by, from, to }} name={`${id}-${by}`} />
    </>
  )
  return (
    <>
      {headed && (
        <PageHead
          title={`报表：${name}`}
          trail={[
            ['活动', 'campaigns'],
            [name, `campaigns/${id}`],
          ]}
          keys={keys}
        />
      )}
      <div className="c-filters">
        <Choices label="怎样分" options={BYS} chosen={by} onChoose={(chosen) => setQuery({ by: chosen })} />
        <DateFilter name="from" label="从" date={shown.from ?? ''} max={shown.to} />
        <DateFilter name="to" label="到" date={shown.to ?? ''} min={shown.from} />
        {!headed && keys}
      </div>
      <Ready reading={reading} again={again} lines={8}>
        {(report) => (
          <div className="c-stack">
            <Totals id={id} report={report} />
            <Card title="明细" aside={dayRange(report.from, report.to)}>
              <Rows key={JSON.stringify([id, report.by, report.from, report.to])} id={id} report={report} />
            </Card>
          </div>
        )}
      </Ready>
    </>
  )
}

/** The report has the first rows; the others are read on, as those of any list. */
function Rows({ id, report }: { id: string; report: Report }) {
  const { by, from, to } = report
  const pages = usePages<ReportRow>(
    (cursor) =>
      cursor === undefined
        ? Promise.resolve({ items: report.rows, nextCursor: report.nextCursor })
        : get<ReportRows>(`/admin/campaigns/${id}/report/rows`, { by, from, to, cursor }),
    JSON.stringify([id, by, from, to]),
  )
  return (
    <Listed pages={pages} empty={<Empty title="这段时间还没有订单" />}>
      {(rows) => (
        <Table
          caption={`报表${BYS.find(([value]) => value === by)![1]}`}
          columns={columnsOf(id, report)}
          rows={rows}
          keyOf={(row) => row.key}
        />
      )}
    </Listed>
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
        value={<Link to={links.discounts}>{yuanText(total.discountFen)}</Link>}
        note={`付款方 ${yuanText(total.payerDiscountFen)}，商户 ${yuanText(total.merchantRewardFen)}`}
      />
      <Figure
        title="退款收回"
        value={<Link to={links.refunds}>{yuanText(total.refundedSubsidyFen)}</Link>}
        note="按比例收回的补贴"
      />
      <Figure
        title="科目净支出"
        value={yuanText(total.costFen)}
        note={
          total.correctedFen === 0 ? (
            '优惠减退款收回'
          ) : (
            <>
              优惠减退款收回，
              <Link to={links.corrected}>{`差错更正 ${signedYuan(total.correctedFen)} 元`}</Link>
            </>
          )
        }
      />
      <Figure
        title="名额"
        value={
          <>
            <Link to={links.used}>{count(total.slotsDealt - total.slotsLeft)}</Link>
            {` / ${count(total.slotsDealt)}`}
          </>
        }
        note="已用 / 已发"
      />
    </Figures>
  )
}

const HEADS: Record<By, string> = { day: '日期', branch: '网点', merchant: '商户', account: '科目' }

function columnsOf(id: string, report: Report): readonly Column<ReportRow>[] {
  const { by } = report
  const led = (row: ReportRow, which: keyof Links, n: number, words: string) =>
    // Orders of wallets have no account, and are no list of their own.
    n === 0 || row.key === '' ? words : <Link to={linksOf(id, report, row)[which]}>{words}</Link>
  const counted = (row: ReportRow, which: keyof Links, n: number) => led(row, which, n, count(n))
  const money = (row: ReportRow, which: keyof Links, fen: number) => led(row, which, fen, yuan(fen))
  return [
    { name: 'label', head: HEADS[by], cell: (row) => <Label by={by} row={row} /> },
    { name: 'orders', head: '订单', right: true, cell: (row) => counted(row, 'orders', row.orderCount) },
    { name: 'discounts', head: '有优惠', right: true, cell: (row) => counted(row, 'discounts', row.discountCount) },
    {
      name: 'payer',
      head: '付款方得（元）',
      right: true,
      cell: (row) => money(row, 'discounts', row.payerDiscountFen),
    },
    {
      name: 'reward',
      head: '商户得（元）',
      right: true,
      cell: (row) => money(row, 'discounts', row.merchantRewardFen),
    },
    {
      name: 'refunded',
      head: '退款收回（元）',
      right: true,
      cell: (row) => money(row, 'refunds', row.refundedSubsidyFen),
    },
    ...(report.total.correctedFen === 0 && report.rows.every((row) => row.correctedFen === 0)
      ? []
      : [
          {
            name: 'corrected',
            head: '差错更正（元）',
            right: true,
            cell: (row: ReportRow) => led(row, 'corrected', row.correctedFen, signedYuan(row.correctedFen)),
          },
        ]),
    { name: 'cost', head: '净支出（元）', right: true, cell: (row) => yuan(row.costFen) },
    {
      name: 'slots',
      head: '名额 已用/已发',
      right: true,
      cell: (row) => (
        <span className="c-among">
          {counted(row, 'used', row.slotsDealt - row.slotsLeft)}
          {` / ${count(row.slotsDealt)}`}
        </span>
      ),
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
