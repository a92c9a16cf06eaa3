import type { CampaignDetail, CampaignHistory } from '@contract'
import { yuan } from '../../../money'
import { get } from '../../client'
import { dateTime } from '../../dates'
import { percentText, yuanText } from '../../format'
import { Link } from '../../router'
import { Bar, Card, Empty, Facts, Pill, Ready, StatePill, Table } from '../../ui'
import { useRead } from '../../use-read'
import { windowsWords } from '../../windows'
import { actionWord } from '../../words'
import { Legal } from '../campaign-edit/legal'

/** The rule as published, and what the payer may be told. */
export function RuleCard({ campaign }: { campaign: CampaignDetail }) {
  const {
    rule,
    headline,
    maxPerPayerPerDay,
    maxPerPayerPerCampaignDay,
    maxPayerDiscountFen,
    organiser,
    disclosure,
    priority,
    windows,
  } = campaign
  return (
    <Card title="规则" aside={headline}>
      <Facts
        rows={[
          ['时段', windowsWords(windows)],
          ['门槛', `满 ${yuanText(rule.thresholdFen)}，本行渠道付款`],
          [
            '优惠',
            `随机 ${yuanText(rule.minFen)}–${yuanText(rule.maxFen)}；至少 ${rule.bandPercent}% 在 ${yuanText(rule.bandMinFen)}–${yuanText(rule.bandMaxFen)}`,
          ],
          [
            '名额',
            `每户每天 ${rule.slots} 份；每人每天每户${times(maxPerPayerPerDay)}，合计${times(maxPerPayerPerCampaignDay)}`,
          ],
          ['分享', `付款方 ${rule.payerPercent}% · 商户 ${100 - rule.payerPercent}%`],
          ['对外宣传', `${headline}（付款方最多得 ${yuanText(maxPayerDiscountFen)}）`],
          ['主办', organiser],
          ['优先级', `${priority}；同一商户有几个活动时，高的生效`],
          ['开牌承诺', '批准时公布活动密钥的承诺值，每副牌发出时公布它自己的承诺值，日终公布种子；见各商户的牌组'],
        ]}
      />
      <details className="campaign__legal">
        <summary>公示文本</summary>
        <Legal sections={disclosure} />
      </details>
    </Card>
  )
}

const times = (most: number | null) => (most === null ? '不限次数' : `最多 ${most} 次`)

/** What it may cost in all and each branch, and what is committed of it. */
export function BudgetCard({ campaign }: { campaign: CampaignDetail }) {
  const { budgetFen, committedFen, branchBudgets, dailyBudgetFen, today } = campaign
  const leftFen = today?.leftFen ?? dailyBudgetFen
  const rows = [
    { key: '', name: '全部', budgetFen, committedFen },
    ...(dailyBudgetFen !== null && leftFen !== null
      ? [{ key: 'day', name: '每日', budgetFen: dailyBudgetFen, committedFen: dailyBudgetFen - leftFen }]
      : []),
    ...branchBudgets.map(({ branchCode, branchName, ...money }) => ({ key: branchCode, name: branchName, ...money })),
  ]
  return (
    <Card title="预算" aside="已占用 = 已结的牌已花 + 未结的牌按规则最多能花">
      <Table
        caption="预算"
        keyOf={(row) => row.key}
        rows={rows}
        columns={[
          { name: 'name', head: '范围', cell: (row) => row.name },
          { name: 'budget', head: '预算（元）', right: true, cell: (row) => yuan(row.budgetFen) },
          { name: 'committed', head: '已占用（元）', right: true, cell: (row) => yuan(row.committedFen) },
          {
            name: 'share',
            head: '占比',
            right: true,
            cell: (row) => {
              const share = percentText(row.budgetFen > 0 ? row.committedFen / row.budgetFen : null)
              return (
                <span className="c-row campaign__share">
                  <Bar part={row.committedFen} whole={row.budgetFen} words={`已占用 ${share}`} />
                  {share}
                </span>
              )
            },
          },
        ]}
      />
    </Card>
  )
}

/** Other campaigns at the same merchants: which one applies there. */
export function OverlapCard({ campaign }: { campaign: CampaignDetail }) {
  const { overlaps, priority } = campaign
  if (overlaps.length === 0) return null
  return (
    <Card title="与其他活动重叠" aside={`本活动优先级 ${priority}`}>
      <Table
        caption="与其他活动重叠"
        keyOf={(overlap) => overlap.campaignId}
        rows={overlaps}
        columns={[
          {
            name: 'name',
            head: '活动',
            cell: ({ campaignId, name }) => <Link to={`campaigns/${campaignId}`}>{name}</Link>,
          },
          { name: 'merchants', head: '共同商户', right: true, cell: ({ merchants }) => `${merchants} 家` },
          { name: 'priority', head: '优先级', right: true, cell: (overlap) => overlap.priority },
          {
            name: 'wins',
            head: '在这些商户',
            cell: ({ wins }) => (wins ? <Pill tone="wait">对方生效</Pill> : <Pill tone="ok">本活动生效</Pill>),
          },
        ]}
      />
    </Card>
  )
}

/** The campaign's life, oldest first: who did what, when, and why. */
export function LifeCard({ campaign }: { campaign: CampaignDetail }) {
  const { campaignId, revision, state } = campaign
  const { reading, again } = useRead(
    () => get<CampaignHistory>(`/admin/campaigns/${campaignId}/history`),
    `${campaignId} ${revision} ${state}`,
  )
  return (
    <Card title="经过">
      <Ready reading={reading} again={again}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="还没有记录" />
          ) : (
            <ol className="campaign__life">
              {items.map((step, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
                <li key={i} className="campaign__step">
                  <span className="c-row">
                    <span className="c-strong">{actionWord(step.action, step.username)}</span>
                    {step.state && <StatePill state={step.state} />}
                  </span>
                  <span className="c-table__under">{`${dateTime(step.at)} · ${step.username}`}</span>
                  {step.note && <span className="c-small">{step.note}</span>}
                </li>
              ))}
            </ol>
          )
        }
      </Ready>
    </Card>
  )
}
