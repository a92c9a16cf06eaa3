import { type KeyObject, X509Certificate } from 'node:crypto'
import { z } from 'zod'

/** What the UnionPay channel needs to be told. */
export interface UnionPayConfig {
  /** https://gateway.95516.com */
  baseUrl: string
  /** https://filedownload.95516.com */
  filesUrl: string
  /** our signing key, RSA, and the serial number of its certificate, decimal */
  privateKey: KeyObject
  certId: string
  /** the group (集团商户) whose statement holds the rows of all merchants; pings are asked in its name */
  merId: string
  /** PEM: the authorities that UnionPay's certificates are of, its root among them */
  authorities: readonly X509Certificate[]
  /** whom those certificates name: the third part of the common name */
  owner: string
  /** where it tells what became definite: no query, since that would be signed as fields of the notice */
  notifyUrl: string
  /** null: a payer in WeChat can't pay so */
  miniProgram: MiniProgram | null
  /** how long one call may take in all, ms */
  timeoutMs: number
  /** how long a person may take to pay, ms */
  payWithinMs: number
  /** how far UnionPay's clock may be off ours before what can't be undone waits, ms */
  clockToleranceMs: number
  /** the most one payer may pay in a business day, fen */
  dailyPerPayerFen: number
  /** how long after midnight yesterday's statement is asked for, ms; null: by hand alone */
  reconcileFromMs: number | null
}

/** UnionPay's mini-program (云闪付) in WeChat, to which ours jumps. */
export interface MiniProgram {
  /** its own */
  appId: string
  /** `/pages/CQPApplet/index`: the transaction number goes behind it */
  path: string
  /** of ours: only who came by it can jump */
  from: string
}

/** PEM, one certificate or more. Undefined: it holds none, or one that is none. */
export function authoritiesOf(text: string): X509Certificate[] | undefined {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    const read = found.map((pem) => new X509Certificate(pem))
    return read.some(isRoot) ? read : undefined
  } catch {
    return undefined
  }
}

export function isRoot(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)
}

/** A merchant's number at UnionPay. */
export const MER_ID = /^[0-9A-Za-z]{15}$/

const fen = z
  .string()
  .regex(/^\d{1,12}$/)
  .transform(Number)

/** What the answer to every request holds; each member is text. Unknown ones are left aside: UnionPay adds some. */
export const anyReply = z.object({ respCode: z.string().regex(/^[0-9A-Z]{2}$/) })

/** A payment or refund as an answer to a query or a notice names it. */
export const tradeReply = z.object({
  orderId: z.string(),
  txnTime: z.string(),
  merId: z.string(),
  txnAmt: fen.optional(),
  currencyCode: z.string().optional(),
  queryId: z
    .string()
    .regex(/^\d{1,21}$/)
    .optional(),
})
export type TradeReply = z.output<typeof tradeReply>

/** Of an answer to a query: how it stands with the trade it asked about. */
export const queriedReply = z.object({ origRespCode: z.string().regex(/^[0-9A-Z]{2}$/) })

/** What a payer is sent to: the address behind a code, or the number that its mini-program opens. */
export const qrReply = z.object({ qrCode: z.url({ protocol: /^https?$/ }) })
export const tnReply = z.object({ tn: z.string().regex(/^[0-9A-Za-z]{1,32}$/) })

export const fileReply = z.object({ settleDate: z.string(), fileName: z.string().max(128), fileContent: z.base64() })
