import type { MerchantSummaryView } from '@contract'
import { Box } from '../../components/base'
import { Money } from '../../components/money'

type ArrivedProps = Pick<
  MerchantSummaryView,
  'receivedFen' | 'orderCount' | 'amountFen' | 'rewardCount' | 'rewardFen' | 'refundCount' | 'refundedFen'
>

/** What came in, of a day or of more, and what it consists of. */
export function Arrived({
  receivedFen,
  orderCount,
  amountFen,
  rewardCount,
  rewardFen,
  refundCount,
  refundedFen,
}: ArrivedProps) {
  return (
    <>
      <Money fen={Math.abs(receivedFen)} sign={receivedFen < 0 ? '−' : ''} className="summary__total" />
      <Box className="summary__parts">
        <Box className="summary__part">
          <Box className="summary__label">{`收款 ${orderCount} 笔`}</Box>
          <Money fen={amountFen} className="summary__figure" />
        </Box>
        <Box className="summary__part">
          <Box className="summary__label">{`奖励 ${rewardCount} 笔`}</Box>
          <Money fen={rewardFen} sign={rewardFen > 0 ? '+' : ''} className="summary__figure summary__figure--reward" />
        </Box>
        {refundCount > 0 && (
          <Box className="summary__part summary__part--refund">
            <Box className="summary__label">{`退款 ${refundCount} 笔（含退回的奖励）`}</Box>
            <Money fen={refundedFen} sign="−" className="summary__figure" />
          </Box>
        )}
      </Box>
    </>
  )
}
