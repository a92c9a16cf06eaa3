import type { CampaignEffect } from '@contract'
import { useCallback } from 'react'
import { dayText, monthDay } from '../../dates'
import { count, percentText, signed, yuanText } from '../../format'
import { Card } from '../../ui'
import { Chart, type Ink } from '../../ui/chart'
import { plain } from './charts'

type Estimate = NonNullable<CampaignEffect['looks'][number]['each']>

/** Did it move payers, how sure is that, and what did one order more cost? In words first; the picture shows how it came about. */
export function EffectCard({ effect }: { effect: CampaignEffect }) {
  const { looks, plannedDays, plannedEndDate } = effect
  const seen = looks.filter((look) => look.each !== null)
  const draw = useCallback((ink: Ink) => pictureOf(looks, ink), [looks])
  const verdict = verdictOf(effect)
  return (
    <Card title="活动效果" aside={`按批准时的 ${plannedDays} 天评估，至 ${dayText(plannedEndDate)}`}>
      <p className="campaign__verdict">{verdict}</p>
      {seen.length > 0 && (
        <Chart label={`各次评估：相对对照商户多升的百分点，色带为 95% 区间。${verdict}`} heightPx={200} draw={draw} />
      )}
      <ul className="campaign__words">
        {wordsOf(effect).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Card>
  )
}

/** The line of estimates in its band, with nought to hold it against. */
function pictureOf(looks: CampaignEffect['looks'], ink: Ink) {
  const seen = looks.filter((look) => look.each !== null)
  const of = (pick: (one: Estimate) => number) => seen.map(({ each }) => Math.round(pick(each!) * 10) / 10)
  const edge = { borderWidth: 0, pointRadius: 0, pointHitRadius: 0, backgroundColor: ink.soft }
  const { scales, ...options } = plain(ink, (value) => `${value}`, {
    title: (at) => `截至 ${dayText(seen[at]!.businessDate)}`,
    label: (at) => `多升 ${signed(seen[at]!.each!.points)} 个百分点，${between(seen[at]!.each!)}`,
    // the edges of the band stand beside the estimate
    hides: [1, 2, 3],
  })
  return {
    type: 'line' as const,
    data: {
      labels: seen.map(({ businessDate }) => monthDay(businessDate)),
      datasets: [
        {
          label: '多升（百分点）',
          data: of((one) => one.points),
          borderColor: ink.accent,
          backgroundColor: ink.accent,
          borderWidth: 2,
          pointRadius: 3,
        },
        { label: '区间上限', data: of((one) => one.high), ...edge, fill: '+1' },
        { label: '区间下限', data: of((one) => one.low), ...edge, fill: false },
        {
          label: '没有差别',
          data: seen.map(() => 0),
          borderColor: ink.quiet,
          borderWidth: 1,
          borderDash: [5, 4],
          pointRadius: 0,
        },
      ],
    },
    options: { ...options, scales, interaction: { mode: 'index' as const, intersect: false } },
  }
}

const between = ({ low, high }: Estimate) => `95% 区间 ${signed(low)} 至 ${signed(high)}`

function verdictOf({ state, looks, nextLook, treated, control }: CampaignEffect): string {
  const last = looks.at(-1)
  switch (state) {
    case 'unmeasurable':
      return '还不能测：不知道商户在其他渠道收了多少笔，就没有占比可言。开通钱包渠道，或每天导入其他渠道的笔数（商户 › 其他渠道笔数，活动前的也要）。'
    case 'waiting':
      return `还没到第一次评估${nextLook ? `，${monthDay(nextLook)} 结束后第一次` : ''}。`
    case 'too-few':
      return `商户太少，还不能下结论：参与、对照两边都要至少 4 家活动前后都有订单的商户，而且变化不能完全一样（现在参与 ${last?.treatedMerchants ?? treated.merchants} 家，对照 ${last?.controlMerchants ?? control.merchants} 家）。`
    case 'measured': {
      const each = last!.each!
      const much = `比对照商户${each.points >= 0 ? '多升' : '少升'} ${Math.abs(each.points).toFixed(1)} 个百分点，${between(each)}`
      if (each.low > 0) return `有效果：${much}。`
      return each.high < 0 ? `效果是反的：${much}。` : `还看不出差别：${much}，包含 0。`
    }
    default:
      return state satisfies never
  }
}

/** What so many merchants and days could show at all; null while nobody can know. */
export function powerWords({ power, plannedDays }: CampaignEffect): string | null {
  return (
    power &&
    `参与 ${power.treatedMerchants} 家、对照 ${power.controlMerchants} 家、${plannedDays} 天：提升至少 ${power.points.toFixed(1)} 个百分点，才有八成把握看得出来`
  )
}

export function drawnWords({ drawn }: CampaignEffect): string {
  return drawn
    ? `对照商户由系统按网点和订单量随机抽取（${drawn.percent}%），抽签承诺值 ${drawn.commitment.slice(0, 12)}…`
    : '对照商户是人工指定的，不是随机抽取：两边本来就不同，结论要打折扣'
}

/** What has to be known beside it, a line each. */
function wordsOf(effect: CampaignEffect): string[] {
  const { looks, nextLook, treated, control, joinedLater, cost, state } = effect
  const last = looks.at(-1)
  const lines = [
    state !== 'unmeasurable' &&
      `参与商户占比：活动前 ${percentText(treated.before.share)}，活动中 ${percentText(treated.during.share)}，活动后 ${percentText(treated.after.share)}；对照商户：${percentText(control.before.share)}，${percentText(control.during.share)}，${percentText(control.after.share)}`,
    last?.weighted &&
      `按活动前订单量加权：${signed(last.weighted.points)}，${between(last.weighted)}（大商户说了算；上面每家商户算一票）`,
    cost &&
      `多出的本行订单约 ${count(cost.orders)} 笔，每多一笔补贴 ${yuanText(cost.perOrderFen)}（${cost.highFen === null ? `至少 ${yuanText(cost.lowFen)}，也可能一笔都没多` : `${yuanText(cost.lowFen)} 至 ${yuanText(cost.highFen)}`}）`,
    powerWords(effect),
    last && nextLook && `下次评估在 ${monthDay(nextLook)} 结束后；区间已算进多次查看，天天看也不会把运气当成效果`,
    drawnWords(effect),
    treated.unknown + control.unknown > 0 &&
      `参与 ${treated.unknown} 家、对照 ${control.unknown} 家没有其他渠道的笔数，不计入`,
    joinedLater > 0 && `中途加入 ${joinedLater} 家，不是抽签分到的，不计入`,
  ]
  return lines.filter((line): line is string => typeof line === 'string')
}
