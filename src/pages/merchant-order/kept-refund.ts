import type { MerchantOrderDetail } from '@contract'
import { readAmount } from '../../amount'
import { kept } from '../../platform/kept'

/** As long as a log-in takes, of which WeChat's leads away from the page. */
const KEPT_MS = 10 * 60_000

const nameOf = (orderNo: string) => `refund.${orderNo}`

type Order = Pick<MerchantOrderDetail, 'orderNo' | 'refundableFen'>

/**
 * The refund that was being typed when the page went away; null: there is none, or something has gone back since, which may be this one.
 */
export function keptRefund({ orderNo, refundableFen }: Order): { text: string; reason: string } | null {
  const [at, leftFen, amount = '', reason = ''] = (kept.get(nameOf(orderNo)) ?? '').split('\n')
  const text = readAmount(amount)
  if (text === null || Number(leftFen) !== refundableFen || Math.abs(Date.now() - Number(at)) > KEPT_MS) return null
  return { text, reason }
}

export function keepRefund({ orderNo, refundableFen }: Order, text: string, reason: string): void {
  kept.set(nameOf(orderNo), [Date.now(), refundableFen, text, reason].join('\n'))
}

export const forgetRefund = (orderNo: string) => kept.set(nameOf(orderNo), '')
