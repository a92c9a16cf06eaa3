import type { z } from 'zod'
import type { WalletPaid } from '../../domain/channel'
import type { tradeReply } from './schema'

/**
 * What the payer paid where Alipay or the merchant gave something towards it (`buyer_pay_amount`), and what that was: vouchers by their
 * names, else by where the money came from. Nonsense of it is nothing, and keeps no trade from being paid.
 */

/** 资金渠道 that isn't the payer's own money. */
const GIVEN: Readonly<Record<string, string>> = {
  COUPON: '支付宝红包',
  POINT: '集分宝',
  DISCOUNT: '支付宝优惠',
  MDISCOUNT: '商家优惠',
  MCOUPON: '商家红包',
}

type Discounts = Pick<z.output<typeof tradeReply>, 'buyer_pay_amount' | 'fund_bill_list' | 'voucher_detail_list'>

/** Nothing where the payer paid all of it, or nobody says. */
export function paidOf(totalFen: number, said: Discounts): { paid?: WalletPaid } {
  const { buyer_pay_amount: payerFen, fund_bill_list: bills = [], voucher_detail_list: vouchers = [] } = said
  if (payerFen === undefined || payerFen <= 0 || payerFen >= totalFen) return {}
  const named = vouchers.map(({ name, amount: fen }) => ({ name: name ?? '支付宝优惠', fen }))
  const given = bills.flatMap(({ fund_channel, amount: fen }) => {
    const name = GIVEN[fund_channel]
    return name === undefined ? [] : [{ name, fen }]
  })
  return { paid: { payerFen, coupons: named.length > 0 ? named : given } }
}
