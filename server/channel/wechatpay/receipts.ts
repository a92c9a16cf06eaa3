import { timingSafeEqual } from 'node:crypto'
import { ourNo } from '../../domain/channel'
import type { ReceiptFrame } from '../../flow/ports'
import { checkCode } from './sign'

/**
 * Where WeChat Pay's page after a payment (点金计划) shows a receipt of the service provider's (商家小票): it asks for
 * `?sub_mch_id&out_trade_no&check_code`. Whoever has such an address was given it by WeChat Pay, for that one payment.
 */
export function receipts(apiV2Key: string, origin: string): ReceiptFrame {
  return {
    origin,
    read(query) {
      const only = (name: string) => (query.getAll(name).length === 1 ? query.get(name)! : '')
      const [subMchId, outTradeNo, given] = [only('sub_mch_id'), only('out_trade_no'), only('check_code')]
      const code = checkCode(apiV2Key, { outTradeNo, subMchId })
      const isSame =
        /^[0-9A-Fa-f]{32}$/.test(given) && timingSafeEqual(Buffer.from(given.toUpperCase()), Buffer.from(code))
      const orderNo = ourNo(outTradeNo)
      return isSame && orderNo !== undefined ? { orderNo, payee: subMchId } : undefined
    },
  }
}
