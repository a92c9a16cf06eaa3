import { z } from 'zod'
import { type Errcode, fault, OK, type WechatPlatform } from './platform'

/**
 * 发货信息录入 as WeChat has it: of payments that were made in a mini-program, by whoever holds its token. Told the same again it says so;
 * told otherwise it takes it once more, and never again.
 */

/** A payment that WeChat Pay has told WeChat of. */
export interface Shippable {
  appId: string
  openId: string
  /** all of it went back */
  refunded?: boolean
}

const text = (max: number) => z.string().min(1).max(max)
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$/

const upload = z.strictObject({
  order_key: z.strictObject({ order_number_type: z.literal(2), transaction_id: text(32) }),
  /** 1 by a courier, 2 in the city, 3 virtual, 4 collected */
  logistics_type: z.int().min(1).max(4),
  delivery_mode: z.literal(1),
  shipping_list: z.array(z.strictObject({ item_desc: z.string() })).length(1),
  upload_time: z.string(),
  payer: z.strictObject({ openid: text(128) }),
})

interface Shipped {
  told: string
  changed: boolean
}

export class WechatDeliveries {
  /** by WeChat Pay's number */
  readonly payments = new Map<string, Shippable>()
  readonly shipped = new Map<string, Shipped>()
  /** errcodes for the next ones, before anything is looked at */
  readonly busy: number[] = []
  /** every call, whatever came of it */
  asked = 0

  constructor(private readonly platform: WechatPlatform) {}

  upload(token: string | null, value: unknown): Errcode {
    this.asked++
    const errcode = this.busy.shift()
    if (errcode !== undefined) return fault(errcode)
    const app = this.platform.appOf(token)
    if (!app) return fault(token ? 40001 : 41001)
    const read = upload.safeParse(value)
    if (!read.success) return fault(40097)
    const { order_key, logistics_type, shipping_list, upload_time, payer } = read.data
    const [item] = shipping_list
    if (item!.item_desc === '') return fault(10060008)
    if (item!.item_desc.length > 120) return fault(10060009)
    if (logistics_type === 1) return fault(268485226)
    if (!RFC3339.test(upload_time)) return fault(268485216)
    const payment = this.payments.get(order_key.transaction_id)
    if (payment?.appId !== app.appId) return fault(10060001)
    if (payment.openId !== payer.openid) return fault(10060031)
    if (payment.refunded) return fault(10060004)
    return this.ship(order_key.transaction_id, JSON.stringify([logistics_type, shipping_list]))
  }

  private ship(transactionId: string, told: string): Errcode {
    const before = this.shipped.get(transactionId)
    if (before?.told === told) return fault(10060023)
    if (before?.changed) return fault(10060003)
    this.shipped.set(transactionId, { told, changed: before !== undefined })
    return OK
  }
}
