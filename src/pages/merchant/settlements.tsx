import type { MerchantSummaryView } from '@contract'
import { Box } from '../../components/base'
import { Money } from '../../components/money'
import { CHANNEL_WORDS } from '../../sentences'

type Settlement = MerchantSummaryView['settlements'][number]

/** What of the day came by which way to pay, and into which account; a day of the bank's own alone is told by its total. */
export function Settlements({ settlements }: Pick<MerchantSummaryView, 'settlements'>) {
  if (settlements.every(({ channel }) => channel === 'bank') && settlements.length < 2) return null
  return (
    <Box className="settlements" role="list" label="按付款方式">
      {settlements.map((one) => (
        <Box key={`${one.channel} ${one.accountTail}`} className="settlements__row" role="listitem">
          <Box className="settlements__name">
            {CHANNEL_WORDS[one.channel]}
            <Box className="settlements__note">{`${countWords(one)}，入${accountWords(one)}`}</Box>
          </Box>
          <Money
            fen={Math.abs(one.receivedFen)}
            sign={one.receivedFen < 0 ? '−' : ''}
            className="settlements__figure"
          />
        </Box>
      ))}
    </Box>
  )
}

function countWords({ orderCount, refundCount }: Settlement): string {
  const words = [
    ...(orderCount > 0 ? [`收款 ${orderCount} 笔`] : []),
    ...(refundCount > 0 ? [`退款 ${refundCount} 笔`] : []),
  ]
  return words.join('，')
}

const accountWords = ({ channel, accountTail }: Settlement) =>
  `${channel === 'bank' ? '结算账户' : '商户号'}尾号 ${accountTail}`
