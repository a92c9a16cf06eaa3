import { z } from 'zod'
import { isSafeUrl } from '../../domain/address'

/** The bodies that WeChat Pay takes, each field of them and no other. */

const text = (max: number) => z.string().min(1).max(max)
const fen = z.int().min(1).max(1_000_000_000)
const currency = z.literal('CNY')
const tradeNo = z.string().regex(/^[0-9A-Za-z_\-|*]{6,32}$/)
const notifyUrl = z
  .string()
  .max(255)
  .refine((url) => isSafeUrl(url) && !url.includes('?'))

export const prepayRequest = z.strictObject({
  sp_appid: text(32),
  sp_mchid: text(32),
  sub_appid: text(32).optional(),
  sub_mchid: text(32),
  description: text(127),
  out_trade_no: tradeNo,
  time_expire: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00$/),
  attach: text(128).optional(),
  notify_url: notifyUrl,
  goods_tag: text(32).optional(),
  amount: z.strictObject({ total: fen, currency }),
  payer: z.strictObject({ sp_openid: text(128) }),
  scene_info: z.strictObject({ payer_client_ip: text(45) }).optional(),
})
export type PrepayRequest = z.output<typeof prepayRequest>

export const closeRequest = z.strictObject({ sp_mchid: text(32), sub_mchid: text(32) })

export const refundRequest = z.strictObject({
  sub_mchid: text(32),
  out_trade_no: tradeNo,
  out_refund_no: z.string().regex(/^[0-9A-Za-z_\-|*@]{1,64}$/),
  reason: text(80).optional(),
  notify_url: notifyUrl.optional(),
  amount: z.strictObject({ refund: fen, total: fen, currency }),
})
export type RefundRequest = z.output<typeof refundRequest>
