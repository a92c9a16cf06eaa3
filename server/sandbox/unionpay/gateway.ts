import { createPublicKey, verify as verifyBytes } from 'node:crypto'
import { type Book, type Payment, type Refund, timeOf } from './book'
import type { Verb } from './faults'
import { digestOf, type Fields } from './keys'

/**
 * ACP 5.1.0 as the gateway speaks it: who signed, what is asked for, and what it answers. It takes no field that it doesn't know, no
 * time that isn't now, and no number twice. Written apart from the channel it is held against.
 */

export interface Client {
  /** the serial number of its certificate, decimal */
  certId: string
  /** PEM */
  publicKey: string
  /** its merchants' numbers: 15 digits that begin so */
  merIds: string
}

/** What a signed request asks for, before anything is done. */
export interface Call {
  verb: Verb
  fields: Fields
  /** Answers the fields that are signed and sent, beside those of the request that are sent back. */
  run(): Fields
}

export const PATHS = {
  '/gateway/api/backTransReq.do': ['01 07', '04 00', '31 00', '99 01'],
  '/gateway/api/appTransReq.do': ['01 01'],
  '/gateway/api/queryTrans.do': ['00 00'],
  '/': ['76 01'],
} as const

/** How far a client's clock may be off. */
const CLOCK_MS = 15 * 60_000

const COMMON = [
  ...['version', 'encoding', 'signMethod', 'signature', 'certId', 'accessType', 'channelType'],
  ...['txnType', 'txnSubType', 'bizType', 'merId', 'orderId', 'txnTime'],
]
const ORDER = /^[0-9A-Za-z]{8,40}$/
const FEN = /^[1-9]\d{0,11}$/
const URL_OF = /^https?:\/\/[^?#]+$/

/** Beside the common ones: what each kind of request must have, and how that looks. */
const OWN: Record<string, Record<string, RegExp>> = {
  '01': { txnAmt: FEN, currencyCode: /^156$/, backUrl: URL_OF, payTimeout: /^\d{14}$/ },
  '04': { txnAmt: FEN, origQryId: /^\d{21}$/, backUrl: URL_OF },
  '31': { txnAmt: FEN, origQryId: /^\d{21}$/, backUrl: URL_OF },
  '00': {},
  '99': {},
  '76': { settleDate: /^\d{4}$/, fileType: /^00$/ },
}
const BIZ: Record<string, string> = { '01 01': '000201' }
const VERB: Record<string, Verb> = {
  '01': 'pay',
  '04': 'refund',
  '31': 'refund',
  '00': 'query',
  '99': 'close',
  '76': 'file',
}

export interface Parts {
  book: Book
  client: Client
  now(): number
  /** where a payer is sent by the code of a payment */
  pageOf(payment: Payment): string
  /** of a day: what is answered */
  fileOf(fields: Fields): Fields
}

/** Reads a request; text: the respCode by which it is refused. */
export function callOf(path: string, fields: Fields, parts: Parts): Call | string {
  return isSigned(fields, parts.client) ? readCall(path, fields, parts) : '11'
}

/** Of one that the client has signed. */
export function readCall(path: string, fields: Fields, parts: Parts): Call | string {
  const refused = faultOf(path, fields, parts)
  if (refused) return refused
  const { txnType = '' } = fields
  const run = {
    '01': () => prepare(fields, parts),
    '04': () => refund(fields, parts),
    '31': () => refund(fields, parts),
    '00': () => query(fields, parts.book),
    '99': () => ({ respCode: parts.book.reverse(named(fields)) }),
    '76': () => parts.fileOf(fields),
  }[txnType]!
  return { verb: VERB[txnType]!, fields, run }
}

function isSigned(fields: Fields, { certId, publicKey }: Client): boolean {
  const digest = Buffer.from(digestOf(fields))
  const signature = Buffer.from(fields.signature ?? '', 'base64')
  return fields.certId === certId && verifyBytes('sha256', digest, createPublicKey(publicKey), signature)
}

function faultOf(path: string, fields: Fields, { client, now }: Parts): string | undefined {
  const { version, encoding, signMethod, accessType, channelType } = fields
  if (version !== '5.1.0' || encoding !== 'UTF-8' || signMethod !== '01' || accessType !== '0' || channelType !== '08')
    return '10'
  const kind = `${fields.txnType} ${fields.txnSubType}`
  if (!(PATHS[path as keyof typeof PATHS] as readonly string[] | undefined)?.includes(kind)) return '10'
  if (fields.bizType !== (BIZ[kind] ?? '000000')) return '10'
  const own = OWN[fields.txnType!]!
  if (Object.keys(fields).some((name) => !COMMON.includes(name) && !(name in own))) return '10'
  if (Object.entries(own).some(([name, looks]) => !looks.test(fields[name] ?? ''))) return '10'
  if (!/^\d{15}$/.test(fields.merId ?? '') || !fields.merId!.startsWith(client.merIds)) return '31'
  if (fields.txnType !== '76' && !ORDER.test(fields.orderId ?? '')) return '10'
  return timeFaultOf(fields, now())
}

/** What begins a trade must be of now; a question or a reversal names its trade's time. */
function timeFaultOf({ txnType, txnTime = '', payTimeout }: Fields, now: number): string | undefined {
  if (!/^\d{14}$/.test(txnTime)) return '10'
  if (txnType === '00' || txnType === '99') return undefined
  const [from, to] = [timeOf(now - CLOCK_MS), timeOf(now + CLOCK_MS)]
  if (txnTime < from || txnTime > to) return '10'
  return payTimeout !== undefined && payTimeout < txnTime ? '10' : undefined
}

const named = ({ orderId, txnTime, merId }: Fields) => ({ orderId: orderId!, txnTime: txnTime!, merId: merId! })

function prepare(fields: Fields, { book, pageOf }: Parts): Fields {
  const { txnAmt, payTimeout, backUrl } = fields
  const asked = { amountFen: Number(txnAmt), payTimeout: payTimeout!, backUrl: backUrl! }
  const payment = book.prepare({ ...named(fields), asked })
  if (payment === '12') return { respCode: '12' }
  return fields.txnSubType === '07'
    ? { respCode: '00', qrCode: pageOf(payment) }
    : { respCode: '00', tn: payment.token }
}

function refund(fields: Fields, { book }: Parts): Fields {
  const type = fields.txnType as '04' | '31'
  const asked = { ...named(fields), type, amountFen: Number(fields.txnAmt), backUrl: fields.backUrl! }
  return { respCode: book.refund({ ...asked, origQueryId: fields.origQryId! }) }
}

function query({ orderId = '', txnTime, merId }: Fields, book: Book): Fields {
  const trade = book.payment(orderId) ?? book.refunded(orderId)
  // By its number alone nothing is found.
  if (!trade || trade.txnTime !== txnTime || trade.merId !== merId) return { respCode: '34' }
  return { respCode: '00', ...('type' in trade ? refundFields(trade) : paymentFields(trade)) }
}

/** What an answer says again of its request. */
export function echoOf({
  version: _v,
  txnType,
  txnSubType,
  bizType,
  accessType,
  merId,
  orderId,
  txnTime,
}: Fields): Fields {
  const given = { txnType, txnSubType, bizType, accessType, merId, orderId, txnTime }
  const named = Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return { version: '5.1.0', encoding: 'UTF-8', signMethod: '01', ...Object.fromEntries(named) }
}

/** As a query says it, and a notice once it is done. */
export function paymentFields(payment: Payment): Fields {
  const { orderId, txnTime, merId, asked, state, code, queryId, at } = payment
  const trade = { txnType: '01', txnSubType: '01', orderId, txnTime, merId }
  const seen = { ...trade, ...(asked && { txnAmt: String(asked.amountFen), currencyCode: '156' }) }
  switch (state) {
    case 'open':
    case 'processing':
      return { ...seen, origRespCode: '05', origRespMsg: '交易已受理，请稍后查询交易结果[6154037]' }
    case 'failed':
      return { ...seen, origRespCode: code, origRespMsg: '交易失败' }
    case 'void':
      return { ...seen, origRespCode: '35', origRespMsg: '原交易已冲正' }
    case 'paid': {
      const settled = { settleAmt: seen.txnAmt ?? '', settleCurrencyCode: '156', settleDate: timeOf(at).slice(4, 8) }
      return { ...seen, ...settled, queryId, origRespCode: '00', origRespMsg: '成功[0000000]' }
    }
  }
}

/** Without a currency, as the public reply of a refund is. */
export function refundFields({
  type,
  orderId,
  txnTime,
  merId,
  amountFen,
  origQueryId,
  state,
  code,
  queryId,
}: Refund): Fields {
  const trade = { txnType: type, txnSubType: '00', orderId, txnTime, merId, origQryId: origQueryId }
  const seen = { ...trade, txnAmt: String(amountFen) }
  if (state === 'processing') return { ...seen, origRespCode: '05', origRespMsg: '交易已受理' }
  if (state === 'failed') return { ...seen, origRespCode: code, origRespMsg: '交易失败' }
  return { ...seen, queryId, origRespCode: '00', origRespMsg: '成功[0000000]' }
}
