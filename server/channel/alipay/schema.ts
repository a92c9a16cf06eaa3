import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { isLoopback } from '../../domain/address'
import { jsonOf } from '../../domain/json'

export { certificatesOf } from './certificates'

/** What the Alipay channel needs to be told; server/config/alipay.ts reads it. */
export interface AlipayConfig {
  /** https://openapi.alipay.com/gateway.do */
  gatewayUrl: string
  appId: string
  /** ours and Alipay's, RSA of 2048 bits or more */
  privateKey: KeyObject
  alipayKey: KeyObject
  /** in certificate mode: the number of the certificate that Alipay's replies must name */
  alipayCertSn?: string | undefined
  /** what goes along with every request: the numbers of certificates, and for whom we ask (`app_auth_token`) */
  besides?: Readonly<Record<string, string>> | undefined
  /** the mini-program under which trades in Alipay's app are made (`op_app_id`), bound to our app there; undefined: none */
  opAppId?: string | undefined
  /** the account (2088…) that is paid for all merchants, each of them a sub-merchant of it (间连) */
  sellerId: string
  /** our origin, as Alipay and browsers see it */
  publicUrl: string
  /** how long one call may take in all, ms */
  timeoutMs: number
  /** how long a person may take to pay, ms */
  payWithinMs: number
  /** so far Alipay's clock may be off ours, ms */
  clockToleranceMs: number
  /** the most one payer may pay in a business day, fen */
  dailyPerPayerFen: number
  /** how long after midnight yesterday's bill is asked for, ms; null: by hand alone */
  reconcileFromMs: number | null
}

/** A sub-merchant's or a seller's id at Alipay. */
export const ACCOUNT = /^2088\d{12}$/

const number = z.string().min(1).max(64)

/** `12.34`, or 12.34 where the gateway writes a number, in fen; read from its digits. */
export const yuan = z.union([z.string(), z.number()]).transform((said, context): number => {
  const [, sign, whole, cents = ''] = /^(-?)(\d{1,9})(?:\.(\d{1,2}))?$/.exec(String(said)) ?? []
  if (whole !== undefined) return Number(`${sign}${whole}${cents.padEnd(2, '0')}`) + 0
  context.addIssue({ code: 'custom', message: 'is no amount' })
  return z.NEVER
})

/** Only a sandbox's cashier is on this machine; no other address is followed. */
const sandboxUrl = z.url().refine((url) => isLoopback(new URL(url).hostname))

export const createReply = z.object({ trade_no: number, out_trade_no: number, sandbox_url: sandboxUrl.optional() })

const bills = z.array(
  // a reply writes it so, a notice the other way
  z.union([
    z.object({ amount: yuan, fund_channel: z.string() }),
    z.object({ amount: yuan, fundChannel: z.string() }).transform(({ amount, fundChannel }) => ({
      amount,
      fund_channel: fundChannel,
    })),
  ]),
)
const vouchers = z.array(z.object({ amount: yuan, name: z.string().optional() }))

/** A notice holds each list as a JSON text. */
const listed = <T>(list: z.ZodType<T>) =>
  z
    .preprocess((said) => (typeof said === 'string' ? jsonOf(said) : said), list)
    .optional()
    .catch(undefined)

/** What was given towards a trade; nonsense of it keeps no trade from being paid. */
const discountFields = {
  buyer_pay_amount: yuan.optional().catch(undefined),
  fund_bill_list: listed(bills),
  voucher_detail_list: listed(vouchers),
}

export const tradeReply = z.object({
  trade_no: number,
  out_trade_no: number,
  trade_status: z.string(),
  total_amount: yuan,
  /** absent: the one currency that an account in China has */
  trans_currency: z.string().optional(),
  /** what only a trade that was paid has */
  send_pay_date: z.string().optional(),
  ...discountFields,
  receipt_amount: yuan.optional(),
  sandbox_url: sandboxUrl.optional(),
})

export const closeReply = z.object({ out_trade_no: number.optional(), trade_no: number.optional() })

/** Without `out_request_no`: nobody has asked for it. Without `refund_status`: it isn't done. */
export const refundReply = z.object({
  trade_no: number.optional(),
  out_trade_no: number.optional(),
  out_request_no: number.optional(),
  refund_amount: yuan.optional(),
  refund_status: z.string().optional(),
})

/** A notice, its form's fields. Amounts are texts here, always. */
export const noticeFields = z.object({
  notify_time: z.string(),
  app_id: z.string(),
  seller_id: z.string(),
  trade_no: number,
  out_trade_no: number,
  trade_status: z.string(),
  total_amount: yuan,
  trans_currency: z.string().optional(),
  /** our sub-merchant's id, as it was sent with the trade */
  passback_params: z.string().regex(ACCOUNT).optional(),
  /** of a refund: its number, and what went back of the trade in all */
  out_biz_no: number.optional(),
  refund_fee: yuan.optional(),
  gmt_payment: z.string().optional(),
  ...discountFields,
})

export const billReply = z.object({ bill_download_url: z.url() })
