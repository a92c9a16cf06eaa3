import type { PreviewView } from '@contract'
import { count, percentText, yuanText } from '../../format'
import { Facts, Notice } from '../../ui'

type Figures = NonNullable<PreviewView['forecast']>

/** What it may and will probably cost, beside what there is for it. */
export function ForecastFacts({
  forecast,
  budgetFen,
  merchantCount,
}: {
  forecast: Figures
  budgetFen: number
  merchantCount: number
}) {
  const { budgetLastsDays, sellOutShare } = forecast
  return (
    <Facts
      rows={[
        ['每天最多', yuanText(forecast.mostPerDayFen)],
        ['总共最多', `${yuanText(forecast.mostFen)}${forecast.mostFen >= budgetFen ? '（到预算为止）' : ''}`],
        ['每天预计', yuanText(forecast.expectedPerDayFen)],
        [
          '总共预计',
          `${yuanText(forecast.expectedFen)}（九成在 ${yuanText(forecast.p05Fen)} 至 ${yuanText(forecast.p95Fen)}）`,
        ],
        ['预算够用', budgetLastsDays === null ? '没有花费' : `约 ${count(Math.floor(budgetLastsDays))} 天`],
        ['会售罄', `${percentText(sellOutShare)} 的商户日`],
        ['依据', `${count(merchantCount)} 家商户，${count(forecast.days)} 天，${count(forecast.runs)} 次模拟`],
      ]}
    />
  )
}

/** A budget that is forecast to be used up before the last day with decks. */
export function Lasting({ forecast, advice }: { forecast: Figures | null; advice?: string }) {
  const lasts = forecast?.budgetLastsDays ?? null
  if (!forecast || lasts === null || !(lasts < forecast.days)) return null
  return (
    <Notice>
      <span>
        {`按预测，预算只够约 ${count(Math.floor(lasts))} 天，活动有 ${count(forecast.days)} 天：之后商户会少发牌或发不了牌。${advice ?? ''}`}
      </span>
    </Notice>
  )
}

/** A day's budget that leaves merchants without a deck. */
export function NotAll({ forecast, merchantCount }: { forecast: Figures | null; merchantCount: number }) {
  if (!forecast || forecast.merchantsADay >= merchantCount) return null
  return (
    <Notice>
      <span>
        {`每日预算按最贵算只够 ${count(forecast.merchantsADay)} 家商户发整副牌，其余 ${count(merchantCount - forecast.merchantsADay)} 家当天少发或没有；每天从随机的一家开始发。`}
      </span>
    </Notice>
  )
}
