import type { Clock } from '../../flow/ports'
import { openWire, type SendFailure } from '../wire'
import { anyReply, type UnionPayConfig } from './schema'
import { type Fields, signer, verifier } from './sign'

/** What came of one request. Only a `verified` answer is UnionPay's word; `raw` is kept for the record. */
export type Exchange =
  | { kind: 'verified'; respCode: string; said: Fields; raw: unknown }
  | { kind: 'failed'; code: SendFailure | 'server-error' | 'bad-signature' | 'malformed-reply'; raw: unknown }

export const PATHS = {
  back: '/gateway/api/backTransReq.do',
  app: '/gateway/api/appTransReq.do',
  query: '/gateway/api/queryTrans.do',
} as const

export interface UnionPayClient {
  /** Signs and sends once (I6). Never throws for what the network or UnionPay does. */
  exchange(where: keyof typeof PATHS, fields: Fields): Promise<Exchange>
  /** What is sent of some fields: the same for the same, always. */
  signed(fields: Fields): Fields
  /** Reads an answer or a notice that came as text; undefined: UnionPay didn't sign it. */
  verify(fields: Fields | undefined): Fields | undefined
  stop(): Promise<void>
}

/** Beside what a trade is of, in every request. */
const COMMON = { version: '5.1.0', encoding: 'UTF-8', signMethod: '01', accessType: '0', channelType: '08' }

export function unionPayClient(config: UnionPayConfig & { clock: Clock }): UnionPayClient {
  const { clock, certId } = config
  const sign = signer(config.privateKey)
  const isGenuine = verifier(config)
  const wire = openWire(config)
  const signed = (fields: Fields) => sign({ ...COMMON, certId, ...fields })
  const verify = (fields: Fields | undefined) => (fields && isGenuine(fields, clock.now()) ? fields : undefined)

  async function exchange(where: keyof typeof PATHS, fields: Fields): Promise<Exchange> {
    const body = new URLSearchParams(signed(fields)).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
    const sent = await wire.send({ method: 'POST', path: wire.prefix + PATHS[where], headers, body })
    if (sent.kind === 'failed') return { ...sent, raw: { status: sent.status } }
    const { status } = sent
    // It answers everything with 200; anything else comes from what stands before it.
    if (status !== 200) return { kind: 'failed', code: 'server-error', raw: { status } }
    const said = verify(fieldsOf(sent.body.toString('utf8')))
    if (!said) return { kind: 'failed', code: 'bad-signature', raw: { status } }
    const read = anyReply.safeParse(said)
    const raw = { status, said: recordOf(said) }
    return read.success
      ? { kind: 'verified', respCode: read.data.respCode, said, raw }
      : { kind: 'failed', code: 'malformed-reply', raw }
  }

  return { exchange, signed, verify, stop: wire.stop }
}

/** An answer: `name=value&…` as it is, not encoded; a value may hold `=`. Undefined: it is none, or names a field twice. */
export function fieldsOf(text: string): Fields | undefined {
  const fields: Record<string, string> = Object.create(null)
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, at))
    if (!/^\w{1,64}$/.test(name) || name in fields) return undefined
    fields[name] = pair.slice(at + 1)
  }
  return fields
}

/** A notice: a form. Undefined when it names a field twice. */
export function formOf(text: string): Fields | undefined {
  const fields: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    if (!/^\w{1,64}$/.test(name) || name in fields) return undefined
    fields[name] = value
  }
  return fields
}

/** Of a payer's card, and long: neither is kept. */
const NOT_KEPT = new Set(['accNo', 'payCardNo', 'payCardIssueName', 'customerInfo', 'cardTransData', 'signPubKeyCert'])

export function recordOf(said: Fields): Fields {
  return Object.fromEntries(Object.entries(said).filter(([name]) => !NOT_KEPT.has(name)))
}
