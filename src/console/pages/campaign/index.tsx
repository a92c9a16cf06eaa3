import type { CampaignDetail, CampaignEffect, Report } from '@contract'
import { useEffect, useState } from 'react'
import { Money } from '../../../components/money'
import { get } from '../../client'
import { dayText } from '../../dates'
import { count, percentText, signed, yuanText } from '../../format'
import type { PageProps } from '../../page-props'
import { Link, setQuery } from '../../router'
import { Button, Failed, Figure, Figures, Loading, Notice, Ready } from '../../ui'
import { type Reading, useRead } from '../../use-read'
import { useToday } from '../../use-today'
import { ReportOf } from '../campaign-report'
import { BudgetCard, LifeCard, OverlapCard, RuleCard } from './cards'
import { ChannelsChart } from './channels'
import { CardsChart, ShareChart } from './charts'
import { ControlsCard } from './controls'
import { EffectCard } from './effect'
import { CampaignHead } from './head'
import { Slots } from './slots'
import { SpentChart } from './spent'
import './index.scss'

/** Cards go by the minute; the report is a matter of days. */
const LIVE_MS = 15_000
const REPORT_MS = 300_000

/** A campaign: how much today, the most it can be, how long the budget lasts, and does the share rise. Of one that is over: its report. */
export default function CampaignPage({ params: { id = '' } }: PageProps) {
  const path = `/admin/campaigns/${id}`
  const { reading, again } = useRead(() => get<CampaignDetail>(path), id, LIVE_MS)
  const report = useRead(() => get<Report>(`${path}/report`, { by: 'day' }), id, REPORT_MS)
  const effect = useRead(() => get<CampaignEffect>(`${path}/effect`), id, REPORT_MS)
  const beat = useBeat(reading)
  return (
    <Ready reading={reading} again={again} lines={8}>
      {(campaign) => (
        <>
          <CampaignHead campaign={campaign} again={again} />
          {campaign.state === 'ended' && (
            <div className="campaign__report">
              <ReportOf id={id} />
            </div>
          )}
          <StartPassed campaign={campaign} />
          {campaign.state !== 'ended' && <TodayFigures campaign={campaign} effect={effect.reading} />}
          <Shortage campaign={campaign} />
          {campaign.state !== 'draft' && campaign.state !== 'submitted' && (
            <Charts campaign={campaign} reading={report.reading} again={report.again} effect={effect} />
          )}
          {(campaign.state === 'draft' || campaign.state === 'submitted') && (
            <ControlsCard
              campaign={campaign}
              effect={effect.reading}
              again={() => {
                again()
                effect.again()
              }}
            />
          )}
          <div className="c-columns">
            <div className="c-stack">
              {campaign.state !== 'ended' && <Slots campaign={campaign} beat={beat} />}
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

function TodayFigures({ campaign, effect: reading }: { campaign: CampaignDetail; effect: Reading<CampaignEffect> }) {
  const { today, budgetFen, committedFen, daysLeft, rule, merchantCount, openToday } = campaign
  const effect = reading.kind === 'ready' ? reading.value : null
  const during = effect?.treated.during.share ?? null
  const before = effect?.treated.before.share ?? null
  const rise = during !== null && before !== null ? (during - before) * 100 : null
  // a card of today's decks, whenever it is paid for
  const date = today?.businessDate ?? ''
  const usedToday = `orders?${new URLSearchParams({ campaignId: campaign.campaignId, deckFrom: date, deckTo: date })}`
  const each = effect?.looks.at(-1)?.each ?? null
  return (
    <Figures>
      <Figure
        title="今日优惠"
        value={
          today ? (
            <>
              <Link to={usedToday}>{count(today.used)}</Link>
              {` / ${count(today.slots)}`}
            </>
          ) : (
            '—'
          )
        }
        note={
          today
            ? openToday || today.merchants > 0
              ? `${today.merchants} 户已发牌，每户 ${rule.slots} 份`
              : '今天不在活动时段'
            : `${merchantCount} 户 × ${rule.slots} 份，未到活动期`
        }
      />
      <Figure
        title="今日补贴"
        value={
          today ? (
            <Link to={`${usedToday}&state=paid`}>
              <Money fen={today.costFen} />
            </Link>
          ) : (
            '—'
          )
        }
        note={today ? `按规则最多 ${yuanText(today.mostFen)}` : '开始以后按已发份数可知上限'}
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
        note={rise === null ? '还不能测' : `${rise >= 0 ? '▲' : '▼'} ${signed(rise)} 个百分点`}
      />
      <Figure
        title="相对对照商户提升（百分点）"
        value={each ? signed(each.points) : '—'}
        good={each !== null && each.low > 0}
        note={each ? `95% 区间 ${signed(each.low)} 至 ${signed(each.high)}` : effect ? SHORT_WORDS[effect.state] : '—'}
      />
    </Figures>
  )
}

/** A draft that can't be submitted as it stands: its first day went by. */
function StartPassed({ campaign: { state, startDate } }: { campaign: CampaignDetail }) {
  const today = useToday()
  if (state !== 'draft' || startDate >= today) return null
  return <Notice>{`开始日期 ${dayText(startDate)} 已过：提交复核以前，请编辑草稿，改到今天或以后。`}</Notice>
}

/** Why there is no figure yet, where a sentence doesn't fit. */
const SHORT_WORDS: Record<CampaignEffect['state'], string> = {
  unmeasurable: '还不能测：缺其他渠道笔数',
  waiting: '还没到第一次评估',
  'too-few': '商户太少，不下结论',
  measured: '还太早',
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
  effect,
}: {
  campaign: CampaignDetail
  reading: Reading<Report>
  again: () => void
  effect: { reading: Reading<CampaignEffect>; again: () => void }
}) {
  if (reading.kind === 'waiting') return <Loading lines={4} />
  if (reading.kind === 'failed') return <Failed fault={reading.fault} again={again} />
  return (
    <div className="c-stack">
      <Ready reading={effect.reading} again={effect.again} lines={4}>
        {(found) => (
          <div className="c-columns">
            <EffectCard effect={found} />
            <ShareChart campaign={campaign} effect={found} />
          </div>
        )}
      </Ready>
      <div className="c-columns">
        <SpentChart campaign={campaign} report={reading.value} />
        <CardsChart campaign={campaign} report={reading.value} />
      </div>
      <ChannelsChart report={reading.value} />
    </div>
  )
}
