import { createHash, type KeyObject } from 'node:crypto'
import { isLoopback } from '../../domain/address'
import type { PayerAction } from '../../domain/channel'
import type { Order } from '../../domain/order'
import type { Exchange } from './client'
import { prepayReply } from './schema'
import { payText, signed } from './sign'

/** `payerRef`: the app that invokes, and the payer as it knows them. */
export function payerRef(appId: string, openId: string): string {
  return `${appId}|${openId}`
}

export function payerOf(order: Pick<Order, 'payerRef'>): { appId: string; openId: string } {
  const at = order.payerRef.indexOf('|')
  return { appId: order.payerRef.slice(0, at), openId: order.payerRef.slice(at + 1) }
}

/**
 * What the page gives to `getBrandWCPayRequest`, the mini-program to `wx.requestPayment`; undefined when the reply prepares nothing. The
 * same one each time for the same order, so that a payer who comes back finds what they left.
 */
export function actionOf(key: KeyObject, order: Order, prepared: Exchange): PayerAction | undefined {
  const said =
    prepared.kind === 'verified' && prepared.status === 200 ? prepayReply.safeParse(prepared.said) : undefined
  if (!said?.success || order.payBy === null) return undefined
  const { prepay_id: prepayId, sandbox_url: sandboxUrl } = said.data
  const { appId } = payerOf(order)
  const packed = `prepay_id=${prepayId}`
  const timeStamp = String(Math.floor(order.createdAt / 1_000))
  // Nothing hangs on its being new: the prepared number is good for one payment.
  const nonceStr = createHash('sha256').update(prepayId).digest('hex').slice(0, 32)
  const paySign = signed(key, payText({ appId, timeStamp, nonceStr, packed }))
  const params: Record<string, string> = { appId, timeStamp, nonceStr, package: packed, signType: 'RSA', paySign }
  // There the page can't hand over but by the address.
  if (sandboxUrl !== undefined && isLoopback(new URL(sandboxUrl).hostname))
    params.sandboxUrl = `${sandboxUrl}?${new URLSearchParams(params)}`
  return { kind: 'jsapi', params, expiresAt: order.payBy }
}
