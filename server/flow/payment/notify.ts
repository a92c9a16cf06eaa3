import type { ChannelName } from '../../domain/channel'
import type { Channel, HttpAnswer, Notice, NoticeResult, RawRequest } from '../ports'
import { finalizeRefund, type RefundSendDeps } from '../refund/refund'
import { type FinalizeDeps, finalize } from './finalize'

export type NotifyDeps = FinalizeDeps & RefundSendDeps
type OfOrder = Extract<Notice, { about: 'order' }>
type OfRefund = Extract<Notice, { about: 'refund' }>

/**
 * News that a channel brings of its own accord (异步通知), about an order or a refund: once, twice, late, or in any order, it goes
 * through the same doors as every other. Answers in the channel's own words; undefined when no such channel brings any.
 * One that isn't believed, and one of an order that we don't have, are alarms: the channel may have booked what we never asked.
 */
export async function takeNotice(
  deps: NotifyDeps,
  channel: string,
  request: RawRequest,
): Promise<HttpAnswer | undefined> {
  const open = deps.channels.get(channel as ChannelName)
  if (!open?.notices) return undefined
  return open.notices.acknowledge(await handle(deps, open, open.notices.read(request)))
}

async function handle(deps: NotifyDeps, channel: Channel, notice: Notice): Promise<NoticeResult> {
  if (notice.kind === 'refused') {
    deps.onAlarm({ code: 'notice-refused', orderNo: '', error: notice.code })
    return { kind: 'refused', code: notice.code }
  }
  const handled =
    notice.about === 'order' ? await ofOrder(deps, channel, notice) : await ofRefund(deps, channel, notice)
  if (handled) return { kind: 'handled' }
  deps.onAlarm({ code: `notice-of-unknown-${notice.about}`, orderNo: notice.number })
  return { kind: 'not-found' }
}

async function ofOrder(deps: NotifyDeps, channel: Channel, notice: OfOrder): Promise<boolean> {
  const order = await deps.ledger.order(notice.number)
  if (order?.channel !== channel.name) return false
  await finalize(deps, order, notice.reply)
  return true
}

async function ofRefund(deps: NotifyDeps, channel: Channel, notice: OfRefund): Promise<boolean> {
  const refund = await deps.refunds.refund(notice.number)
  const order = refund && (await deps.ledger.order(refund.orderNo))
  if (order?.channel !== channel.name) return false
  await finalizeRefund(deps, order, refund!, notice.reply)
  return true
}
