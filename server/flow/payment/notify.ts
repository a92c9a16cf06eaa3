import type { ChannelReply } from '../ports'
import { type FinalizeDeps, finalize } from './finalize'

/**
 * News that a channel brought of its own accord, already verified (异步通知): once, twice, late, or in any order, it goes
 * through the same door as every other. An order we don't have is an alarm: the channel may have booked what we never asked.
 */
export async function takeNotice(
  deps: FinalizeDeps,
  notice: { channel: string; orderNo: string; reply: ChannelReply },
): Promise<'handled' | 'order-not-found'> {
  const order = await deps.ledger.order(notice.orderNo)
  if (order?.channel !== notice.channel) {
    deps.onAlarm({ code: 'notice-of-unknown-order', orderNo: notice.orderNo })
    return 'order-not-found'
  }
  await finalize(deps, order, notice.reply)
  return 'handled'
}
