import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import { seal } from '../../channel/wechatpay/sign'
import type { Answer } from './answer'
import type { Verb } from './faults'
import type { Parts } from './parts'
import { closeRequest, prepayRequest, refundRequest } from './schema'
import { inShanghai, refundView, transactionView } from './views'
import { isRefusal, type Prepay, type Refusal, refusal, type WalletRefund } from './wallet'

/** What a signed request asks for, before anything is done. */
export interface Call {
  verb: Verb
  /** of the payment it is about */
  number?: string | undefined
  run(): Answer
}

const MESSAGES: Record<string, string> = {
  PARAM_ERROR: '参数错误',
  SIGN_ERROR: '签名错误',
  ORDERPAID: '订单已支付',
  ORDER_CLOSED: '订单已关闭',
  ORDER_NOT_EXIST: '订单不存在',
  OUT_TRADE_NO_USED: '商户订单号重复',
  NOT_ENOUGH: '基本账户余额不足，请充值后重新发起',
}

export function refusalAnswer({ status, code }: Refusal): Answer {
  return { status, body: { code, message: MESSAGES[code] ?? code } }
}

const PREPAY = '/v3/pay/partner/transactions/jsapi'
const ORDER = /^\/v3\/pay\/partner\/transactions\/out-trade-no\/([0-9A-Za-z_\-|*]{6,32})(\/close)?$/
const REFUND = /^\/v3\/refund\/domestic\/refunds\/([0-9A-Za-z_\-|*@]{1,64})$/

/** Reads a request of API v3. An {@link Answer} when it is none. */
export function callOf(method: string, path: string, body: Buffer, parts: Parts): Call | Answer {
  const { pathname, searchParams: query } = new URL(path, 'http://wechatpay.invalid')
  const [, number = '', close] = ORDER.exec(pathname) ?? []
  if (method === 'POST' && pathname === PREPAY) return parsed(prepayRequest, body, (asked) => prepare(parts, asked))
  if (method === 'POST' && close)
    return parsed(closeRequest, body, (asked) => ({ verb: 'close', number, run: () => shut(parts, number, asked) }))
  if (method === 'GET' && number && !close) return { verb: 'query', number, run: () => show(parts, number, query) }
  if (method === 'POST' && pathname === '/v3/refund/domestic/refunds')
    return parsed(refundRequest, body, (asked) => ({
      verb: 'refund',
      number: asked.out_trade_no,
      run: () => ofRefund(parts, parts.wallet.refund(asked)),
    }))
  const refundNo = method === 'GET' && REFUND.exec(pathname)?.[1]
  if (refundNo)
    return {
      verb: 'query-refund',
      run: () => ofRefund(parts, parts.wallet.queryRefund(refundNo, query.get('sub_mchid'))),
    }
  if (method === 'GET' && pathname === '/v3/certificates')
    return { verb: 'certificates', run: () => certificates(parts) }
  if (method === 'GET' && pathname === '/v3/bill/tradebill')
    return { verb: 'bill', run: () => parts.bills.place(query) }
  return refusalAnswer(refusal(404, 'RESOURCE_NOT_EXISTS'))
}

function prepare({ wallet, pageUrl }: Parts, asked: z.output<typeof prepayRequest>): Call {
  const answer = (prepay: Prepay | Refusal): Answer =>
    isRefusal(prepay)
      ? refusalAnswer(prepay)
      : { status: 200, body: { prepay_id: prepay.prepayId, sandbox_url: pageUrl(prepay.prepayId) } }
  return { verb: 'prepare', number: asked.out_trade_no, run: () => answer(wallet.prepare(asked)) }
}

function shut({ wallet, keys }: Parts, number: string, asked: z.output<typeof closeRequest>): Answer {
  if (asked.sp_mchid !== keys.mchId) return refusalAnswer(refusal(403, 'NO_AUTH'))
  const refused = wallet.close(number, asked.sub_mchid)
  return refused ? refusalAnswer(refused) : { status: 204, body: undefined }
}

function show(parts: Parts, number: string, query: URLSearchParams): Answer {
  if (query.get('sp_mchid') !== parts.keys.mchId) return refusalAnswer(refusal(403, 'NO_AUTH'))
  const prepay = parts.wallet.query(number, query.get('sub_mchid'))
  return isRefusal(prepay) ? refusalAnswer(prepay) : { status: 200, body: viewOf(parts, prepay) }
}

export function viewOf({ wallet }: Pick<Parts, 'wallet'>, prepay: Prepay): Record<string, unknown> {
  const { out_trade_no } = prepay.request
  const refunds = [...wallet.refunds.values()].filter(({ request }) => request.out_trade_no === out_trade_no)
  return transactionView(
    prepay,
    refunds.some(({ status }) => status !== 'CLOSED'),
  )
}

function ofRefund({ wallet }: Parts, refund: WalletRefund | Refusal): Answer {
  if (isRefusal(refund)) return refusalAnswer(refund)
  return { status: 200, body: refundView(refund, wallet.prepays.get(refund.request.out_trade_no)!) }
}

function certificates({ keys, now }: Parts): Answer {
  const nonce = randomBytes(6).toString('hex')
  const encrypt_certificate = {
    algorithm: 'AEAD_AES_256_GCM',
    ...seal(Buffer.from(keys.apiV3Key), keys.certificate, 'certificate', nonce),
  }
  const [effective_time, expire_time] = [inShanghai(now() - 86_400_000), inShanghai(now() + 86_400_000)]
  const one = { serial_no: keys.certificateSerial, effective_time, expire_time, encrypt_certificate }
  return { status: 200, body: { data: [one] } }
}

function parsed<T>(schema: z.ZodType<T>, body: Buffer, call: (value: T) => Call): Call | Answer {
  try {
    const value = schema.safeParse(JSON.parse(body.toString('utf8')))
    if (value.success) return call(value.data)
  } catch {
    // not JSON: the same answer
  }
  return refusalAnswer(refusal(400, 'PARAM_ERROR'))
}
