import type { CampaignDetail, Report } from '@contract'
import { useEffect, useState } from 'react'
import { Money } from '../../../components/money'
import { get } from '../../client'
import { percentText, signed, yuanText } from '../../format'
import type { PageProps } from '../../page-props'
import { setQuery } from '../../router'
import { Button, Failed, Figure, Figures, Loading, Notice, Ready } from '../../ui'
import { type Reading, useRead } from '../../use-read'
import { BudgetCard, LifeCard, OverlapCard, RuleCard } from './cards'
import { ChannelsChart } from './channels'
import { CardsChart, ShareChart } from './charts'
import { CampaignHead } from './head'
import { Slots } from './slots'
import './index.scss'

/** Cards go by the minute; the report is a matter of days. */
const LIVE_MS = 15_000
const REPORT_MS = 300_000

/** A campaign: how much today, the most it can be, how long the budget lasts, and does the share rise. */
export default function CampaignPage({ params: { id = '' } }: PageProps) {
  const path = `/admin/campaigns/${id}`
  const { reading, again } = useRead(() => get<CampaignDetail>(path), id, LIVE_MS)
  const report = useRead(() => get<Report>(`${path}/report`, { by: 'day' }), id, REPORT_MS)
  const beat = useBeat(reading)
  return (
    <Ready reading={reading} again={again} lines={8}>
      {(campaign) => (
        <>
          <CampaignHead campaign={campaign} again={again} />
          <TodayFigures campaign={campaign} report={report.reading} />
          <Shortage campaign={campaign} />
          {campaign.state !== 'draft' && campaign.state !== 'submitted' && (
            <Charts campaign={campaign} reading={report.reading} again={report.again} />
          )}
          <div className="c-columns">
            <div className="c-stack">
              <Slots campaign={campaign} beat={beat} />
              <BudgetCard campaign={campaign} />
              <OverlapCard campaign={campaign} />
            </div>
            <div className="c-stack">
              <RuleCard campaign={campaign} />
              <LifeCard campaign={campaign} />
            </div>
          </div>
        </>
      )}
    </Ready>
  )
}

/** Counts how often something was read. */
function useBeat(reading: Reading<unknown>): number {
  const [beat, setBeat] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each reading is a beat
  useEffect(() => setBeat((count) => count + 1), [reading])
  return beat
}

function TodayFigures({ campaign, report }: { campaign: CampaignDetail; report: Reading<Report> }) {
  const { today, budgetFen, committedFen, daysLeft, rule, merchantCount } = campaign
  const share = report.kind === 'ready' ? report.value.share : null
  const during = share?.treated.during.share ?? null
  const before = share?.treated.before.share ?? null
  const rise = during !== null && before !== null ? (during - before) * 100 : null
  const lift = share?.lift
  return (
    <Figures>
      <Figure
        title="今日优惠"
        value={today ? `${today.used} / ${today.slots}` : '—'}
        note={
          today
            ? `${today.merchants} 户已发牌，每户 ${rule.slots} 份`
            : `${merchantCount} 户 × ${rule.slots} 份，未到活动期`
        }
      />
      <Figure
        title="今日补贴"
        value={today ? <Money fen={today.costFen} /> : '—'}
        note={today ? `上限 ${yuanText(today.mostFen)}，开盘已知` : '开始以后每天开盘即知上限'}
      />
      <Figure
        title="预算剩余"
        value={<Money fen={budgetFen - committedFen} />}
        note={daysLeft === null ? `共 ${yuanText(budgetFen)}` : `按近 7 天可支撑 ${Math.floor(daysLeft)} 天`}
      />
      <Figure
        title={before === null ? '本行占比' : `本行占比（活动前 ${percentText(before)}）`}
        value={percentText(during)}
        good={rise !== null && rise > 0}
        note={rise === null ? '活动前后都有订单才能比较' : `${rise >= 0 ? '▲' : '▼'} ${signed(rise)} 个百分点`}
      />
      <Figure
        title="相对对照商户提升（百分点）"
        value={lift ? signed(lift.points) : '—'}
        good={lift !== null && lift !== undefined && lift.low > 0}
        note={lift ? `95% 区间 ${signed(lift.low)} 至 ${signed(lift.high)}` : '对照或参与商户不足两家'}
      />
    </Figures>
  )
}

/** Merchants that got fewer cards than the rule says are named, not left to be found. */
function Shortage({ campaign: { today } }: { campaign: CampaignDetail }) {
  if (!today || today.short === 0) return null
  return (
    <div className="campaign__notice">
      <Notice>
        <span>{`今天有 ${today.short} 家商户因预算不够少发了牌。`}</span>
        <Button kind="text" onClick={() => setQuery({ only: 'short' })}>
          看是哪些
        </Button>
      </Notice>
    </div>
  )
}

function Charts({
  campaign,
  reading,
  again,
}: {
  campaign: CampaignDetail
  reading: Reading<Report>
  again: () => void
}) {
  if (reading.kind === 'waiting') return <Loading lines={4} />
  if (reading.kind === 'failed') return <Failed fault={reading.fault} again={again} />
  return (
    <div className="c-stack">
      <div className="c-columns">
        <ShareChart campaign={campaign} report={reading.value} />
        <CardsChart campaign={campaign} report={reading.value} />
      </div>
      <ChannelsChart report={reading.value} />
    </div>
  )
}
