import { z } from 'zod'
import { isRefusal, type Refund, type Refusal, type Trade, type TradeRequest, type Trades } from './trades'

/** What the gateway's methods take and say. It takes nothing that isn't named here. Written apart from the channel that is held against it. */

type Params = Record<string, string>
/** Below an answer's `code`: what it says, or the sub code by which it says no. */
export type Word = Record<string, unknown> | Refusal

const number = z.string().regex(/^\w{1,64}$/)
const amount = z
  .string()
  .regex(/^(0|[1-9]\d{0,8})\.\d{2}$/)
  .transform((text) => Number(text.replace('.', '')))
  .refine((fen) => fen > 0)
const merchant = z.string().regex(/^2088\d{12}$/)
const time = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/)
  .transform((text) => Date.parse(`${text.replace(' ', 'T')}+08:00`))

const common = {
  out_trade_no: number,
  total_amount: amount,
  subject: z.string().regex(/^[^/=&]{1,256}$/),
  sub_merchant: z.strictObject({ merchant_id: merchant }),
  passback_params: z.string().max(512).optional(),
  time_expire: time,
}
const createRequest = z
  .strictObject({
    ...common,
    product_code: z.literal('JSAPI_PAY'),
    op_app_id: z
      .string()
      .regex(/^\d{16}$/)
      .optional(),
    buyer_open_id: z
      .string()
      .regex(/^[\w-]{1,128}$/)
      .optional(),
    buyer_id: z
      .string()
      .regex(/^2088\d{12}$/)
      .optional(),
  })
  .refine((request) => (request.buyer_id === undefined) !== (request.buyer_open_id === undefined))
const pageRequest = z.strictObject({ ...common, product_code: z.literal('QUICK_WAP_WAY') })
const named = z.strictObject({ out_trade_no: number })
const asked = named.extend({
  query_options: z.array(z.enum(['fund_bill_list', 'voucher_detail_list', 'trade_settle_info'])).optional(),
})
const refundRequest = z.strictObject({ out_trade_no: number, out_request_no: number, refund_amount: amount })
const refundNamed = z.strictObject({ out_trade_no: number, out_request_no: number })
const billRequest = z.strictObject({
  bill_type: z.literal('trade'),
  bill_date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
})

export interface Around {
  trades: Trades
  /** where a payer of a trade confirms */
  cashier(tradeNo: string): string
  /** the address of a day's bill; why there is none */
  bill(date: string): string | Refusal
}

interface Method {
  verb: Verb
  /** the number of the trade it is about */
  number: string | undefined
  run(): Word
}

export const VERBS = ['create', 'query', 'close', 'refund', 'refund-query', 'bill'] as const
export type Verb = (typeof VERBS)[number]

const INVALID: Refusal = { refused: 'ACQ.INVALID_PARAMETER' }

/** Reads a request of one of the trade's methods; undefined: it is none of them. */
export function methodOf(params: Params, { trades, cashier, bill }: Around): Method | Refusal | undefined {
  const read = <T>(schema: z.ZodType<T>, made: (value: T) => Method): Method | Refusal => {
    const value = schema.safeParse(jsonOf(params.biz_content))
    return value.success ? made(value.data) : INVALID
  }
  switch (params.method) {
    case 'alipay.trade.create':
      return read(createRequest, (asked) => ({
        verb: 'create',
        number: asked.out_trade_no,
        run: () => told(trades.create(requestOf(asked), params.notify_url ?? null), (trade) => created(trade, cashier)),
      }))
    case 'alipay.trade.query':
      return read(asked, ({ out_trade_no: of, query_options: options = [] }) => ({
        verb: 'query',
        number: of,
        run: () => told(trades.query(of), (trade) => queried(trade, cashier, options)),
      }))
    case 'alipay.trade.close':
      return read(named, ({ out_trade_no: of }) => ({
        verb: 'close',
        number: of,
        run: () => told(trades.close(of), ({ tradeNo }) => ({ trade_no: tradeNo, out_trade_no: of })),
      }))
    case 'alipay.trade.refund':
      return read(refundRequest, (asked) => ({
        verb: 'refund',
        number: asked.out_trade_no,
        run: () =>
          told(trades.refund(asked.out_trade_no, asked.out_request_no, asked.refund_amount), ({ trade, moved }) => ({
            trade_no: trade.tradeNo,
            out_trade_no: asked.out_trade_no,
            buyer_logon_id: '159****5620',
            fund_change: moved ? 'Y' : 'N',
            // of all refunds of the trade
            refund_fee: yuanOf(trades.refundedFen(asked.out_trade_no)),
          })),
      }))
    case 'alipay.trade.fastpay.refund.query':
      return read(refundNamed, (asked) => ({
        verb: 'refund-query',
        number: asked.out_trade_no,
        run: () =>
          told(trades.queryRefund(asked.out_trade_no, asked.out_request_no), ({ trade, refund }) =>
            refund ? refunded(trade, refund) : {},
          ),
      }))
    case 'alipay.data.dataservice.bill.downloadurl.query':
      return read(billRequest, ({ bill_date: date }) => ({
        verb: 'bill',
        number: undefined,
        run: () => {
          const url = bill(date)
          return typeof url === 'string' ? { bill_download_url: url } : url
        },
      }))
    default:
      return undefined
  }
}

/** The trade of a page's address, made now that its payer has come; why it isn't. */
export function openPage(params: Params, trades: Trades): Trade | Refusal {
  const asked = pageRequest.safeParse(jsonOf(params.biz_content))
  return asked.success ? trades.create(requestOf(asked.data), params.notify_url ?? null) : INVALID
}

function requestOf(asked: z.output<typeof createRequest> | z.output<typeof pageRequest>): TradeRequest {
  const buyer = 'buyer_id' in asked ? (asked.buyer_id ?? null) : null
  return {
    outTradeNo: asked.out_trade_no,
    product: asked.product_code,
    buyer: ('buyer_open_id' in asked ? asked.buyer_open_id : undefined) ?? buyer,
    merchantId: asked.sub_merchant.merchant_id,
    amountFen: asked.total_amount,
    subject: asked.subject,
    passback: asked.passback_params ?? null,
    expiresAt: asked.time_expire,
  }
}

function told<T extends object>(value: T | Refusal, say: (value: T) => Record<string, unknown>): Word {
  return isRefusal(value) ? value : say(value)
}

type Cashier = Around['cashier']

function created({ request, tradeNo }: Trade, cashier: Cashier) {
  return { out_trade_no: request.outTradeNo, trade_no: tradeNo, sandbox_url: cashier(tradeNo) }
}

function queried(trade: Trade, cashier: Cashier, options: readonly string[]) {
  const { request, tradeNo, paidAt } = trade
  const total = yuanOf(request.amountFen)
  return {
    trade_no: tradeNo,
    out_trade_no: request.outTradeNo,
    buyer_logon_id: '159****5620',
    trade_status: statusOf(trade),
    total_amount: total,
    buyer_pay_amount: paidAt === null ? '0.00' : yuanOf(request.amountFen - trade.couponFen),
    receipt_amount: paidAt === null ? '0.00' : total,
    ...(paidAt === null
      ? { sandbox_url: cashier(tradeNo) }
      : { send_pay_date: beijing(paidAt), ...givenOf(trade, options) }),
  }
}

/** What a paid trade says of who gave what, as far as it was asked. */
function givenOf({ request, couponFen }: Trade, options: readonly string[]) {
  const own = { fund_channel: 'ALIPAYACCOUNT', amount: yuanOf(request.amountFen - couponFen) }
  const gift = { fund_channel: 'COUPON', amount: yuanOf(couponFen) }
  return {
    ...(options.includes('fund_bill_list') && { fund_bill_list: couponFen > 0 ? [own, gift] : [own] }),
    ...(options.includes('voucher_detail_list') && couponFen > 0 && { voucher_detail_list: [voucherOf(couponFen)] }),
  }
}

export function voucherOf(couponFen: number) {
  const [amount, none] = [yuanOf(couponFen), '0.00']
  return {
    id: '2026112800073002586200003BQ4',
    name: '支付宝随机立减',
    type: 'ALIPAY_COUPON',
    amount,
    merchant_contribute: none,
    other_contribute: amount,
  }
}

function refunded({ tradeNo, request }: Trade, { outRequestNo, amountFen, state }: Refund) {
  return {
    trade_no: tradeNo,
    out_trade_no: request.outTradeNo,
    out_request_no: outRequestNo,
    total_amount: yuanOf(request.amountFen),
    refund_amount: yuanOf(amountFen),
    ...(state === 'done' && { refund_status: 'REFUND_SUCCESS' }),
  }
}

/** Money on its way is a trade that waits, to anybody outside. */
export function statusOf({ state }: Trade): string {
  if (state === 'paid') return 'TRADE_SUCCESS'
  return state === 'closed' ? 'TRADE_CLOSED' : 'WAIT_BUYER_PAY'
}

/** `950` → `"9.50"`. */
export function yuanOf(fen: number): string {
  const abs = Math.abs(fen)
  return `${fen < 0 ? '-' : ''}${(abs - (abs % 100)) / 100}.${String(abs % 100).padStart(2, '0')}`
}

export function beijing(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
