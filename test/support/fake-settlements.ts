import type { Order } from '../../server/domain/order'
import type { Refund } from '../../server/domain/refund'
import { type Settlement, sumsOf } from '../../server/domain/settlement'

/** What paid orders and booked refunds of one business date come to, by channel and account, as SQL sums them. */
export function settled(
  paid: readonly Order[],
  booked: readonly (Pick<Refund, 'shares'> & { order: Order })[],
): Settlement[] {
  const sums = new Map<string, Settlement>()
  const of = ({ channel, accounts }: Order) => {
    const key = `${channel} ${accounts.merchant}`
    const known = sums.get(key) ?? { channel, account: accounts.merchant, ...sumsOf([]) }
    sums.set(key, known)
    return known
  }
  for (const order of paid) {
    const [sum, { figures }] = [of(order), order]
    sum.orderCount += 1
    sum.amountFen += figures.amountFen
    sum.rewardCount += figures.merchantRewardFen > 0 ? 1 : 0
    sum.rewardFen += figures.merchantRewardFen
    sum.receivedFen += figures.merchantReceivesFen
  }
  for (const { order, shares } of booked) {
    const sum = of(order)
    sum.refundCount += 1
    sum.refundedFen += shares.merchantFen
    sum.receivedFen -= shares.merchantFen
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum)
}
