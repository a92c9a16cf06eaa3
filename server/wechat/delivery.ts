import type { DeliveryDesk, DeliveryReply } from '../flow/ports'
import type { Call, Said } from './call'
import { TokenUnavailable } from './token'

/**
 * 发货信息录入 (`upload_shipping_info`) for orders that were paid in the mini-program; without it WeChat limits payments there. Source:
 * developers.weixin.qq.com, "小程序发货信息管理服务".
 */

const PATH = '/wxa/sec/order/upload_shipping_info'

/** The payment, by WeChat Pay's own number of it. */
const BY_TRANSACTION = 2
/** 用户自提: whoever pays at a counter takes it along. */
const COLLECTED = 4
/** 统一发货: all of it at once. */
const AT_ONCE = 1
const MAX_ITEM_CHARS = 120

/** It has it: shipped before, its one change used up, or the same told again. */
const KNOWN = new Set([0, 10060002, 10060003, 10060023])
/** A payment that can't be shipped: it went back in full. */
const NOT_SHIPPABLE = 10060004
/** The payment is another person's. */
const OTHER_PAYER = 10060031

/** `openIdOf`: the payer's openid in the mini-program, of what the channel keeps of them. */
export function wechatDeliveries(call: Call, openIdOf: (payerRef: string) => string): DeliveryDesk {
  return {
    async upload({ transactionId, payerRef, merchantName }, now) {
      const said = await call(PATH, {
        order_key: { order_number_type: BY_TRANSACTION, transaction_id: transactionId },
        logistics_type: COLLECTED,
        delivery_mode: AT_ONCE,
        shipping_list: [{ item_desc: `${merchantName} 到店消费`.slice(0, MAX_ITEM_CHARS) }],
        upload_time: inShanghai(now),
        payer: { openid: openIdOf(payerRef) },
      }).catch((error: unknown) => {
        if (error instanceof TokenUnavailable) return null
        throw error
      })
      return meaningOf(said)
    },
  }
}

function meaningOf(said: Said): DeliveryReply {
  if (!said) return { kind: 'again', code: 'no-answer' }
  const code = String(said.errcode)
  if (KNOWN.has(said.errcode)) return { kind: 'done', code }
  if (said.errcode === NOT_SHIPPABLE) return { kind: 'needless', code }
  return { kind: said.errcode === OTHER_PAYER ? 'refused' : 'again', code }
}

const SHANGHAI_MS = 8 * 3_600_000
/** RFC 3339 with milliseconds, as it wants it. */
const inShanghai = (at: number) => new Date(at + SHANGHAI_MS).toISOString().replace('Z', '+08:00')
