import { jsonOf } from '../../domain/json'
import type { Clock } from '../../flow/ports'
import { openWire, type SendFailure, type WireOptions } from '../wire'
import type { AlipayConfig } from './schema'
import { readReply, signedRequest } from './sign'

/** What came of one request. Only what Alipay signed is its word; `raw` is kept for the record. */
export type Exchange =
  | { kind: 'answered'; said: unknown; raw: unknown }
  /** signed as well: it says no, and by which of its codes */
  | { kind: 'refused'; code: string; subCode: string; raw: unknown }
  | {
      kind: 'failed'
      code: SendFailure | 'server-error' | 'bad-signature' | 'unsigned-refusal' | 'malformed-reply'
      raw: unknown
    }

export interface AlipayClient {
  /** Sends once (I6). Never throws for what the network or Alipay does. */
  exchange(method: string, biz: object, besides?: Record<string, string>): Promise<Exchange>
  /** A request for a browser to make, as its address: it is signed, and says when. */
  pageUrl(method: string, biz: object, besides: Record<string, string>, at: number): string
  stop(): Promise<void>
}

/** Kept of a reply for the record; a real one has some hundred characters. */
const MAX_RAW_CHARS = 4_096

export function alipayClient(
  config: AlipayConfig & { clock: Clock; onTheirs?: WireOptions['onTheirs'] },
): AlipayClient {
  const { gatewayUrl, timeoutMs, clock, onTheirs } = config
  const wire = openWire({ baseUrl: gatewayUrl, timeoutMs, onTheirs })
  const path = `${wire.prefix}?charset=utf-8`
  const headers = { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' }

  async function exchange(method: string, biz: object, besides: Record<string, string> = {}): Promise<Exchange> {
    const fields = signedRequest({ ...config, at: clock.now() }, method, {
      ...besides,
      biz_content: JSON.stringify(biz),
    })
    const sent = await wire.send({ method: 'POST', path, headers, body: String(new URLSearchParams(fields)) })
    if (sent.kind === 'failed') return { ...sent, raw: { status: sent.status } }
    const text = sent.body.toString('utf8')
    const raw = { status: sent.status, body: text.slice(0, MAX_RAW_CHARS) }
    // Of a gateway before Alipay's that holds no key: it says nothing of the trade either way.
    if (sent.status >= 500) return { kind: 'failed', code: 'server-error', raw }
    const reply = readReply(text, method, config)
    if (reply.kind === 'none') return { kind: 'failed', code: 'malformed-reply', raw }
    if (!reply.signed)
      return { kind: 'failed', code: reply.kind === 'error' ? 'unsigned-refusal' : 'bad-signature', raw }
    return { ...saidBy(jsonOf(reply.raw)), raw }
  }

  return {
    exchange,
    pageUrl(method, biz, besides, at) {
      const fields = signedRequest({ ...config, at }, method, { ...besides, biz_content: JSON.stringify(biz) })
      return `${gatewayUrl}?${new URLSearchParams(fields)}`
    },
    stop: wire.stop,
  }
}

type Said =
  | { kind: 'answered'; said: unknown }
  | { kind: 'refused'; code: string; subCode: string }
  | { kind: 'failed'; code: 'malformed-reply' | 'server-error' }

/** `10000` alone is done; 20000 and its own SYSTEM_ERROR say that nobody knows. */
function saidBy(said: unknown): Said {
  if (typeof said !== 'object' || said === null) return { kind: 'failed', code: 'malformed-reply' }
  const { code, sub_code: subCode = '' } = said as Record<string, unknown>
  if (typeof code !== 'string' || typeof subCode !== 'string') return { kind: 'failed', code: 'malformed-reply' }
  if (code === '10000') return { kind: 'answered', said }
  if (code === '20000' || /^(ACQ\.)?SYSTEM_ERROR$|^(isp|aop)\./.test(subCode))
    return { kind: 'failed', code: 'server-error' }
  return { kind: 'refused', code, subCode }
}
