import type { ChannelName } from './channel'

/** Orders that were paid and refunds that were booked on one business date, each on its own. Counts and fen. */
export interface DaySums {
  orderCount: number
  /** order amounts, as paid */
  amountFen: number
  rewardCount: number
  /** rewards, as paid */
  rewardFen: number
  refundCount: number
  /** what the merchant returned */
  refundedFen: number
  /** amounts + rewards − returned: what the day changed in its account; negative when more went back than came in */
  receivedFen: number
}

/** What of a merchant's day a channel brought to one of its accounts: the settlement account, or its number at a wallet. */
export interface Settlement extends DaySums {
  channel: ChannelName
  /** of the orders, as it was when each was opened */
  account: string
}

/** A merchant's day in all. */
export interface MerchantDaySums extends DaySums {
  businessDate: string
}

const NOTHING: DaySums = {
  orderCount: 0,
  amountFen: 0,
  rewardCount: 0,
  rewardFen: 0,
  refundCount: 0,
  refundedFen: 0,
  receivedFen: 0,
}

/** The day: what its settlements come to, so that they always do. */
export function sumsOf(settlements: readonly DaySums[]): DaySums {
  return settlements.reduce<DaySums>(
    (sum, one) => ({
      orderCount: sum.orderCount + one.orderCount,
      amountFen: sum.amountFen + one.amountFen,
      rewardCount: sum.rewardCount + one.rewardCount,
      rewardFen: sum.rewardFen + one.rewardFen,
      refundCount: sum.refundCount + one.refundCount,
      refundedFen: sum.refundedFen + one.refundedFen,
      receivedFen: sum.receivedFen + one.receivedFen,
    }),
    NOTHING,
  )
}
