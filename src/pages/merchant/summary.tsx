import type { MerchantSummaryView } from '@contract'
import { Box } from '../../components/base'
import { todaySentence } from '../../sentences'
import { Arrived } from './arrived'
import { Settlements } from './settlements'

/** The day in one look: what came in, what of it is reward, what went back, which together are the total; slots used. */
export function Summary({ summary, today }: { summary: MerchantSummaryView; today: boolean }) {
  const day = today ? '今日' : '当日'
  return (
    <Box className="summary">
      <Box className="summary__title">
        {summary.refundCount > 0 ? `${day}到账（收款 + 奖励 − 退款）` : `${day}到账（含奖励）`}
      </Box>
      <Arrived {...summary} />
      <Settlements settlements={summary.settlements} />
      <Box className="summary__account">{`本行收款实时入结算账户，尾号 ${summary.accountTail}`}</Box>
      <Slots slots={summary.slots} day={day} today={summary.today} />
      {summary.hold && (
        <Box className="summary__hold">
          {`本店优惠因交易核查暂停至 ${summary.hold.until}（含当日），收款不受影响。有疑问请联系归属网点：${summary.hold.branchName}`}
        </Box>
      )}
    </Box>
  )
}

/** More marks than this can't be told apart on a telephone; then one bar says it. */
const MAX_MARKS = 40

interface SlotsProps {
  slots: MerchantSummaryView['slots']
  day: string
  today: MerchantSummaryView['today']
}

function Slots({ slots, day, today }: SlotsProps) {
  const rest = today && todaySentence(today)
  if (!slots) return rest ? <Box className="slots__words">{rest}</Box> : null
  const { total, used } = slots
  const words = `${day}优惠名额 ${used} / ${total}`
  return (
    <Box>
      <Box className="slots" role="img" label={words}>
        {total <= MAX_MARKS ? (
          Array.from({ length: total }, (_, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: marks have no identity but their place
            <Box key={i} className={`slots__mark ${i < used ? 'slots__mark--used' : ''}`} />
          ))
        ) : (
          <Box className="slots__mark">
            <Box className="slots__mark slots__mark--used" style={{ width: `${Math.round((used * 100) / total)}%` }} />
          </Box>
        )}
      </Box>
      <Box className="slots__words">
        <Box>{words}</Box>
        {rest && <Box>{rest}</Box>}
      </Box>
      {today?.reason === null && <Box className="slots__invite">请顾客用本行付款，双方得优惠</Box>}
    </Box>
  )
}
