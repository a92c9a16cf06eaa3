import type { KeyObject } from 'node:crypto'
import { z } from 'zod'

/** What the channel needs to be told: of a service provider (服务商), whose sub-merchants the money settles to. */
export interface WechatpayConfig {
  baseUrl: string
  /** the service provider's number, and its API certificate: the serial and the key that we sign with */
  mchId: string
  serial: string
  privateKey: KeyObject
  /** 32 bytes: opens notices and platform certificates */
  apiV3Key: Uint8Array
  /** 32 characters: vouches for the addresses of receipts' frames; null: it frames none of ours */
  apiV2Key: string | null
  /** the page after a payment (点金计划), an origin */
  frameOrigin: string
  /** WeChat Pay's public key, by its `PUB_KEY_ID_…`; null: platform certificates alone, which are fetched */
  publicKey: { id: string; key: KeyObject } | null
  /** the apps that payers are known by, each bound to `mchId` */
  appIds: readonly string[]
  /** where we hear notices */
  notifyUrl: string
  /** one call in all, ms */
  timeoutMs: number
  /** how long a payer may take, ms */
  payWithinMs: number
  /** the most one payer may pay in a business day, fen */
  dailyPerPayerFen: number
  /** how long after midnight yesterday's bill is asked for, ms; null: by hand alone */
  reconcileFromMs: number | null
}

/** What WeChat Pay says. Unknown fields are left aside: it may add some; every one that we go by is parsed. */

const id = z.string().min(1).max(64)
const fen = z.int().min(0)

export const prepayReply = z.object({
  prepay_id: id,
  /** a sandbox's alone: where somebody without WeChat acts as its user */
  sandbox_url: z.url().optional(),
})

/** A partner transaction, in a reply to a query and in a notice. */
export const transaction = z.object({
  sp_mchid: id,
  sub_mchid: id,
  sp_appid: id,
  out_trade_no: id,
  trade_state: z.string(),
  transaction_id: id.optional(),
  amount: z.object({ total: fen, currency: z.string(), payer_total: fen.optional().catch(undefined) }).optional(),
  /** coupons and discounts, WeChat's own and merchants'; nonsense of them keeps no payment from being one */
  promotion_detail: z
    .array(z.object({ name: z.string().optional(), amount: fen }))
    .optional()
    .catch(undefined),
})

const refundAmount = { refund: fen, total: fen }

export const refundReply = z.object({
  refund_id: id,
  out_refund_no: id,
  out_trade_no: id,
  status: z.string(),
  amount: z.object({ ...refundAmount, currency: z.string() }),
})

/** What a notice says of a refund. It names no currency: domestic refunds are in the one that there is. */
export const refundNews = z.object({
  sp_mchid: id,
  sub_mchid: id,
  refund_id: id,
  out_refund_no: id,
  out_trade_no: id,
  refund_status: z.string(),
  amount: z.object(refundAmount),
})

/** Any status of 400 and more. */
export const refusalReply = z.object({ code: z.string().max(64) })

export const sealed = z.object({
  algorithm: z.literal('AEAD_AES_256_GCM'),
  ciphertext: z.string(),
  associated_data: z.string().optional(),
  nonce: z.string(),
})

export const noticeBody = z.object({
  id,
  event_type: z.string(),
  resource_type: z.literal('encrypt-resource'),
  resource: sealed.extend({ original_type: z.string() }),
})

export const certificatesReply = z.object({
  data: z.array(z.object({ serial_no: z.string(), encrypt_certificate: sealed })).max(20),
})

export const billReply = z.object({
  hash_type: z.literal('SHA1'),
  hash_value: z.string().regex(/^[0-9a-fA-F]{40}$/),
  download_url: z.url(),
})
