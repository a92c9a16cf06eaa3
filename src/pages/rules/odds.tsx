import type { RulesView } from '@contract'
import { Box } from '../../components/base'
import { yuan } from '../../money'

type Odds = RulesView['odds']

/** 概率: what a payer may save by the rule and how likely, as bars; the same in words for whoever can't see them. */
export function OddsPicture({ odds }: { odds: Odds }) {
  const { bars } = odds
  const tallest = Math.max(...bars.map((bar) => bar.chance))
  const spoken = bars.filter((bar) => bar.chance > 0).map((bar) => `${range(bar)}，${percent(bar.chance)}`)
  return (
    <Box className="rules__section">
      <Box className="rules__title" role="heading" level={2}>
        您可能省多少
      </Box>
      <Box className="rules__line">{`平均每笔约 ¥${yuan(Math.round(odds.meanFen))}，每笔 ¥${yuan(odds.leastFen)}–¥${yuan(odds.mostFen)}；省到最高 ¥${yuan(odds.mostFen)} 的机会${percent(odds.mostChance)}`}</Box>
      <Box className="odds" role="img" label={`顾客立减金额的概率分布：${spoken.join('；')}`}>
        <Box className="odds__plot">
          {bars.map((bar) => (
            <Box
              key={bar.fromFen}
              className="odds__bar"
              style={{ height: `${Math.round((bar.chance / tallest) * 100)}%` }}
            >
              {bar.chance === tallest && <Box className="odds__top">{percent(bar.chance)}</Box>}
            </Box>
          ))}
        </Box>
        <Box className="odds__axis">
          <Box>{`¥${yuan(odds.leastFen)}`}</Box>
          <Box>{`¥${yuan(odds.mostFen)}`}</Box>
        </Box>
      </Box>
      <Box className="rules__line">由活动规则直接算出，每一份的机会都一样</Box>
    </Box>
  )
}

const range = ({ fromFen, toFen }: Odds['bars'][number]) =>
  fromFen === toFen ? `¥${yuan(fromFen)}` : `¥${yuan(fromFen)} 到 ¥${yuan(toFen)}`

/** `约 12.5%`; what is rarer than a hundredth of a percent isn't called nothing. */
function percent(chance: number): string {
  if (chance === 0) return '为零'
  const hundredths = Math.round(chance * 10_000)
  if (hundredths === 0) return '不到 0.01%'
  const text = String(hundredths / 100)
  return Math.abs(chance * 10_000 - hundredths) < 1e-6 ? `${text}%` : `约 ${text}%`
}
